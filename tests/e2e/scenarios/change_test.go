package scenarios

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"sextant/e2e/cluster"
	"sextant/e2e/harness"
	"sextant/e2e/pki"
)

const widgetDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

// A kind that is defined while sextant runs has metrics without a restart.
func TestAKindThatIsDefinedLater(t *testing.T) {
	const namespace, series = "later", `load{namespace="later",widget="blue"}`
	sextant := startInCluster(t)
	world.MakeNamespace(t, namespace)
	world.Exporter.Set(series, 7)
	t.Cleanup(func() { world.Exporter.Remove(series) })
	waitForValue(t, series, "7")
	const path = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/later/widgets.example.com/blue/load"
	admin := sextant.Client(t, "admin")
	if answer := sextant.Get(t, admin, path); answer.Status != http.StatusNotFound {
		t.Errorf("before the kind is defined: %v", answer)
	}
	world.Apply(t, widgetDefinition)
	t.Cleanup(func() { world.Kubectl("admin", "delete", "crd", "widgets.example.com", "--wait=false") })
	world.Apply(t, "{apiVersion: example.com/v1, kind: Widget, metadata: {name: blue, namespace: later}}")
	harness.Within(t, minute, "the new kind has the metric", func() error {
		through, err := world.Kubectl("admin", "get", "--raw", path)
		if err == nil && !strings.Contains(through, `"value":"7"`) {
			err = fmt.Errorf("the answer is %s", through)
		}
		return err
	})
}

// An API server that restarts is waited for, and what changes afterwards is seen.
func TestAnAPIServerThatRestarts(t *testing.T) {
	const namespace = "restart"
	series := `load{namespace="restart",pod="POD"}`
	sextant := startInCluster(t)
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "work", 1)
	world.SetForPods(t, namespace, "work", series, harness.Always(20))
	world.MakeHPA(t, namespace, "work", 1, 2, podsMetric("load", "10"))
	world.WaitForReplicas(t, namespace, "work", 2)

	world.Plane.StopAPIServer()
	if answer := sextant.Get(t, sextant.Client(t, ""), "/livez"); answer.Status != http.StatusOK {
		t.Errorf("/livez while the API server is away: %v", answer)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*minute)
	defer cancel()
	if err := world.Plane.StartAPIServer(ctx); err != nil {
		t.Fatal(err)
	}
	// Pods that are made now are seen only if the watch has been taken up again.
	world.MakeHPA(t, namespace, "work", 1, 4, podsMetric("load", "10"))
	world.WaitForReplicas(t, namespace, "work", 4)
	const path = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/restart/pods/*/load?labelSelector=app%3Dwork"
	harness.Within(t, minute, "all four pods have the metric", func() error {
		answer := sextant.Get(t, sextant.Client(t, "admin"), path)
		if answer.Status != http.StatusOK || strings.Count(answer.Body, `"describedObject"`) != 4 {
			return fmt.Errorf("the answer is %v", answer)
		}
		return nil
	})
}

// A watch whose connection breaks is taken up again.
func TestAWatchThatBreaks(t *testing.T) {
	t.Parallel()
	const namespace = "broken"
	way, server := ownWay(t)
	_, hasPods := startByWay(t, way, namespace)
	way.Replace() // no way to the API server
	world.MakeDeployment(t, namespace, "work", 3)
	if err := hasPods(1)(); err != nil {
		t.Errorf("what was known when the watch broke: %v", err)
	}
	way.SetTargets(server)
	harness.Within(t, minute, "the pods that came meanwhile have the metric", hasPods(3))
	world.MakeDeployment(t, namespace, "work", 2)
	harness.Within(t, minute, "the pod that went is not in it", hasPods(2))
}

// A watch on which nothing arrives any more, though its connection stands, is noticed once its time is over.
func TestAWatchThatFallsSilent(t *testing.T) {
	if !harness.Long() {
		t.Skip("it takes three minutes; set SEXTANT_E2E_LONG=1")
	}
	t.Parallel()
	const namespace = "silent"
	way, _ := ownWay(t)
	sextant, hasPods := startByWay(t, way, namespace)
	way.Silence()
	world.MakeDeployment(t, namespace, "work", 3)
	waitForValue(t, `count(load{namespace="silent"})`, "3")
	if err := hasPods(1)(); err != nil {
		t.Errorf("what was known when the watch fell silent: %v", err)
	}
	const restarts = `sextant_kube_watch_restarts_total{reason="silent"}`
	// The API server is asked to end a watch after two to three minutes, and has ten seconds for it.
	harness.Within(t, 4*minute, "the pods that came meanwhile have the metric", hasPods(3))
	if text := sextant.Get(t, sextant.Client(t, "admin"), "/metrics").Body; !strings.Contains(text, restarts+" 1") {
		t.Errorf("/metrics has no line %s 1", restarts)
	}
	world.MakeDeployment(t, namespace, "work", 2)
	harness.Within(t, minute, "the pod that went is not in it", hasPods(2))
}

// ownWay leads to the API server, whose address it returns too.
func ownWay(t *testing.T) (*harness.Balancer, string) {
	t.Helper()
	way, err := harness.NewBalancer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.Close)
	server := strings.TrimPrefix(world.Plane.Server(), "https://")
	way.SetTargets(server)
	return way, server
}

// startByWay starts a sextant that reaches the API server by that way, and returns once it watches the pods of a Deployment, of which there is
// one. The function complains unless so many pods have the metric.
func startByWay(t *testing.T, way *harness.Balancer, namespace string) (*harness.Sextant, func(int) func() error) {
	t.Helper()
	sextant := world.StartSextant(t, clusterRules, world.ClusterFlagsBy(t, fmt.Sprintf("https://127.0.0.1:%d", way.Port))...)
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "work", 1)
	world.SetForPods(t, namespace, "work", fmt.Sprintf("load{namespace=%q,pod=\"POD\"}", namespace), harness.Always(1))
	path := "/apis/custom.metrics.k8s.io/v1beta2/namespaces/" + namespace + "/pods/*/load?labelSelector=app%3Dwork"
	admin := sextant.Client(t, "admin")
	hasPods := func(count int) func() error {
		return func() error {
			answer := sextant.Get(t, admin, path)
			if answer.Status != http.StatusOK || strings.Count(answer.Body, `"describedObject"`) != count {
				return fmt.Errorf("the answer is %v", answer)
			}
			return nil
		}
	}
	harness.Within(t, minute, "the pod has the metric", hasPods(1))
	harness.Within(t, minute, "pods are watched", func() error {
		text := sextant.Get(t, admin, "/metrics").Body
		if !strings.Contains(text, watching+" 1") {
			return fmt.Errorf("/metrics has no line %s 1", watching)
		}
		return nil
	})
	return sextant, hasPods
}

