package scenarios

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"sextant/e2e/cluster"
	"sextant/e2e/harness"
)

// The examples of docs/examples, with their rules and HPAs as they are written. Where an HPA waits minutes before it scales, what it reads
// is looked at instead.

// seed is one example in the cluster.
type seed struct {
	name      string // its folder
	resources bool   // it asks for metrics.k8s.io too, which its rules are silent about
	rules     string // in place of the example's own, if any
	workloads []workload
	series    []podSeries
}

type workload struct{ namespace, name, app, container string }

// podSeries is a series that each pod of an app has; POD stands for its name.
type podSeries struct {
	namespace, app, series string
	value                  func() float64
}

// counter grows by so much a second.
func counter(perSecond float64) func() float64 {
	start := time.Now()
	return func() float64 { return 1000 + perSecond*time.Since(start).Seconds() }
}

// What kube-prometheus tells of containers, as rules for metrics.k8s.io.
const containerRules = `
resourceRules:
  cpu:
    containerQuery: sum by (<<.GroupBy>>) (rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>,container!="",pod!=""}[1m]))
    nodeQuery: sum by (<<.GroupBy>>) (rate(node_cpu_seconds_total{<<.LabelMatchers>>,mode!="idle"}[1m]))
    resources: {overrides: {namespace: {resource: namespace}, node: {resource: node}, pod: {resource: pod}}}
    containerLabel: container
  memory:
    containerQuery: sum by (<<.GroupBy>>) (container_memory_working_set_bytes{<<.LabelMatchers>>,container!="",pod!=""})
    nodeQuery: sum by (<<.GroupBy>>) (node_memory_working_set_bytes{<<.LabelMatchers>>})
    resources: {overrides: {namespace: {resource: namespace}, node: {resource: node}, pod: {resource: pod}}}
    containerLabel: container
  window: 1m
`

