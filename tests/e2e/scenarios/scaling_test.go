package scenarios

import (
	"context"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"sextant/e2e/harness"
)

// Load of objects of any kind by the label of its name, and the length of a queue.
const loadRules = `
rules:
- seriesQuery: 'load'
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
externalRules:
- seriesQuery: 'queue_length{namespace!=""}'
  resources: {overrides: {namespace: {resource: namespace}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
`

// The same, and what containers and nodes use.
const clusterRules = loadRules + `
resourceRules:
  cpu:
    containerQuery: sum by (<<.GroupBy>>) (container_cpu{<<.LabelMatchers>>})
    nodeQuery: sum by (<<.GroupBy>>) (node_cpu{<<.LabelMatchers>>})
    resources: {overrides: {namespace: {resource: namespace}, node: {resource: node}, pod: {resource: pod}}}
    containerLabel: container
  memory:
    containerQuery: sum by (<<.GroupBy>>) (container_memory{<<.LabelMatchers>>})
    nodeQuery: sum by (<<.GroupBy>>) (node_memory{<<.LabelMatchers>>})
    resources: {overrides: {namespace: {resource: namespace}, node: {resource: node}, pod: {resource: pod}}}
    containerLabel: container
  window: 1m
`

const rolloutDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {plural: rollouts, singular: rollout, kind: Rollout, listKind: RolloutList}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
`

var rollouts = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}

// startInCluster puts a sextant of the cluster behind the balancer and registers it for custom and external metrics.
func startInCluster(t *testing.T) *harness.Sextant {
	t.Helper()
	sextant := world.StartSextant(t, clusterRules, world.ClusterFlags(t)...)
	world.Balancer.Replace(sextant.Address)
	world.Register(t, harness.Versions)
	return sextant
}

func TestHPAs(t *testing.T) {
	world.Apply(t, rolloutDefinition)
	startInCluster(t)
	world.Register(t, harness.ResourceVersions)

	t.Run("OfPods", func(t *testing.T) {
		t.Parallel()
		scaleByPods(t, "of-pods", `load{namespace="of-pods",pod="POD"}`, podsMetric("load", "10"), 20, 1)
	})
	t.Run("OfResource", func(t *testing.T) {
		t.Parallel()
		scaleByPods(t, "of-resource", `container_cpu{namespace="of-resource",pod="POD",container="main"}`,
			"[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]", 0.1, 0.01,
			`container_memory{namespace="of-resource",pod="POD",container="main"}`)
	})
	t.Run("OfContainerResource", func(t *testing.T) {
		t.Parallel()
		scaleByPods(t, "of-container", `container_memory{namespace="of-container",pod="POD",container="main"}`,
			"[{type: ContainerResource, containerResource: {name: memory, container: main, target: {type: AverageValue, averageValue: 50Mi}}}]",
			100<<20, 10<<20, `container_cpu{namespace="of-container",pod="POD",container="main"}`)
	})
	for _, c := range []struct{ name, namespace, object, series, make string }{
		{"OfAService", "of-service", "{apiVersion: v1, kind: Service, name: shop}", `load{namespace="of-service",service="shop"}`,
			"{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: of-service}, spec: {ports: [{port: 80}]}}"},
		{"OfItsNamespace", "of-namespace", "{apiVersion: v1, kind: Namespace, name: of-namespace}", `load{namespace="of-namespace"}`, ""},
		{"OfAnIngress", "of-ingress", "{apiVersion: networking.k8s.io/v1, kind: Ingress, name: shop}", `load{namespace="of-ingress",ingress="shop"}`,
			"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop, namespace: of-ingress}, spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}}"},
		{"OfADeployment", "of-deployment", "{apiVersion: apps/v1, kind: Deployment, name: work}", `load{namespace="of-deployment",deployment="work"}`, ""},
		{"OfARollout", "of-rollout", "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: shop}", `load{namespace="of-rollout",rollout="shop"}`,
			"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: shop, namespace: of-rollout}, spec: {replicas: 1}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			world.MakeNamespace(t, c.namespace)
			world.Apply(t, c.make)
			scaleByOne(t, c.namespace, c.series, 1, objectMetric("load", c.object, "10"))
		})
	}
	t.Run("OfAnExternalMetric", func(t *testing.T) {
		t.Parallel()
		world.MakeNamespace(t, "of-external")
		scaleByOne(t, "of-external", `queue_length{namespace="of-external"}`, 1, externalMetric("queue_length", "10"))
	})
	t.Run("GoToZeroAndBackByAnExternalMetric", func(t *testing.T) {
		t.Parallel()
		world.MakeNamespace(t, "zero-external")
		scaleByOne(t, "zero-external", `queue_length{namespace="zero-external"}`, 0, externalMetric("queue_length", "10"))
	})
	t.Run("GoToZeroAndBackByAnObject", func(t *testing.T) {
		t.Parallel()
		world.MakeNamespace(t, "zero-object")
		scaleByOne(t, "zero-object", `load{namespace="zero-object"}`, 0, objectMetric("load", "{apiVersion: v1, kind: Namespace, name: x}", "10"))
	})
	t.Run("OfSeveralMetricsFollowTheOneThatAsksForMost", func(t *testing.T) {
		t.Parallel()
		world.MakeNamespace(t, "of-several")
		world.Exporter.Set(`load{namespace="of-several"}`, 30)
		world.Exporter.Set(`queue_length{namespace="of-several"}`, 20)
		world.MakeDeployment(t, "of-several", "work", 1)
		world.MakeHPA(t, "of-several", "work", 1, 5, `
  - {type: Object, object: {metric: {name: load}, describedObject: {apiVersion: v1, kind: Namespace, name: x}, target: {type: AverageValue, averageValue: "10"}}}
  - {type: External, external: {metric: {name: queue_length}, target: {type: AverageValue, averageValue: "10"}}}`)
		world.WaitForReplicas(t, "of-several", "work", 3)
	})
	t.Run("OfARolloutsOwnScale", func(t *testing.T) {
		t.Parallel()
		scaleARollout(t)
	})
}

// scaleByPods brings a Deployment from 1 replica to its maximum and back by a series that each of its pods has, beside others that stay.
func scaleByPods(t *testing.T, namespace, series, metric string, high, low float64, others ...string) {
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "work", 1)
	for _, other := range others {
		world.SetForPods(t, namespace, "work", other, harness.Always(1))
	}
	world.SetForPods(t, namespace, "work", series, harness.Always(high))
	world.MakeHPA(t, namespace, "work", 1, 4, metric)
	world.WaitForReplicas(t, namespace, "work", 4)
	world.SetForPods(t, namespace, "work", series, harness.Always(low))
	world.WaitForReplicas(t, namespace, "work", 1)
}

// scaleByOne brings a Deployment up, down to its minimum, and up again by one series; each replica is to have 10 of it.
func scaleByOne(t *testing.T, namespace, series string, minimum int, metric string) {
	t.Cleanup(func() { world.Exporter.Remove(series) })
	world.Exporter.Set(series, 30)
	world.MakeDeployment(t, namespace, "work", 1)
	world.MakeHPA(t, namespace, "work", minimum, 5, metric)
	world.WaitForReplicas(t, namespace, "work", 3)
	world.Exporter.Set(series, 0)
	world.WaitForReplicas(t, namespace, "work", minimum)
	world.Exporter.Set(series, 20)
	world.WaitForReplicas(t, namespace, "work", 2)
}

// scaleARollout has an HPA whose target is of a kind that Kubernetes itself does not know; its pods are those of a Deployment here.
func scaleARollout(t *testing.T) {
	const namespace = "a-rollout"
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "canary", 1)
	makeRollout(t, namespace, "canary")
	world.SetForPods(t, namespace, "canary", `load{namespace="a-rollout",pod="POD"}`, harness.Always(90))
	world.Apply(t, `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: canary, namespace: a-rollout}
