package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"sextant/e2e/cluster"
	"sextant/e2e/harness"
)

// Where the chart's release is; its Service is helm/adapter-sextant.
const (
	chartNamespace = "helm"
	chartRelease   = "adapter"
	chartService   = "adapter-sextant"
)

const chartRules = `
rules:
  default: false
  custom:
  - seriesQuery: load{namespace!="",pod!=""}
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
    name: {as: %s}
    metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
  external:
  - seriesQuery: queue_length{namespace!=""}
    resources: {overrides: {namespace: {resource: namespace}}}
    metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>})
`

// What a chart installs is enough: the program, started as the Deployment says, with the rights of its ServiceAccount and registered by the
// chart's APIServices, scales. A release comes, changes, goes back and goes without a trace.
func TestChart(t *testing.T) {
	if err := cluster.IssueServingCert(world.Plane.Path(""), chartService, chartNamespace); err != nil {
		t.Fatal(err)
	}
	world.MakeNamespace(t, chartNamespace)
	chart, values := harness.Deploy(t, "chart/sextant"), filepath.Join(t.TempDir(), "values.yaml")
	writeFile(t, values, fmt.Sprintf(chartRules, "load"))
	release := func(command string, more ...string) {
		t.Helper()
		world.MustHelm(t, append([]string{command, chartRelease, chart, "-n", chartNamespace, "--values", values,
			"--set", "prometheus.url=" + world.Prometheus.URL + ",prometheus.port=0,tls.existingSecret=serving",
			"--set", fmt.Sprintf("service.port=%d", world.Balancer.Port),
			"--set-file", "apiService.caBundle=" + world.Plane.Path(cluster.ServingAuthority+".crt")}, more...)...)
		// There are no nodes, so nothing leads from a Service to a process of this machine but its name.
		_, err := world.Kubectl("admin", "patch", "service", chartService, "-n", chartNamespace, "-p",
			`{"spec": {"type": "ExternalName", "externalName": "127.0.0.1", "clusterIP": null}}`)
		if err != nil {
			t.Fatal(err)
		}
	}
	release("install")
	t.Cleanup(func() { world.Helm("uninstall", chartRelease, "-n", chartNamespace) })
	before := identities(t)
	config := startAsDeployed(t)
	for _, name := range []string{"v1beta1.custom.metrics.k8s.io", "v1beta1.external.metrics.k8s.io"} {
		harness.Within(t, minute, "APIService "+name+" is available", func() error { return world.Available(name) })
	}

	t.Run("ScalesByPodsAndByAnExternalMetric", func(t *testing.T) {
		const namespace, queue = "by-chart", `queue_length{namespace="by-chart"}`
		world.MakeNamespace(t, namespace)
		world.Exporter.Set(queue, 30)
		t.Cleanup(func() { world.Exporter.Remove(queue) })
		world.MakeDeployment(t, namespace, "web", 1)
		world.MakeDeployment(t, namespace, "worker", 1)
		world.SetForPods(t, namespace, "web", `load{namespace="by-chart",pod="POD"}`, harness.Always(20))
		world.MakeHPA(t, namespace, "web", 1, 3, podsMetric("load", "10"))
		world.MakeHPA(t, namespace, "worker", 1, 5, externalMetric("queue_length", "10"))
		world.WaitForReplicas(t, namespace, "web", 3)
		world.WaitForReplicas(t, namespace, "worker", 3)
	})
	t.Run("AnUpgradeChangesRulesAndReplacesNothing", func(t *testing.T) {
		writeFile(t, values, fmt.Sprintf(chartRules, "load_by_pod"))
		release("upgrade")
		same(t, before, identities(t))
		syncConfig(t, config)
		harness.Within(t, minute, "the new name is listed, and the old one is not", func() error {
			return listed("load_by_pod", "load")
		})
	})
	t.Run("ARollbackBringsTheOldRulesBack", func(t *testing.T) {
		world.MustHelm(t, "rollback", chartRelease, "1", "-n", chartNamespace)
		same(t, before, identities(t))
		syncConfig(t, config)
		if text, err := os.ReadFile(config); err != nil || strings.Contains(string(text), "load_by_pod") {
			t.Errorf("the rules are (%v)\n%s", err, text)
		}
	})
	t.Run("WrongRulesDoNotReachTheCluster", func(t *testing.T) {
		_, err := world.Helm("upgrade", chartRelease, chart, "-n", chartNamespace, "--reuse-values", "--set", "rules.custom[0].seriesQuerie=up")
		if err == nil || !strings.Contains(err.Error(), "seriesQuerie") {
			t.Errorf("helm says: %v", err)
		}
		same(t, before, identities(t))
	})
	t.Run("AnUninstallLeavesNothing", func(t *testing.T) {
		world.MustHelm(t, "uninstall", chartRelease, "-n", chartNamespace, "--wait")
		if left := identities(t); len(left) > 0 {
			t.Errorf("there are still %v", slices.Sorted(maps.Keys(left)))
		}
	})
}

