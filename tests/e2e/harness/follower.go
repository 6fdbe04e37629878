package harness

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Follower keeps the balancer's targets to those replicas that say that they are ready, as the endpoints of a Service do.
type Follower struct {
	world  *World
	client *http.Client

	mutex    sync.Mutex
	replicas []*Sextant
}

// FollowReadiness looks at the replicas five times a second until the test ends.
func (w *World) FollowReadiness(t testing.TB, replicas ...*Sextant) *Follower {
	t.Helper()
	f := &Follower{world: w, client: w.DirectClient(t, ""), replicas: replicas}
	f.client.Timeout = time.Second
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	w.Balancer.Replace()
	f.look()
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			f.look()
			time.Sleep(200 * time.Millisecond)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return f
}

// Add follows one more.
func (f *Follower) Add(replica *Sextant) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.replicas = append(f.replicas, replica)
}

func (f *Follower) look() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var ready []string
	for _, replica := range f.replicas {
		response, err := f.client.Get("https://" + replica.Address + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			ready = append(ready, replica.Address)
		}
	}
	f.world.Balancer.SetTargets(ready...)
}
