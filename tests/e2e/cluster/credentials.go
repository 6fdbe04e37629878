package cluster

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"sextant/e2e/pki"
)

// The authorities of a control plane, and the names of their files. ServingAuthority signs the serving certificates of kube-apiserver and
// of the servers behind it.
const (
	ServingAuthority    = "serving-ca"
	ClientAuthority     = "client-ca"
	FrontProxyAuthority = "front-proxy-ca"
)

// writeCredentials makes the three authorities (kept between runs in the same folder), their leaves and the kubeconfigs.
func writeCredentials(dir, server string) error {
	servers, err := pki.Open(dir, ServingAuthority)
	if err != nil {
		return err
	}
	clients, err := pki.Open(dir, ClientAuthority)
	if err != nil {
		return err
	}
	frontProxy, err := pki.Open(dir, FrontProxyAuthority)
	if err != nil {
		return err
	}
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)}
	leaves := []struct {
		signer *pki.Authority
		name   string
		who    pki.Identity
	}{
		{servers, "apiserver", pki.Identity{CommonName: "kube-apiserver", Addresses: loopback, Usage: x509.ExtKeyUsageServerAuth,
			DNSNames: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}}},
		{servers, "controller-manager-serving", pki.Identity{CommonName: "kube-controller-manager", Addresses: loopback[:1],
			DNSNames: []string{"localhost"}, Usage: x509.ExtKeyUsageServerAuth}},
		{clients, "admin", pki.Identity{CommonName: "kubernetes-admin", Organizations: []string{"system:masters"}, Usage: x509.ExtKeyUsageClientAuth}},
		{clients, "controller-manager", pki.Identity{CommonName: "system:kube-controller-manager", Usage: x509.ExtKeyUsageClientAuth}},
		{frontProxy, "aggregator", pki.Identity{CommonName: "front-proxy-client", Usage: x509.ExtKeyUsageClientAuth}},
	}
	for _, leaf := range leaves {
		if err := leaf.signer.Issue(dir, leaf.name, leaf.who); err != nil {
			return fmt.Errorf("%s: %w", leaf.name, err)
		}
	}
	if err := pki.OpenSigningKey(dir, "service-account"); err != nil {
		return err
	}
	for _, user := range []string{"admin", "controller-manager"} {
		if err := WriteKubeconfig(dir, user, server); err != nil {
			return err
		}
	}
	return nil
}

// WriteKubeconfig writes USER.kubeconfig with the user's certificate and the serving authority inside.
func WriteKubeconfig(dir, user, server string) error {
	encoded := map[string]string{}
	for _, name := range []string{user + ".crt", user + ".key"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		encoded[name] = base64.StdEncoding.EncodeToString(content)
	}
	return writeKubeconfig(dir, filepath.Join(dir, user+".kubeconfig"), user, server,
		fmt.Sprintf("{client-certificate-data: %s, client-key-data: %s}", encoded[user+".crt"], encoded[user+".key"]))
}

// WriteTokenKubeconfig writes the kubeconfig of someone whose bearer token is in a file, and who finds the API server at that URL.
func (p *Plane) WriteTokenKubeconfig(path, server, tokenFile string) error {
	return writeKubeconfig(p.options.Dir, path, "holder", server, fmt.Sprintf("{tokenFile: %q}", tokenFile))
}

func writeKubeconfig(dir, path, user, server, credentials string) error {
	authority, err := os.ReadFile(filepath.Join(dir, ServingAuthority+".crt"))
	if err != nil {
		return err
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: kube
  cluster: {server: "%s", certificate-authority-data: %s}
users:
- name: %s
  user: %s
contexts:
- name: kube
  context: {cluster: kube, user: %s}
current-context: kube
`, server, base64.StdEncoding.EncodeToString(authority), user, credentials, user)
	return os.WriteFile(path, []byte(text), 0o600)
}

// IssueServingCert writes SERVICE.crt and SERVICE.key: a certificate that the aggregator accepts for the Service.
func IssueServingCert(dir, service, namespace string) error {
	authority, err := pki.Open(dir, ServingAuthority)
	if err != nil {
		return err
	}
	return authority.Issue(dir, service, pki.Identity{
		CommonName: service + "." + namespace + ".svc",
		DNSNames:   []string{service + "." + namespace + ".svc", "localhost"},
		Addresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		Usage:      x509.ExtKeyUsageServerAuth,
	})
}
