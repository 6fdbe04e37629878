package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"sextant/e2e/cluster"
)

// rights are what sextant's ServiceAccount needs. Their names are not those of the chart, which Helm would refuse to take over.
const rights = `
{apiVersion: v1, kind: Namespace, metadata: {name: monitoring}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sextant, namespace: monitoring}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: e2e-auth-delegator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"}
subjects: [{kind: ServiceAccount, name: sextant, namespace: monitoring}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: e2e-auth-reader, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader}
subjects: [{kind: ServiceAccount, name: sextant, namespace: monitoring}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: e2e-objects}
rules:
- {apiGroups: [""], resources: [pods, nodes, namespaces, services], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch]}
- {apiGroups: [argoproj.io], resources: [rollouts], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: e2e-objects}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-objects}
subjects: [{kind: ServiceAccount, name: sextant, namespace: monitoring}]
`

// Alone are the flags of a sextant without a cluster. It answers this machine, so a real API server on the same machine can stand in front.
var Alone = []string{"--standalone", "--metrics-relist-interval", "1h"}

// ClusterFlags are those of a sextant that belongs to the cluster: it is the ServiceAccount sextant, with a token in a file, and has no
// right that it does not need.
func (w *World) ClusterFlags(t testing.TB) []string {
	t.Helper()
	return w.ClusterFlagsBy(t, w.Plane.Server())
}

// ClusterFlagsBy are the same, with another way to the API server.
func (w *World) ClusterFlagsBy(t testing.TB, server string) []string {
	t.Helper()
	w.Apply(t, rights)
	kubeconfig := w.TokenKubeconfig(t, Namespace, Service, server)
	return []string{"--lister-kubeconfig", kubeconfig, "--authentication-kubeconfig", kubeconfig, "--authorization-kubeconfig", kubeconfig,
		"--metrics-relist-interval", "1h"}
}

// Token is a fresh one of a ServiceAccount.
func (w *World) Token(t testing.TB, namespace, account string) string {
	t.Helper()
	request, err := w.Client.CoreV1().ServiceAccounts(namespace).
		CreateToken(context.Background(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// TokenKubeconfig writes a kubeconfig of a ServiceAccount and returns its path.
func (w *World) TokenKubeconfig(t testing.TB, namespace, account, server string) string {
	t.Helper()
	dir, err := os.MkdirTemp(w.Dir, account+"-")
	if err != nil {
		t.Fatal(err)
	}
	token, kubeconfig := filepath.Join(dir, "token"), filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(token, []byte(w.Token(t, namespace, account)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Plane.WriteTokenKubeconfig(kubeconfig, server, token); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// Versions are those of custom and external metrics, v1beta2 of custom metrics preferred.
var Versions = []cluster.Version{
	{Group: "custom.metrics.k8s.io", Version: "v1beta1", Priority: 100},
	{Group: "custom.metrics.k8s.io", Version: "v1beta2", Priority: 200},
	{Group: "external.metrics.k8s.io", Version: "v1beta1", Priority: 100},
}

// ResourceVersions are those of metrics.k8s.io.
var ResourceVersions = []cluster.Version{
	{Group: "metrics.k8s.io", Version: "v1beta1", Priority: 100},
	{Group: "metrics.k8s.io", Version: "v1", Priority: 200},
}

// Register leads the aggregator to what is behind the balancer, and waits until all APIServices are available and answer. They go with the test: the next
// sextant may not serve them.
func (w *World) Register(t testing.TB, versions []cluster.Version) {
	t.Helper()
	manifest, err := cluster.Registration{Service: Service, Namespace: Namespace, Port: w.Balancer.Port, Versions: versions}.
		Manifest(w.Plane.Path(""))
	if err != nil {
		t.Fatal(err)
	}
	w.Apply(t, manifest)
	t.Cleanup(func() { w.unregister(t, versions) })
	for _, version := range versions {
		name := version.Version + "." + version.Group
		Within(t, time.Minute, "APIService "+name+" is available", func() error { return w.Available(name) })
		// The proxy looks at a copy of its own, which may be a moment behind.
		Within(t, time.Minute, "requests for "+name+" are passed on", func() error {
			return w.Client.RESTClient().Get().AbsPath("apis", version.Group, version.Version).Do(context.Background()).Error()
		})
	}
}

var apiServices = schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"}

func (w *World) unregister(t testing.TB, versions []cluster.Version) {
	t.Helper()
	for _, version := range versions {
		name := version.Version + "." + version.Group
		err := w.Dynamic.Resource(apiServices).Delete(context.Background(), name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("APIService %s: %v", name, err)
		}
	}
}

// Available is nil if an APIService says that it is.
func (w *World) Available(name string) error {
	_, err := w.AvailableSince(name)
	return err
}

// AvailableSince is when an APIService became available; an error if it says that it is not.
func (w *World) AvailableSince(name string) (string, error) {
	found, err := w.Dynamic.Resource(apiServices).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	conditions, _, err := unstructured.NestedSlice(found.Object, "status", "conditions")
	if err != nil {
		return "", err
	}
	for _, one := range conditions {
		condition, _ := one.(map[string]any)
		if condition["type"] == "Available" {
			if condition["status"] == "True" {
				return fmt.Sprint(condition["lastTransitionTime"]), nil
			}
			return "", fmt.Errorf("%v: %v", condition["reason"], condition["message"])
		}
	}
	return "", errors.New("it has no condition Available yet")
}
