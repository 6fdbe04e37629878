package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	custom1 "k8s.io/metrics/pkg/apis/custom_metrics/v1beta1"
	custom2 "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	external "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	resource "k8s.io/metrics/pkg/apis/metrics/v1"
	resourceBeta "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

const protobuf = "application/vnd.kubernetes.protobuf"

// What has a form in protobuf, of every group and version, and what a client decodes it into.
var protobufPaths = []struct {
	path string
	into func() runtime.Object
}{
	{"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/*/load?labelSelector=app%3Dweb", newObject[custom1.MetricValueList]},
	{"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/services/shop/load", newObject[custom1.MetricValueList]},
	{"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/load", newObject[custom2.MetricValueList]},
	{"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/POD/load?metricLabelSelector=pod%3DPOD", newObject[custom2.MetricValueList]},
	{"/apis/custom.metrics.k8s.io/v1beta2/nodes/node-1/load", newObject[custom2.MetricValueList]},
	{"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/metrics/load", newObject[custom2.MetricValueList]},
	{"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length", newObject[external.ExternalMetricValueList]},
	{"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/queue_length?labelSelector=queue%3Dnone", newObject[external.ExternalMetricValueList]},
	{"/apis/metrics.k8s.io/v1beta1/nodes", newObject[resourceBeta.NodeMetricsList]},
	{"/apis/metrics.k8s.io/v1beta1/namespaces/NS/pods", newObject[resourceBeta.PodMetricsList]},
	{"/apis/metrics.k8s.io/v1beta1/namespaces/NS/pods/POD", newObject[resourceBeta.PodMetrics]},
	{"/apis/metrics.k8s.io/v1/nodes/node-1", newObject[resource.NodeMetrics]},
	{"/apis/metrics.k8s.io/v1/namespaces/NS/pods?labelSelector=app%3Dweb", newObject[resource.PodMetricsList]},
}

func newObject[T any, P interface {
	*T
	runtime.Object
}]() runtime.Object {
	return P(new(T))
}

// compareProtobuf asks for every path in protobuf and in JSON, through the API server, and has Kubernetes' own generated code decode both.
func compareProtobuf(t *testing.T, namespace string) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{custom1.AddToScheme, custom2.AddToScheme, external.AddToScheme, resource.AddToScheme,
		resourceBeta.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme).UniversalDeserializer()
	replacer := strings.NewReplacer("NS", namespace, "POD", world.PodNames(t, namespace, "web")[0])
	for _, c := range protobufPaths {
		path := replacer.Replace(c.path)
		var decoded [2]string
		for i, accept := range []string{protobuf, "application/json"} {
			body, contentType, err := ask(path, accept)
			if err != nil {
				t.Fatalf("%s as %s: %v", path, accept, err)
			}
			if contentType != accept {
				t.Errorf("%s as %s is %s", path, accept, contentType)
			}
			object := c.into()
			if _, _, err := decoder.Decode(body, nil, object); err != nil {
				t.Fatalf("%s as %s: %v", path, accept, err)
			}
			text, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			decoded[i] = emptyAsMissing.Replace(masked(string(text)))
		}
		if decoded[0] != decoded[1] {
			t.Errorf("%s\nin protobuf: %s\n    in JSON: %s", path, decoded[0], decoded[1])
		}
	}
	for path, message := range refusedPaths {
		path = replacer.Replace(path)
		_, contentType, inProtobuf := ask(path, protobuf)
		_, _, inJSON := ask(path, "application/json")
		if contentType != protobuf {
			t.Errorf("%s is refused as %s", path, contentType)
		}
		have, want := status(t, inProtobuf), status(t, inJSON)
		if have != want || !strings.Contains(want, message) {
			t.Errorf("%s is refused, want %q\nin protobuf: %s\n    in JSON: %s", path, message, have, want)
		}
	}
}

// Protobuf does not tell what is empty from what is missing.
var emptyAsMissing = strings.NewReplacer(":{}", ":null", ":[]", ":null")

// ask gives the body and its type; the error of a refusal has the Status that client-go has decoded.
func ask(path, accept string) ([]byte, string, error) {
	var contentType string
	result := world.Client.RESTClient().Get().RequestURI(path).SetHeader("Accept", accept).Do(context.Background()).ContentType(&contentType)
	body, err := result.Raw()
	if err != nil {
		err = result.Error()
	}
	return body, contentType, err
}

// status is what client-go has decoded of a refusal.
func status(t *testing.T, err error) string {
	t.Helper()
	var refusal apierrors.APIStatus
	if !errors.As(err, &refusal) {
		t.Fatalf("no refusal: %v", err)
	}
	found := refusal.Status()
	details := metav1.StatusDetails{}
	if found.Details != nil {
		details = *found.Details
	}
	return fmt.Sprintf("%s %d %s: %s (%s %s %s %v)", found.Status, found.Code, found.Reason, found.Message, details.Group, details.Kind,
		details.Name, details.Causes)
}
