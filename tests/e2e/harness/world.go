package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"sextant/e2e/cluster"
	"sextant/e2e/process"
)

// World is what all scenarios of a run share.
type World struct {
	Dir            string
	SextantProgram string
	Plane          *cluster.Plane
	Prometheus     *Prometheus
	Exporter       *Exporter
	Balancer       *Balancer
	Client         *kubernetes.Clientset // an administrator's
	Dynamic        *dynamic.DynamicClient
	Discovery      *discovery.DiscoveryClient
	kubectl        string
	pods           *process.Process
}

// SyncPeriod is that of the HPA controller: short, so that no scenario waits long for it.
const SyncPeriod = 2 * time.Second

// Long is whether there is time for scenarios that wait for minutes: SEXTANT_E2E_LONG is 1.
func Long() bool { return os.Getenv("SEXTANT_E2E_LONG") == "1" }

// NewWorld brings up what the environment names: E2E_DIR (a folder, emptied), E2E_KUBE, E2E_KUBECTL, E2E_PROMETHEUS and E2E_SEXTANT
// (programs). tests/e2e/run sets them.
func NewWorld() (*World, error) {
	places := map[string]string{}
	for _, name := range []string{"E2E_DIR", "E2E_KUBE", "E2E_KUBECTL", "E2E_PROMETHEUS", "E2E_SEXTANT"} {
		if places[name] = os.Getenv(name); places[name] == "" {
			return nil, errors.New(name + " is not set; tests/e2e/run does it")
		}
	}
	dir := places["E2E_DIR"]
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "prometheus"), 0o755); err != nil {
		return nil, err
	}
	w := &World{Dir: dir, SextantProgram: places["E2E_SEXTANT"], kubectl: places["E2E_KUBECTL"]}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := w.start(ctx, places); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

func (w *World) start(ctx context.Context, places map[string]string) error {
	var err error
	w.Plane, err = cluster.Start(ctx, cluster.Options{
		Program: places["E2E_KUBE"], Dir: filepath.Join(w.Dir, "cluster"), Controllers: cluster.DefaultControllers, SyncPeriod: SyncPeriod,
		ControllerFlags: []string{"--kube-api-qps=1000", "--kube-api-burst=2000", "--horizontal-pod-autoscaler-downscale-stabilization=1s"}})
	if err != nil {
		return err
	}
	if err := w.connect(); err != nil {
		return err
	}
	w.pods, err = process.Start("ready-pods", filepath.Join(w.Dir, "ready-pods.log"), places["E2E_KUBE"],
		"ready-pods", "--kubeconfig", w.Plane.Path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	if w.Exporter, err = NewExporter(); err != nil {
		return err
	}
	if w.Prometheus, err = StartPrometheus(ctx, places["E2E_PROMETHEUS"], filepath.Join(w.Dir, "prometheus"), w.Exporter); err != nil {
		return err
	}
	if w.Balancer, err = NewBalancer(); err != nil {
		return err
	}
	return cluster.IssueServingCert(filepath.Join(w.Dir, "cluster"), Service, Namespace)
}

func (w *World) connect() error {
	config, err := w.Config("admin")
	if err != nil {
		return err
	}
	if w.Client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if w.Dynamic, err = dynamic.NewForConfig(config); err != nil {
		return err
	}
	w.Discovery, err = discovery.NewDiscoveryClientForConfig(config)
	return err
}

// Config is how USER.kubeconfig reaches the API server, without a throttle of the client.
func (w *World) Config(user string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", w.Plane.Path(user+".kubeconfig"))
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 1000, 1000
	return config, nil
}

// Stop ends everything that was started.
func (w *World) Stop() {
	if w.Balancer != nil {
		w.Balancer.Close()
	}
	if w.Prometheus != nil {
		w.Prometheus.Stop()
	}
	if w.Exporter != nil {
		w.Exporter.Close()
	}
	if w.pods != nil {
		w.pods.Stop(5 * time.Second)
	}
	if w.Plane != nil {
		w.Plane.Stop(io.Discard)
	}
}

// Kubectl runs kubectl as USER of the control plane ("admin") and returns what it prints; the error has what it complains of.
func (w *World) Kubectl(user string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, w.kubectl, args...)
	command.Env = []string{"KUBECONFIG=" + w.Plane.Path(user+".kubeconfig"), "HOME=" + w.Dir}
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return string(output), fmt.Errorf("kubectl %q: %w: %s", args, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return string(output), nil
}

// Note shows a figure at the end of the run.
func Note(t testing.TB, format string, values ...any) {
	t.Helper()
	fmt.Printf("figure: "+format+"\n", values...)
}
