package scenarios

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"sextant/e2e/harness"
)

const (
	manyHPAs   = 200
	manyPeriod = 15 * time.Second // the controller's own default
)

// Many HPAs at once: each is served in each round of the controller, and what that costs is shown.
func TestManyHPAs(t *testing.T) {
	const namespace = "many"
	sextant := startInCluster(t)
	setSyncPeriod(t, manyPeriod)
	t.Cleanup(func() { setSyncPeriod(t, harness.SyncPeriod) })
	world.MakeNamespace(t, namespace)
	makeMany(t, namespace)
	world.Exporter.SetSource("many", func() map[string]float64 {
		list, err := world.Client.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			return nil
		}
		all := map[string]float64{}
		for _, pod := range list.Items {
			all[fmt.Sprintf("load{namespace=%q,pod=%q}", namespace, pod.Name)] = 10
		}
		return all
	})
	t.Cleanup(func() { world.Exporter.SetSource("many", nil) })
	harness.Within(t, 2*minute, "all HPAs have their metric", func() error { return allValid(namespace) })

	earlier := len(waits(t, sextant, namespace))
	before, cpu, begin := requests(t, sextant), sextant.Process.CPU(), time.Now()
	harness.Within(t, 3*manyPeriod, "two rounds are over", func() error {
		if now := requests(t, sextant); now.count < before.count+2*manyHPAs {
			return fmt.Errorf("%d of %d requests are answered", now.count-before.count, 2*manyHPAs)
		}
		return nil
	})
	after, spent := requests(t, sextant), sextant.Process.CPU()-cpu
	count := after.count - before.count
	rounds := float64(count) / manyHPAs
	if err := allValid(namespace); err != nil {
		t.Error(err)
	}
	if after.throttled != 0 {
		t.Errorf("%d requests were refused as too many", after.throttled)
	}
	harness.Note(t, "%d HPAs, period %v: %d requests in %.1f s, each waits %.2f ms for sextant on average", manyHPAs, manyPeriod, count,
		time.Since(begin).Seconds(), 1000*(after.seconds-before.seconds)/float64(count))
	took := waits(t, sextant, namespace)[earlier:]
	if len(took) < 2*manyHPAs {
		t.Fatalf("the log has %d requests of the %d that were counted", len(took), count)
	}
	slices.Sort(took)
	harness.Note(t, "an HPA's sync waits for sextant (one request each): p50 %d ms, p99 %d ms, longest %d ms", took[len(took)/2],
		took[len(took)*99/100], took[len(took)-1])
	memory, peak := sextant.Process.Memory()
	harness.Note(t, "a round of %d HPAs costs sextant %.0f ms of CPU; it holds %d MiB (peak %d)", manyHPAs,
		float64(spent.Milliseconds())/rounds, memory, peak)
}

var loggedRequest = regexp.MustCompile(` request method=GET path=(\S+) .*\bms=(\d+)`)

// waits are the milliseconds that each request for custom metrics of a namespace took, from sextant's log, in its order.
func waits(t *testing.T, sextant *harness.Sextant, namespace string) []int {
	t.Helper()
	var all []int
	for _, match := range loggedRequest.FindAllStringSubmatch(readFile(t, sextant.Process.Log), -1) {
		if !strings.HasPrefix(match[1], "/apis/custom.metrics.k8s.io/") || !strings.Contains(match[1], "/namespaces/"+namespace+"/") {
			continue
		}
		took, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, took)
	}
	return all
}

// makeMany makes Deployments of one pod each and an HPA for each, which finds its target met.
func makeMany(t *testing.T, namespace string) {
	t.Helper()
	for i := range manyHPAs {
		name := fmt.Sprintf("work-%03d", i)
		world.Apply(t, fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  selector: {matchLabels: {app: %[2]s}}
  template:
    metadata: {labels: {app: %[2]s}}
    spec: {containers: [{name: main, image: none}]}
`, namespace, name))
		world.MakeHPA(t, namespace, name, 1, 5, podsMetric("load", "10"))
	}
}

func allValid(namespace string) error {
	list, err := world.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		return err
	}
	valid, last := 0, ""
	for _, hpa := range list.Items {
		for _, condition := range hpa.Status.Conditions {
			if condition.Type != autoscalingv2.ScalingActive {
				continue
			}
			if condition.Reason == "ValidMetricFound" {
				valid++
			} else {
				last = hpa.Name + ": " + condition.Message
			}
		}
	}
	if valid != manyHPAs {
		return fmt.Errorf("%d of %d have it; %s", valid, manyHPAs, last)
	}
	return nil
}

// setSyncPeriod restarts the controller with another period.
func setSyncPeriod(t *testing.T, period time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*minute)
	defer cancel()
	world.Plane.StopControllerManager()
	world.Plane.SetSyncPeriod(period)
	if err := world.Plane.StartControllerManager(ctx); err != nil {
		t.Fatal(err)
	}
}

// requestFigures are what sextant's own metrics say of requests for custom metrics.
type requestFigures struct {
	count     int
	seconds   float64
	throttled int
}

func requests(t *testing.T, sextant *harness.Sextant) requestFigures {
	t.Helper()
	var figures requestFigures
	text := sextant.Get(t, sextant.Client(t, "admin"), "/metrics").Body
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		blank := strings.LastIndexByte(line, ' ')
		if blank < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		value, err := strconv.ParseFloat(line[blank+1:], 64)
		if err != nil {
			continue
		}
		custom := strings.Contains(line, `group="custom.metrics.k8s.io"`) && strings.Contains(line, `resource="*"`)
		switch {
		case custom && strings.HasPrefix(line, "apiserver_request_duration_seconds_count{"):
			figures.count += int(value)
		case custom && strings.HasPrefix(line, "apiserver_request_duration_seconds_sum{"):
			figures.seconds += value
		case strings.HasPrefix(line, "apiserver_request_total{") && strings.Contains(line, `code="429"`):
			figures.throttled += int(value)
		}
	}
	return figures
}
