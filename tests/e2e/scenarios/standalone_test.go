package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sextant/e2e/harness"
)

// A sextant without a cluster answers this machine, so a real API server on the same machine can stand in front of it.
func TestStandalone(t *testing.T) {
	const namespace, queue = "alone", `queue_length{namespace="alone"}`
	world.Exporter.Set(queue, 1)
	world.Exporter.Set(`load{namespace="alone",service="shop"}`, 5)
	t.Cleanup(func() { world.Exporter.Remove(queue, `load{namespace="alone",service="shop"}`) })
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "web", 2)
	objects := objectsFile(t, namespace)
	world.SetForPods(t, namespace, "web", `load{namespace="alone",pod="POD"}`, harness.Always(2))
	sextant := world.StartSextant(t, loadRules, append(slices.Clone(harness.Alone), "--standalone-objects", objects)...)
	world.Balancer.Replace(sextant.Address)
	world.Register(t, harness.Versions)

	t.Run("EveryPathThroughTheAPIServerIsTheDirectAnswer", func(t *testing.T) {
		comparePaths(t, sextant, "", namespace, commonPaths)
	})
	t.Run("ADeploymentFollowsAnObject", func(t *testing.T) {
		world.MakeHPA(t, namespace, "web", 1, 5, objectMetric("load", "{apiVersion: v1, kind: Service, name: shop}", "2"))
		world.WaitForReplicas(t, namespace, "web", 3)
		world.Exporter.Set(`load{namespace="alone",service="shop"}`, 1)
		world.WaitForReplicas(t, namespace, "web", 1)
	})
	t.Run("ADeploymentGoesToZeroAndBackByAQueue", func(t *testing.T) {
		world.MakeDeployment(t, namespace, "worker", 1)
		world.MakeHPA(t, namespace, "worker", 0, 5, externalMetric("queue_length", "10"))
		world.Exporter.Set(queue, 0)
		world.WaitForReplicas(t, namespace, "worker", 0)
		world.Exporter.Set(queue, 35)
		world.WaitForReplicas(t, namespace, "worker", 4)
	})
}

// objectsFile has what sextant is to know of the namespace, as kubectl prints it.
func objectsFile(t *testing.T, namespace string) string {
	t.Helper()
	world.Apply(t, "{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: "+namespace+"}, spec: {ports: [{port: 80}]}}")
	text, err := world.Kubectl("admin", "get", "pods,services", "-n", namespace, "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "objects.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// waitForValue waits until Prometheus answers so: until the last scrape has what the test has set.
func waitForValue(t *testing.T, query, value string) {
	t.Helper()
	harness.Within(t, 20*time.Second, fmt.Sprintf("%s is %q", query, value), func() error {
		found, err := world.Prometheus.Value(query)
		if err == nil && found != value {
			err = fmt.Errorf("it is %q", found)
		}
		return err
	})
}