// A release of prometheus-adapter becomes one of this chart: the same values and names, one upgrade, nothing immutable touched and nothing
// replaced. The chart it starts from stands in testdata and has that chart's objects, names, labels and selectors.
func TestChartTakesOver(t *testing.T) {
	const namespace = "takes-over"
	world.MakeNamespace(t, namespace)
	chart, values := harness.Deploy(t, "chart/sextant"), filepath.Join(t.TempDir(), "values.yaml")
	writeFile(t, values, fmt.Sprintf(chartRules, "load"))
	world.MustHelm(t, "install", chartRelease, "testdata/prometheus-adapter", "-n", namespace, "--values", values)
	t.Cleanup(func() { world.Helm("uninstall", chartRelease, "-n", namespace) })
	before := identities(t)
	if len(before) < 10 {
		t.Fatalf("the release has only %v", before)
	}
	world.MustHelm(t, "upgrade", chartRelease, chart, "-n", namespace, "--values", values, "--set", "nameOverride=prometheus-adapter")
	same(t, before, identities(t))
	found, err := world.Client.AppsV1().Deployments(namespace).Get(context.Background(), chartRelease+"-prometheus-adapter", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if image := found.Spec.Template.Spec.Containers[0].Image; !strings.HasPrefix(image, "sextant:") {
		t.Errorf("the Deployment runs %s", image)
	}
	world.MustHelm(t, "rollback", chartRelease, "-n", namespace)
	same(t, before, identities(t))
}

// A CA of the chart's own is made once: an upgrade keeps certificate and CA, and only a Secret that is gone is made anew.
func TestChartKeepsItsOwnCA(t *testing.T) {
	const namespace, release, name = "own-ca", "keeps", "keeps-own-ca"
	world.MakeNamespace(t, namespace)
	helm := func(command string) {
		t.Helper()
		world.MustHelm(t, command, release, harness.Deploy(t, "chart/sextant"), "-n", namespace, "--set",
			"nameOverride=own-ca,tls.ownCA.enabled=true,rules.default=false,rules.external[0].seriesQuery=up")
	}
	// The Secret's data, and what the API server verifies by.
	made := func() map[string][]byte {
		t.Helper()
		secret, err := world.Client.CoreV1().Secrets(namespace).Get(context.Background(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := world.Kubectl("admin", "get", "apiservice", "v1beta1.external.metrics.k8s.io", "-o", "json")
		if err != nil {
			t.Fatal(err)
		}
		var service struct {
			Spec struct {
				CABundle              []byte `json:"caBundle"`
				InsecureSkipTLSVerify bool   `json:"insecureSkipTLSVerify"`
			}
		}
		if err := json.Unmarshal([]byte(text), &service); err != nil {
			t.Fatal(err)
		}
		if service.Spec.InsecureSkipTLSVerify || string(service.Spec.CABundle) != string(secret.Data["ca.crt"]) {
			t.Errorf("the APIService says %+v, and the CA is %s", service.Spec, secret.Data["ca.crt"])
		}
		return secret.Data
	}
	helm("install")
	t.Cleanup(func() { world.Helm("uninstall", release, "-n", namespace) })
	first := made()
	helm("upgrade")
	if second := made(); !maps.EqualFunc(first, second, slices.Equal) {
		t.Error("the upgrade made another certificate")
	}
	if err := world.Client.CoreV1().Secrets(namespace).Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	helm("upgrade")
	if third := made(); maps.EqualFunc(first, third, slices.Equal) {
		t.Error("the certificate that was deleted is back")
	}
}

// startAsDeployed runs the program with the arguments of the chart's Deployment, its files where this machine has them, as the chart's
// ServiceAccount. It returns where the file of rules is.
func startAsDeployed(t *testing.T) string {
	t.Helper()
	deployment, err := world.Client.AppsV1().Deployments(chartNamespace).Get(context.Background(), chartService, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pod := deployment.Spec.Template.Spec
	dir, err := os.MkdirTemp(world.Dir, "chart-")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config.yaml")
	syncConfig(t, config)
	places := strings.NewReplacer("/etc/adapter", dir, "/tmp/cert", filepath.Join(dir, "cert"),
		"/var/run/serving-cert/tls", world.Plane.Path(chartService), "--secure-port=6443", "--secure-port=0")
	var args []string
	for _, arg := range pod.Containers[0].Args {
		args = append(args, places.Replace(arg))
	}
	// In a pod the API server's address and the token are where they always are; here a kubeconfig says so.
	kubeconfig := world.TokenKubeconfig(t, chartNamespace, pod.ServiceAccountName, world.Plane.Server())
	args = append(args, "--bind-address=127.0.0.1", "--lister-kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig,
		"--authorization-kubeconfig="+kubeconfig)
	sextant := world.StartSextantWith(t, dir, args...)
	world.Balancer.Replace(sextant.Address)
	return config
}

// syncConfig writes the chart's ConfigMap to a file, as a kubelet does.
func syncConfig(t *testing.T, path string) {
	t.Helper()
	found, err := world.Client.CoreV1().ConfigMaps(chartNamespace).Get(context.Background(), chartService, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, found.Data["config.yaml"])
}

// identities are the uids of all objects of the release, by kind and name.
func identities(t *testing.T) map[string]string {
	t.Helper()
	kinds := "deployments,services,serviceaccounts,configmaps,secrets,clusterroles,clusterrolebindings,rolebindings,apiservices," +
		"poddisruptionbudgets,networkpolicies,horizontalpodautoscalers"
	text, err := world.Kubectl("admin", "get", kinds, "-A", "-l", "app.kubernetes.io/instance="+chartRelease, "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []struct {
			Kind     string
			Metadata struct{ Name, Namespace, UID string }
		}
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, item := range list.Items {
		found[strings.Join([]string{item.Kind, item.Metadata.Namespace, item.Metadata.Name}, " ")] = item.Metadata.UID
	}
	return found
}

func same(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name, uid := range before {
		if after[name] != uid {
			t.Errorf("%s was %q and is %q", name, uid, after[name])
		}
	}
	for name := range after {
		if before[name] == "" {
			t.Errorf("%s is new", name)
		}
	}
}

// listed is nil if custom metrics of pods have the one name and not the other.
func listed(there, gone string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	text, err := world.Client.RESTClient().Get().AbsPath("/apis/custom.metrics.k8s.io/v1beta1").DoRaw(ctx)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), `"pods/`+there+`"`) || strings.Contains(string(text), `"pods/`+gone+`"`) {
		return fmt.Errorf("the list is %s", text)
	}
	return nil
}