func TestSeeds(t *testing.T) {
	t.Run("VLLM", func(t *testing.T) {
		kit := plant(t, seed{name: "vllm-gpu",
			workloads: []workload{{"vllm-example", "vllm-gemma-deployment", "gemma-server", "inference-server"},
				{"default", "vllm-gemma-deployment", "gemma-server", "inference-server"}},
			series: []podSeries{
				{"vllm-example", "gemma-server", `vllm:num_requests_running{namespace="vllm-example",pod="POD",engine="0",model_name="google/gemma-3-1b-it"}`, harness.Always(8)},
				{"vllm-example", "gemma-server", `dcgm_fi_dev_gpu_util_relabelled{namespace="vllm-example",pod="POD",gpu="0",modelName="NVIDIA L4"}`, harness.Always(42)},
				{"default", "gemma-server", `vllm:num_requests_running{namespace="default",pod="POD",engine="0"}`, harness.Always(3)},
			}})
		// Two HPAs of one Deployment are refused by the controller: one after the other.
		kit.apply(t, "vllm-example", "gemma-server-hpa")
		world.WaitForReplicas(t, "vllm-example", "vllm-gemma-deployment", 5)
		kit.remove(t, "vllm-example", "gemma-server-hpa")
		kit.apply(t, "vllm-example", "gemma-server-gpu-hpa")
		waitForCurrent(t, "vllm-example", "gemma-server-gpu-hpa", "gpu_utilization_percent", "42")
		kit.apply(t, "default", "gemma-server-hpa")
		waitForCurrent(t, "default", "gemma-server-hpa", "prometheus.googleapis.com|vllm:num_requests_running|gauge", "3")
	})
	t.Run("VLLMByStackdriversName", func(t *testing.T) {
		kit := plant(t, seed{name: "vllm-gpu", rules: "stackdriver: {}\n",
			workloads: []workload{{"default", "vllm-gemma-deployment", "gemma-server", "inference-server"}},
			series: []podSeries{
				{"default", "gemma-server", `vllm:num_requests_running{namespace="default",pod="POD",engine="0"}`, harness.Always(5)},
				{"default", "gemma-server", `vllm:num_requests_running{namespace="default",pod="POD",engine="1"}`, harness.Always(3)},
			}})
		kit.apply(t, "default", "gemma-server-hpa")
		waitForCurrent(t, "default", "gemma-server-hpa", "prometheus.googleapis.com|vllm:num_requests_running|gauge", "8")
		world.WaitForReplicas(t, "default", "vllm-gemma-deployment", 5)
	})
	t.Run("IstioAndARollout", func(t *testing.T) {
		world.Apply(t, rolloutDefinition)
		kit := plant(t, seed{name: "istio-rollout-gpu",
			workloads: []workload{{"test", "podinfo", "podinfo", "podinfod"}, {"zone-itg", "aiservice", "aiservice", "service"}},
			series: []podSeries{
				{"test", "podinfo", `istio_requests_total{namespace="test",pod="POD",reporter="destination",response_code="200"}`, counter(100)},
				{"zone-itg", "aiservice", `DCGM_FI_DEV_GPU_UTIL{app="nvidia-dcgm-exporter",service="nvidia-dcgm-exporter",container="service",pod="POD",exported_namespace="zone-itg",namespace="infra",gpu="0"}`, harness.Always(90)},
			}})
		makeRollout(t, "zone-itg", "aiservice")
		kit.apply(t, "zone-itg", "aiservice")
		waitForRollout(t, "zone-itg", "aiservice", 2)
		kit.apply(t, "test", "podinfo")
		waitForMoreThan(t, "test", "podinfo", 1)
	})
	t.Run("RequestDuration", func(t *testing.T) {
		sum, count := counter(10.014), counter(1)
		kit := plant(t, seed{name: "request-duration",
			workloads: []workload{{"default", "python-app-deployment", "python-app", "main"}},
			series: []podSeries{
				{"default", "python-app", `python_request_duration_seconds_sum{instance="python-app.default.svc.cluster.local:3000",job="python-app"}`, sum},
				{"default", "python-app", `python_request_duration_seconds_count{instance="python-app.default.svc.cluster.local:3000",job="python-app"}`, count},
			}})
		kit.apply(t, "default", "python-app-hpa")
		waitForCurrent(t, "default", "python-app-hpa", "python_request_duration_seconds_per_request", "")
	})
	t.Run("MedicalKG", func(t *testing.T) {
		var workloads []workload
		var series []podSeries
		for _, name := range []string{"gpu-management-service", "embedding-service", "reranking-service", "docling-vlm-service"} {
			workloads = append(workloads, workload{"medical-kg", name, name, "main"})
			of := `{namespace="medical-kg",pod="POD",container="main"}`
			series = append(series,
				podSeries{"medical-kg", name, "container_cpu_usage_seconds_total" + of, counter(0.05)},
				podSeries{"medical-kg", name, "container_memory_working_set_bytes" + of, harness.Always(50 << 20)},
				podSeries{"medical-kg", name, `gpu_utilization_percent{device_id="0",namespace="medical-kg",pod="POD"}`, harness.Always(70)},
				podSeries{"medical-kg", name, `gpu_utilization_percent{device_id="1",namespace="medical-kg",pod="POD"}`, harness.Always(91)},
				podSeries{"medical-kg", name, `gpu_memory_usage_mb{device_id="0",namespace="medical-kg",pod="POD"}`, harness.Always(23552)})
		}
		kit := plant(t, seed{name: "medical-kg-gpu", resources: true, workloads: workloads, series: series})
		for _, hpa := range []string{"gpu-management-hpa", "embedding-service-hpa", "reranking-service-hpa", "docling-vlm-service-hpa"} {
			kit.apply(t, "medical-kg", hpa)
		}
		for _, hpa := range []string{"embedding-service-hpa", "reranking-service-hpa", "docling-vlm-service-hpa"} {
			waitForCurrent(t, "medical-kg", hpa, "gpu_utilization_percent", "80500m")
		}
		waitForCurrent(t, "medical-kg", "docling-vlm-service-hpa", "gpu_memory_usage_mb", "23552")
		for _, hpa := range []string{"gpu-management-hpa", "embedding-service-hpa", "reranking-service-hpa", "docling-vlm-service-hpa"} {
			waitForCurrent(t, "medical-kg", hpa, "cpu", "")
			waitForCurrent(t, "medical-kg", hpa, "memory", "50Mi")
		}
	})
	t.Run("Ollama", func(t *testing.T) {
		kit := plant(t, seed{name: "suse-ai-ollama",
			workloads: []workload{{"suse-private-ai", "ollama", "ollama", "ollama"}},
			series: []podSeries{{"suse-private-ai", "ollama",
				`DCGM_FI_DEV_GPU_UTIL{namespace="suse-private-ai",pod="POD",container="ollama",gpu="0"}`, harness.Always(92.5)}}})
		kit.apply(t, "suse-private-ai", "ollama-hpa")
		world.WaitForReplicas(t, "suse-private-ai", "ollama", 2)
	})
}

// planted is a seed whose HPAs are still to be applied.
type planted struct{ hpas map[string]string }

