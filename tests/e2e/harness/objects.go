package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// Apply writes the objects of a YAML text, in its order, whether they are there or not.
func (w *World) Apply(t testing.TB, text string) {
	t.Helper()
	reader := yaml.NewYAMLOrJSONDecoder(bytes.NewBufferString(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := reader.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(object.Object) > 0 {
			w.applyOne(t, object)
		}
	}
}

func (w *World) applyOne(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	// A kind that has just been defined is not served at once.
	Within(t, 20*time.Second, fmt.Sprintf("%s %s is written", object.GetKind(), object.GetName()), func() error {
		client, err := w.clientFor(object)
		if err != nil {
			return err
		}
		_, err = client.Apply(context.Background(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "e2e", Force: true})
		return err
	})
}

func (w *World) clientFor(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	resource, namespaced, err := w.resourceOf(kind)
	if err != nil {
		return nil, err
	}
	if namespaced {
		return w.Dynamic.Resource(resource).Namespace(object.GetNamespace()), nil
	}
	return w.Dynamic.Resource(resource), nil
}

// resourceOf asks only for the kind's own group, so that no other group's trouble is in the way.
func (w *World) resourceOf(kind schema.GroupVersionKind) (schema.GroupVersionResource, bool, error) {
	list, err := w.Discovery.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if err != nil {
		return schema.GroupVersionResource{}, false, err
	}
	groups := []*restmapper.APIGroupResources{{
		Group: metav1.APIGroup{Name: kind.Group, Versions: []metav1.GroupVersionForDiscovery{
			{GroupVersion: kind.GroupVersion().String(), Version: kind.Version}}},
		VersionedResources: map[string][]metav1.APIResource{kind.Version: list.APIResources},
	}}
	mapping, err := restmapper.NewDiscoveryRESTMapper(groups).RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return schema.GroupVersionResource{}, false, err
	}
	return mapping.Resource, mapping.Scope.Name() == "namespace", nil
}

// MakeNamespace makes one for the scenario, and deletes it at its end without waiting.
func (w *World) MakeNamespace(t testing.TB, name string) {
	t.Helper()
	w.Apply(t, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name))
	t.Cleanup(func() {
		err := w.Client.CoreV1().Namespaces().Delete(context.Background(), name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("namespace %s: %v", name, err)
		}
	})
}

// MakeDeployment makes one of pods that the label app=NAME selects, with a container `main` that asks for 100m CPU and 100Mi of memory, and
// waits until they are ready.
func (w *World) MakeDeployment(t testing.TB, namespace, name string, replicas int) {
	t.Helper()
	w.MakeDeploymentOf(t, namespace, name, name, "main", replicas)
}

// MakeDeploymentOf is the same with another label app=APP and another name of the container.
func (w *World) MakeDeploymentOf(t testing.TB, namespace, name, app, container string, replicas int) {
	t.Helper()
	w.Apply(t, fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  replicas: %[5]d
  selector: {matchLabels: {app: %[3]s}}
  template:
    metadata: {labels: {app: %[3]s}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: %[4]s
        image: none
        resources: {requests: {cpu: 100m, memory: 100Mi}}
`, namespace, name, app, container, replicas))
	w.WaitForReplicas(t, namespace, name, replicas)
}

// WaitForReplicas waits until a Deployment has so many replicas, and all of them are ready.
func (w *World) WaitForReplicas(t testing.TB, namespace, name string, replicas int) {
	t.Helper()
	Within(t, time.Minute, fmt.Sprintf("Deployment %s/%s has %d replicas", namespace, name, replicas), func() error {
		found, err := w.Client.AppsV1().Deployments(namespace).Get(context.Background(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if *found.Spec.Replicas != int32(replicas) || found.Status.Replicas != int32(replicas) || found.Status.ReadyReplicas != int32(replicas) {
			return fmt.Errorf("it wants %d, has %d, of which %d are ready; its HPA: %s", *found.Spec.Replicas, found.Status.Replicas,
				found.Status.ReadyReplicas, w.DescribeHPA(namespace, name))
		}
		return nil
	})
}

// Replicas is how many a Deployment is to have.
func (w *World) Replicas(namespace, name string) (int, error) {
	found, err := w.Client.AppsV1().Deployments(namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	return int(*found.Spec.Replicas), nil
}

// PodNames are the pods with the label app=NAME.
func (w *World) PodNames(t testing.TB, namespace, name string) []string {
	t.Helper()
	names, err := w.podNames(namespace, name)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (w *World) podNames(namespace, name string) ([]string, error) {
	list, err := w.Client.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			names = append(names, pod.Name)
		}
	}
	return names, nil
}

// SetForPods gives each pod with the label app=NAME, those that come later too, the series, in which POD stands for its name. It ends with
// the test.
func (w *World) SetForPods(t testing.TB, namespace, name, series string, value func() float64) {
	t.Helper()
	key := namespace + "/" + name + "/" + series
	w.Exporter.SetSource(key, func() map[string]float64 {
		names, err := w.podNames(namespace, name)
		if err != nil {
			return nil // the API server is away; so is the sample of this scrape
		}
		all := map[string]float64{}
		for _, pod := range names {
			all[strings.ReplaceAll(series, "POD", pod)] = value()
		}
		return all
	})
	t.Cleanup(func() { w.Exporter.SetSource(key, nil) })
}

// Always is a value that does not move.
func Always(value float64) func() float64 { return func() float64 { return value } }

// MakeHPA makes an HPA for the Deployment of its own name, which scales at once in both directions. The metrics are YAML, a flow sequence.
func (w *World) MakeHPA(t testing.TB, namespace, name string, minimum, maximum int, metrics string) {
	t.Helper()
	w.Apply(t, fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[2]s}
  minReplicas: %[3]d
  maxReplicas: %[4]d
  metrics: %[5]s
  behavior:
    scaleUp: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 100, periodSeconds: 1}]}
    scaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 100, periodSeconds: 1}]}
`, namespace, name, minimum, maximum, metrics))
}

// HPACondition is the condition ScalingActive of an HPA: its reason and message.
func (w *World) HPACondition(namespace, name string) (corev1.ConditionStatus, string, string, error) {
	found, err := w.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return "", "", "", err
	}
	for _, condition := range found.Status.Conditions {
		if condition.Type == autoscalingv2.ScalingActive {
			return condition.Status, condition.Reason, condition.Message, nil
		}
	}
	return "", "", "", errors.New("it has no condition ScalingActive yet")
}

// WaitForReason waits until an HPA's condition ScalingActive has that reason, and returns its message.
func (w *World) WaitForReason(t testing.TB, namespace, name, reason string) string {
	t.Helper()
	var message string
	Within(t, time.Minute, fmt.Sprintf("HPA %s/%s says %s", namespace, name, reason), func() error {
		_, last, text, err := w.HPACondition(namespace, name)
		if err != nil {
			return err
		}
		if last != reason {
			return fmt.Errorf("it says %s: %s", last, text)
		}
		message = text
		return nil
	})
	return message
}

// DescribeHPA is for messages.
func (w *World) DescribeHPA(namespace, name string) string {
	_, reason, message, err := w.HPACondition(namespace, name)
	if err != nil {
		return err.Error()
	}
	return reason + ": " + message
}
