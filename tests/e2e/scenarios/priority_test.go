package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sextant/e2e/harness"
)

// The controller asks for the version of the highest priority; either must do.
func TestEitherVersionMayBePreferred(t *testing.T) {
	sextant := startInCluster(t)
	for i, c := range []struct {
		preferred string
		first     int
	}{{"v1beta1", 300}, {"v1beta2", 50}} {
		t.Run(c.preferred, func(t *testing.T) {
			versions := slices.Clone(harness.Versions)
			versions[0].Priority = c.first
			world.Register(t, versions)
			namespace := fmt.Sprintf("priority-%d", i)
			world.MakeNamespace(t, namespace)
			scaleByOne(t, namespace, fmt.Sprintf(`load{namespace=%q}`, namespace), 1,
				objectMetric("load", "{apiVersion: v1, kind: Namespace, name: x}", "10"))
			harness.Within(t, minute, "the controller asks for "+c.preferred, func() error {
				log, err := os.ReadFile(sextant.Process.Log)
				if err != nil {
					return err
				}
				path := "path=/apis/custom.metrics.k8s.io/" + c.preferred + "/namespaces/" + namespace + "/metrics/load "
				if !strings.Contains(string(log), path) {
					return fmt.Errorf("sextant's log has no %s", path)
				}
				return nil
			})
		})
	}
	world.Register(t, harness.Versions)
}
