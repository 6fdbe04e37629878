package scenarios

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"sextant/e2e/cluster"
	"sextant/e2e/harness"
	"sextant/e2e/pki"
)

// Who may read what: alice and the ServiceAccount reader the metrics of pods in one namespace, nobody else anything.
const accessRights = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: reader, namespace: access}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: stranger, namespace: access}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: access}
rules: [{apiGroups: [custom.metrics.k8s.io], resources: [pods/load], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: access}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {kind: ServiceAccount, name: reader, namespace: access}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}
`

const (
	podsPath     = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/access/pods/*/load"
	otherPath    = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/access/metrics/load"
	externalPath = "/apis/external.metrics.k8s.io/v1beta1/namespaces/access/queue_length"
)

type header = [2]string

func TestAccess(t *testing.T) {
	world.MakeNamespace(t, "access")
	world.Apply(t, accessRights)
	world.MakeDeployment(t, "access", "work", 1)
	world.SetForPods(t, "access", "work", `load{namespace="access",pod="POD"}`, harness.Always(3))
	world.Exporter.Set(`load{namespace="access"}`, 4)
	world.Exporter.Set(`queue_length{namespace="access"}`, 5)
	sextant := startInCluster(t)
	issueCallers(t)
	harness.Within(t, minute, "the metric is served", func() error {
		_, err := world.Kubectl("admin", "get", "--raw", podsPath)
		return err
	})
	reader, stranger := world.Token(t, "access", "reader"), world.Token(t, "access", "stranger")
	masters := []header{{"X-Remote-User", "mallory"}, {"X-Remote-Group", "system:masters"}}

	for _, c := range []struct {
		name, certificate string
		headers           []header
		path              string
		status            int
		message           string // part of the answer, if not empty
	}{
		{"nobody", "", nil, podsPath, 403, `User \"system:anonymous\" cannot get resource \"pods/load\" in API group \"custom.metrics.k8s.io\" in the namespace \"access\"`},
		{"nobody may look at health", "", nil, "/readyz", 200, "ok"},
		{"nobody may look at one check of health", "", nil, "/readyz/ping", 403, ""},
		{"headers without a certificate", "", masters, podsPath, 403, `User \"system:anonymous\"`},
		{"headers without a certificate, with underscores", "", []header{{"X_Remote_User", "mallory"}, {"X_Remote_Group", "system:masters"}}, podsPath, 403, `User \"system:anonymous\"`},
		{"Basic authentication", "", []header{{"Authorization", "Basic YWRtaW46YWRtaW4="}}, podsPath, 403, `User \"system:anonymous\"`},
		{"a front proxy", "aggregator", masters, podsPath, 200, `"value":"3"`},
		{"a front proxy for alice", "aggregator", []header{{"X-Remote-User", "alice"}}, podsPath, 200, `"value":"3"`},
		{"a front proxy for alice, who may not", "aggregator", []header{{"X-Remote-User", "alice"}}, otherPath, 403, `User \"alice\" cannot get resource \"metrics\"`},
		{"a front proxy for alice, who may not list", "aggregator", []header{{"X-Remote-User", "alice"}}, externalPath, 403, `User \"alice\" cannot list resource \"queue_length\" in API group \"external.metrics.k8s.io\"`},
		{"a front proxy that names nobody", "aggregator", []header{{"X-Remote-Group", "system:masters"}}, podsPath, 401, "Unauthorized"},
		{"a front proxy that names two", "aggregator", []header{{"X-Remote-User", "bob"}, {"X-Remote-User", "alice"}}, podsPath, 401, "Unauthorized"},
		{"a front proxy, groups in one line", "aggregator", []header{{"X-Remote-User", "bob"}, {"X-Remote-Group", "devs,system:masters"}}, podsPath, 403, `User \"bob\"`},
		{"the front proxy's authority, another name", "other-proxy", masters, podsPath, 401, "Unauthorized"},
		{"the front proxy's authority, a server's certificate", "server-proxy", masters, podsPath, 401, "Unauthorized"},
		{"the front proxy's authority, expired", "expired-proxy", masters, podsPath, 401, "Unauthorized"},
		{"the front proxy's authority, not yet valid", "early-proxy", masters, podsPath, 401, "Unauthorized"},
		{"the front proxy's name, signed by the authority of clients", "client-proxy", masters, podsPath, 403, `User \"front-proxy-client\"`},
		{"the front proxy's name, signed by somebody", "unknown-proxy", masters, podsPath, 401, "Unauthorized"},
		{"an unknown certificate, and health", "unknown-proxy", nil, "/healthz", 401, "Unauthorized"},
		{"the API server's own serving certificate", "apiserver", masters, podsPath, 401, "Unauthorized"},
		{"a client's certificate", "alice", nil, podsPath, 200, `"value":"3"`},
		{"a client's certificate and headers", "alice", masters, otherPath, 403, `User \"alice\"`},
		{"a client's certificate and impersonation", "alice", []header{{"Impersonate-User", "kubernetes-admin"}, {"Impersonate-Group", "system:masters"}}, otherPath, 403, `User \"alice\"`},
		{"an administrator's certificate", "admin", nil, otherPath, 200, `"value"`},
		{"an expired certificate of an administrator", "expired-admin", nil, otherPath, 401, "Unauthorized"},
		{"a token that nobody has", "", []header{{"Authorization", "Bearer nonsense"}}, podsPath, 401, "Unauthorized"},
		{"a token", "", []header{{"Authorization", "Bearer " + reader}}, podsPath, 200, `"value":"3"`},
		{"a token and headers", "", append([]header{{"Authorization", "Bearer " + reader}}, masters...), otherPath, 403, `User \"system:serviceaccount:access:reader\"`},
		{"a token of somebody without rights", "", []header{{"Authorization", "Bearer " + stranger}}, podsPath, 403, `User \"system:serviceaccount:access:stranger\"`},
		{"a token and an unknown certificate", "unknown-proxy", []header{{"Authorization", "Bearer " + reader}}, podsPath, 200, `"value":"3"`},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			answer := sextant.Get(t, sextant.Client(t, c.certificate), c.path, c.headers...)
			if answer.Status != c.status || !strings.Contains(answer.Body, c.message) {
				t.Errorf("want %d and %q, have %v", c.status, c.message, answer)
			}
		})
	}
	t.Run("ThroughTheAPIServer", func(t *testing.T) {
		if _, err := world.Kubectl("alice", "get", "--raw", podsPath); err != nil {
			t.Error(err)
		}
		_, err := world.Kubectl("alice", "get", "--raw", otherPath)
		if err == nil || !strings.Contains(err.Error(), `User "alice" cannot get resource "metrics" in API group "custom.metrics.k8s.io" in the namespace "access"`) {
			t.Errorf("alice, who may not: %v", err)
		}
		_, err = world.Kubectl("admin", "get", "--raw", otherPath, "--as", "bob")
		if err == nil || !strings.Contains(err.Error(), `User "bob" cannot get resource "metrics"`) {
			t.Errorf("bob by impersonation: %v", err)
		}
	})
	t.Run("NoTokenIsInTheLog", func(t *testing.T) {
		log := readFile(t, sextant.Process.Log)
		for _, secret := range []string{reader, stranger, "nonsense", "YWRtaW46YWRtaW4="} {
			if strings.Contains(log, secret) {
				t.Errorf("sextant's log has %q", secret)
			}
		}
	})
}

