// Package harness is what the scenarios stand on: a control plane, a real Prometheus whose series the test sets, sextant, and a balancer
// that stands for its Service.
package harness

import (
	"testing"
	"time"
)

// Within looks again and again until check finds nothing to complain of, and fails the test with the last complaint when the time is up.
func Within(t testing.TB, limit time.Duration, what string, check func() error) {
	t.Helper()
	end := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain until %s: %v", limit, what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Throughout looks again and again for so long, and fails the test with the first complaint.
func Throughout(t testing.TB, span time.Duration, what string, check func() error) {
	t.Helper()
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err := check(); err != nil {
			t.Fatalf("not %s: %v", what, err)
		}
	}
}
