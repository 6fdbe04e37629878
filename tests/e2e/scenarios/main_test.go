// Package scenarios has the scenarios that run against real programs; see tests/e2e/README.md.
package scenarios

import (
	"fmt"
	"os"
	"testing"
	"time"

	"sextant/e2e/harness"
)

const minute = time.Minute

// world is what all scenarios share. A scenario keeps to a namespace of its own and puts its own sextant behind the balancer;
// one that needs neither the balancer nor the APIServices runs beside others, after all that do.
var world *harness.World

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if world, err = harness.NewWorld(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer world.Stop()
	return m.Run()
}