spec:
  scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: canary}
  maxReplicas: 3
  metrics: `+podsMetric("load", "60"))
	waitForRollout(t, namespace, "canary", 2)
}

// makeRollout makes one that has one replica, which the label app=NAME selects.
func makeRollout(t *testing.T, namespace, name string) {
	t.Helper()
	world.Apply(t, fmt.Sprintf("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: %s, namespace: %s}, spec: {replicas: 1}}", name, namespace))
	client := world.Dynamic.Resource(rollouts).Namespace(namespace)
	rollout, err := client.Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rollout.Object["status"] = map[string]any{"replicas": int64(1), "selector": "app=" + name}
	if _, err := client.UpdateStatus(context.Background(), rollout, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// waitForRollout waits until somebody has asked for so many replicas.
func waitForRollout(t *testing.T, namespace, name string, replicas int64) {
	t.Helper()
	harness.Within(t, minute, fmt.Sprintf("Rollout %s/%s is to have %d replicas", namespace, name, replicas), func() error {
		rollout, err := world.Dynamic.Resource(rollouts).Namespace(namespace).Get(context.Background(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		spec, _ := rollout.Object["spec"].(map[string]any)
		if spec["replicas"] != replicas {
			return fmt.Errorf("it is to have %v; its HPA: %s", spec["replicas"], world.DescribeHPA(namespace, name))
		}
		return nil
	})
}
