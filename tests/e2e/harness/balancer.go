package harness

import (
	"io"
	"net"
	"slices"
	"sync"
)

// Balancer stands for sextant's Service: a port that stays while what is behind it changes. New connections go to the targets in turn; a
// connection stays with its target, as with kube-proxy, until either side ends it. Safe for use from several goroutines.
type Balancer struct {
	Port     int
	listener net.Listener

	mutex   sync.Mutex
	targets []string
	turn    int
	open    map[net.Conn]string // connections of callers, and whom they reach
}

// NewBalancer listens on a free port of 127.0.0.1 until Close. Without a target it ends connections at once.
func NewBalancer() (*Balancer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &Balancer{Port: listener.Addr().(*net.TCPAddr).Port, listener: listener, open: map[net.Conn]string{}}
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
	for caller, target := range b.open {
		if !slices.Contains(targets, target) {
			caller.Close()
		}
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

// next gives the caller's connection a target; "" if there is none.
func (b *Balancer) next(caller net.Conn) string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.targets) == 0 {
		return ""
	}
	b.turn++
	target := b.targets[b.turn%len(b.targets)]
	b.open[caller] = target
	return target
}

func (b *Balancer) serve(caller net.Conn) {
	defer caller.Close()
	target := b.next(caller)
	if target == "" {
		return
	}
	defer func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		delete(b.open, caller)
	}()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, caller)
		server.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(caller, server)
}
