package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"

	"sextant/e2e/harness"
)

// Two replicas share nothing; while one of them is replaced, no caller notices.
func TestAReplicaThatIsReplacedUnderLoad(t *testing.T) {
	world.MakeNamespace(t, "replicas")
	world.Exporter.Set(`queue_length{namespace="replicas"}`, 5)
	waitForValue(t, `queue_length{namespace="replicas"}`, "5")
	flags := append(world.ClusterFlags(t), "--shutdown-delay-duration", "3s")
	leaving, staying := world.StartSextant(t, clusterRules, flags...), world.StartSextant(t, clusterRules, flags...)
	follower := world.FollowReadiness(t, leaving, staying)
	world.Register(t, harness.Versions)

	load := startLoad(t, "/apis/external.metrics.k8s.io/v1beta1/namespaces/replicas/queue_length", 4)
	load.waitForMore(t, 200)
	leaving.Stop(t)
	load.waitForMore(t, 200)
	follower.Add(world.StartSextant(t, clusterRules, flags...))
	load.waitForMore(t, 200)
	staying.Stop(t)
	load.waitForMore(t, 200)
	sent, failed := load.stop()
	if len(failed) > 0 {
		t.Errorf("%d of %d requests failed: %v", len(failed), sent, errors.Join(failed[:min(len(failed), 5)]...))
	}
	harness.Note(t, "%d requests while two replicas were stopped and one started, %d failed", sent, len(failed))
}

// load is what several callers ask for without a pause, through the API server.
type load struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	sent   atomic.Int64
	mutex  sync.Mutex
	failed []error
}

func startLoad(t *testing.T, path string, callers int) *load {
	t.Helper()
	config, err := world.Config("admin")
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*minute)
	l := &load{cancel: cancel}
	t.Cleanup(cancel)
	for range callers {
		l.done.Go(func() {
			for ctx.Err() == nil {
				// No retries, which would hide a failure.
				err := client.RESTClient().Get().MaxRetries(0).RequestURI(path).Do(ctx).Error()
				if ctx.Err() != nil {
					return
				}
				l.sent.Add(1)
				if err != nil {
					l.mutex.Lock()
					l.failed = append(l.failed, fmt.Errorf("%w: %s, as request %d", err, whatItSaid(err), l.sent.Load()))
					l.mutex.Unlock()
				}
			}
		})
	}
	return l
}

// whatItSaid is the body of a failed reply, which client-go's text leaves out.
func whatItSaid(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return "no reply"
	}
	causes, _ := json.Marshal(status.Status().Details.Causes)
	return string(causes)
}

// waitForMore waits until so many more requests were answered.
func (l *load) waitForMore(t *testing.T, count int64) {
	t.Helper()
	goal := l.sent.Load() + count
	harness.Within(t, 30*time.Second, fmt.Sprintf("%d requests are answered", goal), func() error {
		if sent := l.sent.Load(); sent < goal {
			return fmt.Errorf("it is %d", sent)
		}
		return nil
	})
}

func (l *load) stop() (int64, []error) {
	l.cancel()
	l.done.Wait()
	return l.sent.Load(), l.failed
}
