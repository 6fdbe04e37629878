package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"sextant/e2e/harness"
)

// kubectl top, whose columns are what it makes of metrics.k8s.io.
func TestKubectlTop(t *testing.T) {
	const namespace = "top"
	startInCluster(t)
	world.Register(t, harness.ResourceVersions)
	world.MakeNamespace(t, namespace)
	world.MakeDeployment(t, namespace, "work", 1)
	world.SetForPods(t, namespace, "work", `container_cpu{namespace="top",pod="POD",container="main"}`, harness.Always(0.25))
	world.SetForPods(t, namespace, "work", `container_memory{namespace="top",pod="POD",container="main"}`, harness.Always(64<<20))
	world.Exporter.Set(`node_cpu{node="node-1"}`, 10)
	world.Exporter.Set(`node_memory{node="node-1"}`, 1<<30)
	pod := world.PodNames(t, namespace, "work")[0]

	for _, c := range []struct {
		command []string
		want    []string // lines, blanks between columns made one
	}{
		{[]string{"top", "pods", "-n", namespace, "--no-headers"}, []string{pod + " 250m 64Mi"}},
		{[]string{"top", "pods", "-n", namespace, "--no-headers", "--containers"}, []string{pod + " main 250m 64Mi"}},
		{[]string{"top", "pods", "-n", namespace, "--no-headers", "-l", "app=work"}, []string{pod + " 250m 64Mi"}},
		{[]string{"top", "pods", pod, "-n", namespace, "--no-headers"}, []string{pod + " 250m 64Mi"}},
		{[]string{"top", "nodes", "--no-headers"}, []string{"node-1 10000m 1% 1024Mi 0%"}},
	} {
		harness.Within(t, minute, fmt.Sprintf("kubectl %q says %q", c.command, c.want), func() error {
			output, err := world.Kubectl("admin", c.command...)
			if err != nil {
				return err
			}
			var lines []string
			for line := range strings.Lines(output) {
				lines = append(lines, strings.Join(strings.Fields(line), " "))
			}
			if fmt.Sprint(lines) != fmt.Sprint(c.want) {
				return fmt.Errorf("it says %q", lines)
			}
			return nil
		})
	}
}
