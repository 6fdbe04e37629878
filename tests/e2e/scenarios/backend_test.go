package scenarios

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"sextant/e2e/harness"
)

// How long the backend is away: longer than the aggregator's look at an APIService (30 s) and at its discovery (60 s).
func outage() time.Duration {
	if harness.Long() {
		return 5 * minute
	}
	return 75 * time.Second
}

// No data is not zero: a workload whose metric cannot be read stays as it is, and the cluster does not notice that a backend is away.
func TestABackendThatIsAway(t *testing.T) {
	const namespace = "outage"
	queue := `queue_length{namespace="outage"}`
	startInCluster(t)
	world.MakeNamespace(t, namespace)
	world.Exporter.Set(queue, 30)
	world.Exporter.Set(`load{namespace="outage"}`, 20)
	t.Cleanup(func() { world.Exporter.Remove(queue, `load{namespace="outage"}`) })
	world.MakeDeployment(t, namespace, "external", 1)
	world.MakeDeployment(t, namespace, "object", 1)
	world.MakeHPA(t, namespace, "external", 0, 5, externalMetric("queue_length", "10"))
	world.MakeHPA(t, namespace, "object", 0, 5, objectMetric("load", "{apiVersion: v1, kind: Namespace, name: x}", "10"))
	world.WaitForReplicas(t, namespace, "external", 3)
	world.WaitForReplicas(t, namespace, "object", 2)

	t.Run("ASeriesThatEndsSwitchesNothingOff", func(t *testing.T) {
		world.Exporter.Remove(queue, `load{namespace="outage"}`)
		waitForValue(t, queue, "")
		message := world.WaitForReason(t, namespace, "external", "FailedGetExternalMetric")
		if !strings.HasSuffix(message, "no metrics returned from external metrics API") {
			t.Errorf("the HPA says: %s", message)
		}
		world.WaitForReason(t, namespace, "object", "FailedGetObjectMetric")
		stays(t, 5*time.Second, namespace, map[string]int{"external": 3, "object": 2})
		world.Exporter.Set(queue, 30)
		world.Exporter.Set(`load{namespace="outage"}`, 20)
		world.WaitForReason(t, namespace, "external", "ValidMetricFound")
		world.WaitForReason(t, namespace, "object", "ValidMetricFound")
	})
	t.Run("ABackendThatIsAwaySwitchesNothingOffAndHindersNobody", func(t *testing.T) {
		since := availableSince(t)
		world.Prometheus.Stop()
		away := time.Now()
		message := world.WaitForReason(t, namespace, "external", "FailedGetExternalMetric")
		if !strings.Contains(message, "unable to fetch metrics") {
			t.Errorf("the HPA says: %s", message)
		}
		world.WaitForReason(t, namespace, "object", "FailedGetObjectMetric")
		deleteNamespace(t, "passing")
		stays(t, outage()-time.Since(away), namespace, map[string]int{"external": 3, "object": 2})
		deleteNamespace(t, "passing-later")
		if now := availableSince(t); !maps.Equal(now, since) {
			t.Errorf("APIServices are available since %v; before the outage it was %v", now, since)
		}

		ctx, cancel := context.WithTimeout(context.Background(), minute)
		defer cancel()
		if err := world.Prometheus.Start(ctx); err != nil {
			t.Fatal(err)
		}
		world.Exporter.Set(queue, 0)
		world.WaitForReplicas(t, namespace, "external", 0)
		world.Exporter.Set(queue, 20)
		world.WaitForReplicas(t, namespace, "external", 2)
	})
}

// availableSince is when each APIService became available; none of them may have been otherwise since, between two looks either.
func availableSince(t *testing.T) map[string]string {
	t.Helper()
	times := map[string]string{}
	for _, version := range harness.Versions {
		name := version.Version + "." + version.Group
		since, err := world.AvailableSince(name)
		if err != nil {
			t.Fatalf("APIService %s: %v", name, err)
		}
		times[name] = since
	}
	return times
}

// stays fails if, within the span, a Deployment is to have another number of replicas, or an APIService is not available.
func stays(t *testing.T, span time.Duration, namespace string, replicas map[string]int) {
	t.Helper()
	harness.Throughout(t, span, "as it was", func() error {
		for name, want := range replicas {
			have, err := world.Replicas(namespace, name)
			if err != nil {
				return err
			}
			if have != want {
				return fmt.Errorf("Deployment %s is to have %d replicas instead of %d", name, have, want)
			}
		}
		for _, version := range harness.Versions {
			if err := world.Available(version.Version + "." + version.Group); err != nil {
				return fmt.Errorf("APIService %s.%s: %w", version.Version, version.Group, err)
			}
		}
		return nil
	})
}

// deleteNamespace makes a namespace with something in it and deletes it: that takes the discovery of every API that there is, and fails if the
// cluster cannot have it or cannot list or delete what is there, if only for a moment.
func deleteNamespace(t *testing.T, name string) {
	t.Helper()
	world.MakeNamespace(t, name)
	world.Apply(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: something, namespace: "+name+"}}")
	ctx, namespaces := context.Background(), world.Client.CoreV1().Namespaces()
	if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Within(t, 30*time.Second, "namespace "+name+" is gone", func() error {
		found, err := namespaces.Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, condition := range found.Status.Conditions {
			if strings.HasSuffix(string(condition.Type), "Failure") && condition.Status == corev1.ConditionTrue {
				t.Fatalf("namespace %s: %s: %s", name, condition.Type, condition.Message)
			}
		}
		return fmt.Errorf("it is %v: %v", found.Status.Phase, found.Status.Conditions)
	})
}
