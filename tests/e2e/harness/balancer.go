package harness

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Balancer stands for sextant's Service: a port that stays while what is behind it changes. New connections go to the targets in turn; a
// connection stays with its target, as with kube-proxy, until either side ends it. Safe for use from several goroutines.
type Balancer struct {
	Port     int
	listener net.Listener

	mutex   sync.Mutex
	targets []string
	turn    int
	open    map[net.Conn]*way // connections of callers
}

// lastWords is how long a caller may take to end its side when the target has ended its own.
const lastWords = 5 * time.Second

// way is where a caller's connection leads.
type way struct {
	target string
	silent atomic.Bool // the caller hears nothing any more
}

// hearing is a caller's connection that takes what is written to it, and passes it on unless the way is silent.
type hearing struct {
	net.Conn
	way *way
}

func (h hearing) Write(bytes []byte) (int, error) {
	if h.way.silent.Load() {
		return len(bytes), nil
	}
	return h.Conn.Write(bytes)
}

// NewBalancer listens on a free port of 127.0.0.1 until Close. Without a target it ends connections at once.
func NewBalancer() (*Balancer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &Balancer{Port: listener.Addr().(*net.TCPAddr).Port, listener: listener, open: map[net.Conn]*way{}}
	go b.accept()
	return b, nil
}

func (b *Balancer) Close() {
	b.listener.Close()
	b.Replace()
}

// SetTargets decides where new connections go.
func (b *Balancer) SetTargets(targets ...string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.targets = slices.Clone(targets)
}

// Replace decides where new connections go, and ends those to anybody else.
func (b *Balancer) Replace(targets ...string) {
	b.SetTargets(targets...)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for caller, way := range b.open {
		if !slices.Contains(targets, way.target) {
			caller.Close()
		}
	}
}

// Silence lets the connections that there are stay open and swallows what would come back on them, as a network that loses packets does. New
// connections work.
func (b *Balancer) Silence() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, way := range b.open {
		way.silent.Store(true)
	}
}

func (b *Balancer) accept() {
	for {
		caller, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.serve(caller)
	}
}

// next gives the caller's connection a target; nil if there is none.
func (b *Balancer) next(caller net.Conn) *way {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.targets) == 0 {
		return nil
	}
	b.turn++
	found := &way{target: b.targets[b.turn%len(b.targets)]}
	b.open[caller] = found
	return found
}

func (b *Balancer) serve(caller net.Conn) {
	defer caller.Close()
	found := b.next(caller)
	if found == nil {
		return
	}
	defer func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		delete(b.open, caller)
	}()
	server, err := net.Dial("tcp", found.target)
	if err != nil {
		return
	}
	defer server.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(server, caller)
		server.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(hearing{caller, found}, server)
	// As with kube-proxy, the end of one direction is not the end of the other: what the caller still sends would else be met by a reset,
	// and fail requests that it had not even sent.
	caller.(*net.TCPConn).CloseWrite()
	select {
	case <-ended:
	case <-time.After(lastWords):
	}
}
