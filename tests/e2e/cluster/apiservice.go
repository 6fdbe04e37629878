package cluster

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Registration is what leads the aggregator to a server on this machine.
type Registration struct {
	Service   string
	Namespace string
	Port      int
	Versions  []Version
}

// Version is one group and version that the server answers.
type Version struct {
	Group    string
	Version  string
	Priority int // the highest of a group is what the HPA controller asks for
}

// Manifest gives Namespace, Service and APIServices as YAML. The Service is an ExternalName of 127.0.0.1: endpoints may not hold
// loopback addresses. The caBundle is the serving authority of the control plane in dir.
func (r Registration) Manifest(dir string) (string, error) {
	bundle, err := os.ReadFile(filepath.Join(dir, ServingAuthority+".crt"))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, `apiVersion: v1
kind: Namespace
metadata: {name: %[1]s}
---
apiVersion: v1
kind: Service
metadata: {name: %[2]s, namespace: %[1]s}
spec: {type: ExternalName, externalName: 127.0.0.1}
`, r.Namespace, r.Service)
	for _, version := range r.Versions {
		fmt.Fprintf(&text, `---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: %[2]s.%[1]s}
spec:
  group: %[1]s
  version: %[2]s
  groupPriorityMinimum: 100
  versionPriority: %[3]d
  service: {name: %[4]s, namespace: %[5]s, port: %[6]d}
  caBundle: %[7]s
`, version.Group, version.Version, version.Priority, r.Service, r.Namespace, r.Port, base64.StdEncoding.EncodeToString(bundle))
	}
	return text.String(), nil
}