// How sextant's own metrics tell of one resource that is watched.
const watching = `sextant_kube_watches{resource="pods",state="watching"}`

// The authority of the front proxy is replaced step by step while requests go on: both are trusted, the new certificate is used, the old
// authority goes.
func TestAFrontProxyAuthorityThatIsReplaced(t *testing.T) {
	sextant := startInCluster(t)
	const path = "/apis/external.metrics.k8s.io/v1beta1"
	replaced := world.Plane.Path(cluster.FrontProxyAuthority + ".crt")
	oldAuthority := readFile(t, replaced)
	for _, suffix := range []string{".crt", ".key"} {
		writeFile(t, world.Plane.Path("old-aggregator"+suffix), readFile(t, world.Plane.Path("aggregator"+suffix)))
	}
	dir := world.Plane.Path("")
	next, err := pki.Open(dir, "next-front-proxy-ca")
	if err != nil {
		t.Fatal(err)
	}
	newAuthority := readFile(t, world.Plane.Path("next-front-proxy-ca.crt"))
	through := func() error {
		_, err := world.Kubectl("admin", "get", "--raw", path)
		return err
	}
	asProxy := func(certificate string, want int) func() error {
		return func() error {
			answer := sextant.Get(t, sextant.Client(t, certificate), path, [2]string{"X-Remote-User", "admin"}, [2]string{"X-Remote-Group", "system:masters"})
			if answer.Status != want {
				return fmt.Errorf("with the certificate %s: %v", certificate, answer)
			}
			return nil
		}
	}
	if err := next.Issue(dir, "next-aggregator", pki.Identity{CommonName: "front-proxy-client", Usage: x509.ExtKeyUsageClientAuth}); err != nil {
		t.Fatal(err)
	}
	if err := asProxy("next-aggregator", http.StatusUnauthorized)(); err != nil {
		t.Error(err)
	}
	writeFile(t, replaced, oldAuthority+newAuthority)
	harness.Within(t, 2*minute, "the new authority is trusted too", asProxy("next-aggregator", http.StatusOK))
	if err := through(); err != nil {
		t.Errorf("through the API server, with both authorities: %v", err)
	}
	for _, suffix := range []string{".crt", ".key"} {
		writeFile(t, world.Plane.Path("aggregator"+suffix), readFile(t, world.Plane.Path("next-aggregator"+suffix)))
	}
	writeFile(t, replaced, newAuthority)
	forgetOldAuthority(t, newAuthority)
	harness.Within(t, 2*minute, "the old authority is not trusted any more", asProxy("old-aggregator", http.StatusUnauthorized))
	world.Balancer.Replace() // the API server's connection, which has the old certificate
	world.Balancer.Replace(sextant.Address)
	harness.Within(t, 2*minute, "the API server comes through with its new certificate", through)
}

// forgetOldAuthority does what an administrator does: API servers only ever add authorities to the ConfigMap.
func forgetOldAuthority(t *testing.T, newAuthority string) {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"data": map[string]string{"requestheader-client-ca-file": newAuthority}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = world.Client.CoreV1().ConfigMaps("kube-system").Patch(context.Background(), "extension-apiserver-authentication",
		types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
