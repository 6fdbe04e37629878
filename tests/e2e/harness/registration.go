package harness

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"sextant/e2e/cluster"
)

// Alone are the flags of a sextant without a cluster. It answers this machine, so a real API server on the same machine can stand in front.
var Alone = []string{"--standalone", "--metrics-relist-interval", "1h"}

// Versions of the metrics APIs that sextant serves, v1beta2 of custom metrics preferred.
var Versions = []cluster.Version{
	{Group: "custom.metrics.k8s.io", Version: "v1beta1", Priority: 100},
	{Group: "custom.metrics.k8s.io", Version: "v1beta2", Priority: 200},
	{Group: "external.metrics.k8s.io", Version: "v1beta1", Priority: 100},
}

// Register leads the aggregator to what is behind the balancer, and waits until all APIServices are available.
func (w *World) Register(t testing.TB, versions []cluster.Version) {
	t.Helper()
	manifest, err := cluster.Registration{Service: Service, Namespace: Namespace, Port: w.Balancer.Port, Versions: versions}.
		Manifest(w.Plane.Path(""))
	if err != nil {
		t.Fatal(err)
	}
	w.Apply(t, manifest)
	for _, version := range versions {
		name := version.Version + "." + version.Group
		Within(t, time.Minute, "APIService "+name+" is available", func() error { return w.Available(name) })
	}
}

// Available is nil if an APIService says that it is.
func (w *World) Available(name string) error {
	resource := schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"}
	found, err := w.Dynamic.Resource(resource).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	conditions, _, err := unstructured.NestedSlice(found.Object, "status", "conditions")
	if err != nil {
		return err
	}
	for _, one := range conditions {
		condition, _ := one.(map[string]any)
		if condition["type"] == "Available" {
			if condition["status"] == "True" {
				return nil
			}
			return fmt.Errorf("%v: %v", condition["reason"], condition["message"])
		}
	}
	return errors.New("it has no condition Available yet")
}
