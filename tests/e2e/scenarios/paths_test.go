package scenarios

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sextant/e2e/harness"
)

// The time of an answer is that of its query, so two answers to one question differ in it.
var timestamp = regexp.MustCompile(`"timestamp":"[^"]*"`)

// comparePaths asks for every form of path twice, of sextant itself and through the API server. The namespace has Deployment web and
// Service shop, and alone_rps and alone_queue_length have samples for them.
func comparePaths(t *testing.T, direct *http.Client, sextant *harness.Sextant, namespace string) {
	waitForValue(t, `count(alone_rps{namespace="`+namespace+`"})`, "3")
	pod := world.PodNames(t, namespace, "web")[0]
	for _, path := range []string{
		"/apis/custom.metrics.k8s.io/v1beta1",
		"/apis/custom.metrics.k8s.io/v1beta2",
		"/apis/external.metrics.k8s.io/v1beta1",
		"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/*/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/%2A/alone_rps?labelSelector=app%3Dweb",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/alone_rps?labelSelector=app+in+%28web%2Cx%29",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/POD/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/POD/alone_rps?metricLabelSelector=pod%3DPOD",
		"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/services/shop/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/shop/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/*/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/metrics/alone_rps",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/metrics/alone_rps",
		"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/alone_queue_length",
		"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/alone_queue_length?labelSelector=namespace%3DNS",
		"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/alone_queue_length?labelSelector=queue%3Dnone",
	} {
		path = strings.NewReplacer("NS", namespace, "POD", pod).Replace(path)
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
	for path, message := range map[string]string{
		"/apis/custom.metrics.k8s.io/v1beta1/namespaces/NS/pods/*/no_such_metric":                       "the server could not find the metric no_such_metric for pods",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/alone_rps?labelSelector=app%3Dnobody": "the server could not find the metric alone_rps for pods",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/services/none/alone_rps":                     "the server could not find the metric alone_rps for services none",
		"/apis/custom.metrics.k8s.io/v1beta2/namespaces/NS/pods/*/alone_rps?limit=abc":                  `strconv.ParseInt: parsing "abc": invalid syntax`,
		"/apis/external.metrics.k8s.io/v1beta1/namespaces/NS/alone_queue_length/further":                "the server could not find the requested resource",
	} {
		replacer := strings.NewReplacer("NS", namespace, "POD", pod)
		_, err := world.Kubectl("admin", "get", "--raw", replacer.Replace(path))
		if err == nil || !strings.Contains(err.Error(), replacer.Replace(message)) {
			t.Errorf("%s: want %q, have %v", path, message, err)
		}
	}
}

func masked(body string) string {
	return strings.TrimSpace(timestamp.ReplaceAllString(body, `"timestamp":"T"`))
}