// plant starts a sextant with the seed's rules, its workloads and their series.
func plant(t *testing.T, s seed) planted {
	t.Helper()
	folder := filepath.Join(os.Getenv("E2E_EXAMPLES"), s.name)
	rules := s.rules
	if rules == "" {
		rules = readFile(t, filepath.Join(folder, "rules.yaml"))
	}
	if s.resources {
		rules += containerRules
	}
	sextant := world.StartSextant(t, rules, world.ClusterFlags(t)...)
	world.Balancer.Replace(sextant.Address)
	world.Register(t, servedBy(rules))
	if s.resources {
		world.Register(t, harness.ResourceVersions)
	}
	var namespaces []string
	for _, w := range s.workloads {
		if w.namespace != "default" && !slices.Contains(namespaces, w.namespace) {
			namespaces = append(namespaces, w.namespace)
			world.MakeNamespace(t, w.namespace)
		}
		world.MakeDeploymentOf(t, w.namespace, w.name, w.app, w.container, 1)
		t.Cleanup(func() { world.Kubectl("admin", "delete", "deployment", "-n", w.namespace, w.name, "--wait=false") })
	}
	for _, one := range s.series {
		world.SetForPods(t, one.namespace, one.app, one.series, one.value)
	}
	return planted{readHPAs(t, filepath.Join(folder, "hpa.yaml"))}
}

// servedBy gives the versions that a sextant with these rules serves: a list of rules that is not there is an API that is not there, unless
// metrics are served by their names alone.
func servedBy(rules string) []cluster.Version {
	var versions []cluster.Version
	for _, version := range harness.Versions {
		list := "\nrules:"
		if version.Group == "external.metrics.k8s.io" {
			list = "\nexternalRules:"
		}
		if strings.Contains("\n"+rules, list) || strings.Contains("\n"+rules, "\nstackdriver:") {
			versions = append(versions, version)
		}
	}
	return versions
}

// readHPAs gives the text of each HPA of a file, by namespace and name.
func readHPAs(t *testing.T, path string) map[string]string {
	t.Helper()
	hpas := map[string]string{}
	for _, text := range strings.Split(readFile(t, path), "\n---\n") {
		var hpa autoscalingv2.HorizontalPodAutoscaler
		if err := yaml.Unmarshal([]byte(text), &hpa); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		hpas[hpa.Namespace+"/"+hpa.Name] = text
	}
	return hpas
}

func (p planted) apply(t *testing.T, namespace, name string) {
	t.Helper()
	text, found := p.hpas[namespace+"/"+name]
	if !found {
		t.Fatalf("the example has no HPA %s/%s", namespace, name)
	}
	world.Apply(t, text)
	t.Cleanup(func() { p.delete(namespace, name) })
}

func (p planted) remove(t *testing.T, namespace, name string) {
	t.Helper()
	if err := p.delete(namespace, name); err != nil {
		t.Fatal(err)
	}
}

func (planted) delete(namespace, name string) error {
	return world.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Delete(context.Background(), name, metav1.DeleteOptions{})
}

// waitForCurrent waits until an HPA has read a metric, with that value unless it is empty, and all its other metrics too.
func waitForCurrent(t *testing.T, namespace, name, metric, value string) {
	t.Helper()
	harness.Within(t, 90*time.Second, fmt.Sprintf("HPA %s/%s has read %s", namespace, name, metric), func() error {
		status, reason, message, err := world.HPACondition(namespace, name)
		if err != nil {
			return err
		}
		if status != corev1.ConditionTrue || reason != "ValidMetricFound" {
			return fmt.Errorf("it says %s: %s", reason, message)
		}
		found, err := world.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(context.Background(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, current := range found.Status.CurrentMetrics {
			if have, ok := currentValue(current, metric); ok && (value == "" || have == value) {
				return nil
			} else if ok {
				return fmt.Errorf("it is %s", have)
			}
		}
		return fmt.Errorf("it has read %v", found.Status.CurrentMetrics)
	})
}

// currentValue is what an HPA has read of a metric, of whatever type.
func currentValue(current autoscalingv2.MetricStatus, metric string) (string, bool) {
	var name string
	var value autoscalingv2.MetricValueStatus
	switch {
	case current.Pods != nil:
		name, value = current.Pods.Metric.Name, current.Pods.Current
	case current.Object != nil:
		name, value = current.Object.Metric.Name, current.Object.Current
	case current.External != nil:
		name, value = current.External.Metric.Name, current.External.Current
	case current.Resource != nil:
		name, value = string(current.Resource.Name), current.Resource.Current
	}
	quantity := value.AverageValue
	if quantity == nil {
		quantity = value.Value
	}
	if name != metric || quantity == nil {
		return "", false
	}
	return quantity.String(), true
}

func waitForMoreThan(t *testing.T, namespace, name string, replicas int) {
	t.Helper()
	harness.Within(t, minute, fmt.Sprintf("Deployment %s/%s has more than %d replicas", namespace, name, replicas), func() error {
		have, err := world.Replicas(namespace, name)
		if err == nil && have <= replicas {
			err = fmt.Errorf("it has %d; its HPA: %s", have, world.DescribeHPA(namespace, name))
		}
		return err
	})
}
