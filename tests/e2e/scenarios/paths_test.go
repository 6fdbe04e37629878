package scenarios

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sextant/e2e/harness"
)

// Forms of path that are answered with 200; NS stands for a namespace with Deployment web of two pods, of which POD is one, and Service shop.
// Each has a load, and the namespace has a queue.
var commonPaths = []string{
	"/apis/custom.metrics.k8s.io/v1beta1",
	"/apis/custom.metrics.k8s.io/v1beta2",
	"/apis/external.metrics.k8s.io/v1beta1",
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/*/load",
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/%2A/load?labelSelector=app%3Dweb",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/load?labelSelector=app+in+%28web%2Cx%29",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/POD/load",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/POD/load?metricLabelSelector=pod%3DPOD",
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/services/shop/load",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/shop/load",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/*/load",
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/metrics/load",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/metrics/load",
	"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length",
	"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length?labelSelector=namespace%3DNS",
	"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length?labelSelector=queue%3Dnone",
}

// What only a sextant of the cluster can answer: what has no namespace, and what containers and nodes use.
var clusterPaths = []string{
	"/apis/custom.metrics.k8s.io/v1beta1/nodes/node-1/load",
	"/apis/custom.metrics.k8s.io/v1beta2/nodes/*/load",
	"/apis/custom.metrics.k8s.io/v1beta2/nodes/*/load?labelSelector=kubernetes.io%2Fhostname%3Dnode-1",
	"/apis/metrics.k8s.io/v1beta1",
	"/apis/metrics.k8s.io/v1",
	"/apis/metrics.k8s.io/v1beta1/nodes",
	"/apis/metrics.k8s.io/v1/nodes/node-1",
	"/apis/metrics.k8s.io/v1beta1/namespaces/NS/pods",
	"/apis/metrics.k8s.io/v1/namespaces/NS/pods?labelSelector=app%3Dweb",
	"/apis/metrics.k8s.io/v1beta1/namespaces/NS/pods/POD",
}

// What is refused, and the words that kubectl shows.
var refusedPaths = map[string]string{
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/*/no_such_metric":                  "the server could not find the metric no_such_metric for pods",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/load?labelSelector=app%3Dnobody": "the server could not find the metric load for pods",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/none/load":                     "the server could not find the metric load for services none",
	"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/load?limit=abc":                  `strconv.ParseInt: parsing "abc": invalid syntax`,
	"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length/further":                 "the server could not find the requested resource",
}

func TestPathsOfTheCluster(t *testing.T) {
	const namespace = "paths"
	world.MakeNamespace(t, namespace)
	world.Apply(t, "{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: paths}, spec: {ports: [{port: 80}]}}")
	world.MakeDeployment(t, namespace, "web", 2)
	for series, value := range map[string]float64{`queue_length{namespace="paths"}`: 1, `load{namespace="paths",service="shop"}`: 5,
		`load{node="node-1"}`: 3, `node_cpu{node="node-1"}`: 2, `node_memory{node="node-1"}`: 1 << 30} {
		world.Exporter.Set(series, value)
		t.Cleanup(func() { world.Exporter.Remove(series) })
	}
	world.SetForPods(t, namespace, "web", `load{namespace="paths",pod="POD"}`, harness.Always(2))
	world.SetForPods(t, namespace, "web", `container_cpu{namespace="paths",pod="POD",container="main"}`, harness.Always(0.25))
	world.SetForPods(t, namespace, "web", `container_memory{namespace="paths",pod="POD",container="main"}`, harness.Always(1<<20))
	waitForValue(t, `count(container_memory{namespace="paths"})`, "2")
	sextant := startInCluster(t)
	world.Register(t, harness.ResourceVersions)
	t.Run("EveryPathThroughTheAPIServerIsTheDirectAnswer", func(t *testing.T) {
		comparePaths(t, sextant, "admin", namespace, append(clusterPaths, commonPaths...))
	})
	t.Run("ProtobufSaysWhatJSONSays", func(t *testing.T) { compareProtobuf(t, namespace) })
}

// The times of an answer are those of its query, so two answers to one question differ in them.
var timestamp = regexp.MustCompile(`"(timestamp|creationTimestamp)":"[^"]*"`)

// comparePaths asks for every path twice, of sextant itself with that certificate and through the API server.
func comparePaths(t *testing.T, sextant *harness.Sextant, certificate, namespace string, paths []string) {
	waitForValue(t, `count(load{namespace="`+namespace+`"})`, "3")
	pod, direct := world.PodNames(t, namespace, "web")[0], sextant.Client(t, certificate)
	replacer := strings.NewReplacer("NS", namespace, "POD", pod)
	for _, path := range paths {
		path = replacer.Replace(path)
		want := sextant.Get(t, direct, path)
		if want.Status != http.StatusOK {
			t.Errorf("%s: directly: %v", path, want)
			continue
		}
		through, err := world.Kubectl("admin", "get", "--raw", path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if masked(through) != masked(want.Body) {
			t.Errorf("%s\nthrough the API server: %s\n              directly: %s", path, through, want.Body)
		}
	}
	for path, message := range refusedPaths {
		_, err := world.Kubectl("admin", "get", "--raw", replacer.Replace(path))
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: want %q, have %v", path, message, err)
		}
	}
}

func masked(body string) string {
	return strings.TrimSpace(timestamp.ReplaceAllString(body, `"$1":"T"`))
}
