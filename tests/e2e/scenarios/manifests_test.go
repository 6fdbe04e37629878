package scenarios

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sextant/e2e/harness"
)

// Kinds that come with an operator, which takes them as they are here.
var operatorKinds = []struct{ group, version, kind, plural string }{
	{"monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors"},
	{"monitoring.coreos.com", "v1", "PodMonitor", "podmonitors"},
	{"monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules"},
	{"monitoring.googleapis.com", "v1", "PodMonitoring", "podmonitorings"},
	{"cert-manager.io", "v1", "Issuer", "issuers"},
	{"cert-manager.io", "v1", "Certificate", "certificates"},
}

func defineOperatorKinds(t *testing.T) {
	t.Helper()
	for _, kind := range operatorKinds {
		world.Apply(t, fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[4]s.%[1]s}
spec:
  group: %[1]s
  scope: Namespaced
  names: {kind: %[3]s, plural: %[4]s}
  versions:
  - {name: %[2]s, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`, kind.group, kind.version, kind.kind, kind.plural))
	}
}

// Whatever a user is told to apply, a real API server takes: it checks every field, and refuses those that it does not know.
func TestManifestsAreAccepted(t *testing.T) {
	t.Parallel()
	defineOperatorKinds(t)
	world.Apply(t, rolloutDefinition)
	for _, name := range []string{"monitoring", "elsewhere"} {
		world.Apply(t, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name))
	}
	t.Run("OfTheChart", func(t *testing.T) {
		sets, err := filepath.Glob("../../deploy/values/*/expected.yaml")
		if err != nil || len(sets) < 15 {
			t.Fatalf("%d renderings (%v)", len(sets), err)
		}
		for _, set := range sets {
			t.Run(filepath.Base(filepath.Dir(set)), func(t *testing.T) { accepted(t, "-f", set) })
		}
	})
	t.Run("OfKustomize", func(t *testing.T) {
		folders := foldersWith(t, harness.Deploy(t, "manifests"), "kustomization.yaml")
		for _, folder := range folders {
			// A component is a part of others.
			if strings.Contains(readFile(t, filepath.Join(folder, "kustomization.yaml")), "\nkind: Component") {
				continue
			}
			t.Run(filepath.Base(folder), func(t *testing.T) {
				text, err := world.Kubectl("admin", "kustomize", folder)
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "all.yaml")
				writeFile(t, path, text)
				accepted(t, "-f", path)
			})
		}
	})
	t.Run("OfTheExamples", func(t *testing.T) {
		examples, err := filepath.Glob(filepath.Join(os.Getenv("E2E_EXAMPLES"), "*", "*.yaml"))
		if err != nil || len(examples) < 5 {
			t.Fatalf("%d files (%v)", len(examples), err)
		}
		for _, example := range examples {
			// The others are rules and values, which are no objects of Kubernetes.
			if text := readFile(t, example); !strings.Contains(text, "\nkind: ") && !strings.HasPrefix(text, "kind: ") {
				continue
			}
			name := filepath.Base(filepath.Dir(example)) + "/" + filepath.Base(example)
			t.Run(name, func(t *testing.T) { accepted(t, "-f", withNamespaces(t, example)) })
		}
	})
}

// accepted has the API server check objects, and write nothing.
func accepted(t *testing.T, args ...string) {
	t.Helper()
	output, err := world.Kubectl("admin", append([]string{"apply", "--dry-run=server", "--validate=strict"}, args...)...)
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(output, "(server dry run)") {
		t.Errorf("nothing was checked: %q", output)
	}
}

// withNamespaces makes the namespaces that a file's objects are in, as an object is refused without, and returns the file.
func withNamespaces(t *testing.T, path string) string {
	t.Helper()
	for _, line := range strings.Split(readFile(t, path), "\n") {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "namespace: "); is && !strings.ContainsAny(name, "{}$<\"' ") {
			world.Apply(t, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name))
		}
	}
	return path
}

func foldersWith(t *testing.T, root, name string) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == name {
			folders = append(folders, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}
