package scenarios

import (
	"testing"

	"sextant/e2e/harness"
)

// Load of objects of any kind by the label of its name, and the length of a queue.
const loadRules = `
rules:
- seriesQuery: 'load{namespace!=""}'
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
externalRules:
- seriesQuery: 'queue_length{namespace!=""}'
  resources: {overrides: {namespace: {resource: namespace}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
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

// start puts a sextant behind the balancer and registers it for custom and external metrics.
func start(t *testing.T) *harness.Sextant {
	t.Helper()
	sextant := world.StartSextant(t, loadRules, harness.Alone...)
	world.Balancer.Replace(sextant.Address)
	world.Register(t, harness.Versions)
	return sextant
}

func TestHPAs(t *testing.T) {
	world.Apply(t, rolloutDefinition)
	start(t)

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