// issueCallers makes the certificates of those who try to get in.
func issueCallers(t *testing.T) {
	t.Helper()
	dir, now := world.Plane.Path(""), time.Now()
	const client, server = x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth
	for _, c := range []struct {
		authority, name string
		who             pki.Identity
	}{
		{cluster.FrontProxyAuthority, "other-proxy", pki.Identity{CommonName: "somebody", Usage: client}},
		{cluster.FrontProxyAuthority, "server-proxy", pki.Identity{CommonName: "front-proxy-client", Usage: server}},
		{cluster.FrontProxyAuthority, "expired-proxy", pki.Identity{CommonName: "front-proxy-client", Usage: client,
			NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(-time.Hour)}},
		{cluster.FrontProxyAuthority, "early-proxy", pki.Identity{CommonName: "front-proxy-client", Usage: client, NotBefore: now.Add(time.Hour)}},
		{cluster.ClientAuthority, "client-proxy", pki.Identity{CommonName: "front-proxy-client", Usage: client}},
		{"unknown-ca", "unknown-proxy", pki.Identity{CommonName: "front-proxy-client", Usage: client}},
		{cluster.ClientAuthority, "alice", pki.Identity{CommonName: "alice", Organizations: []string{"devs"}, Usage: client}},
		{cluster.ClientAuthority, "expired-admin", pki.Identity{CommonName: "kubernetes-admin", Organizations: []string{"system:masters"}, Usage: client,
			NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(-time.Hour)}},
	} {
		authority, err := pki.Open(dir, c.authority)
		if err != nil {
			t.Fatal(err)
		}
		if err := authority.Issue(dir, c.name, c.who); err != nil {
			t.Fatal(err)
		}
	}
	if err := cluster.WriteKubeconfig(dir, "alice", world.Plane.Server()); err != nil {
		t.Fatal(err)
	}
}
