// Package process runs the programs of a test as children that end with it, whatever happens.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a started child with its output in a file.
type Process struct {
	Name  string
	Log   string
	Ready time.Duration // from the first look until WaitReady saw it ready
	cmd   *exec.Cmd
	done  chan struct{} // closed once the child has ended
	err   error         // how it ended; read only after done
}

// A child's death signal is bound to the thread that starts it, so that one thread, which lives as long as the program, starts them all.
var (
	starter     sync.Once
	startOrders = make(chan func())
)

func onStarterThread(start func() error) error {
	starter.Do(func() {
		go func() {
			runtime.LockOSThread()
			for order := range startOrders {
				order()
			}
		}()
	})
	result := make(chan error)
	startOrders <- func() { result <- start() }
	return <-result
}

// Start runs the command with its output at the end of the file log. The child gets its own process group, so that Ctrl-C reaches only
// the parent, which stops the children in order; should the parent die, the kernel stops them.
func Start(name, log, program string, args ...string) (*Process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	p := &Process{Name: name, Log: log, done: make(chan struct{})}
	p.cmd = exec.Command(program, args...)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := onStarterThread(p.cmd.Start); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed once the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended; only after Done.
func (p *Process) Err() error { return p.err }

// WaitUntil looks until ready says so, the child ends, or the time is up.
func (p *Process) WaitUntil(ctx context.Context, what string, ready func() error) error {
	begin := time.Now()
	for {
		last := ready()
		if last == nil {
			p.Ready = time.Since(begin)
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended (%v) before %s; %s ends with:\n%s", p.Name, p.err, what, p.Log, Tail(p.Log, 20))
		case <-ctx.Done():
			return fmt.Errorf("%s: waited in vain until %s (%v); %s ends with:\n%s", p.Name, what, last, p.Log, Tail(p.Log, 20))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// WaitReady asks url until it answers 200.
func (p *Process) WaitReady(ctx context.Context, client *http.Client, url string) error {
	return p.WaitUntil(ctx, "it is ready", func() error {
		response, err := client.Get(url)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

func (p *Process) Signal(signal os.Signal) { p.cmd.Process.Signal(signal) }

// Stop asks the child to end and, past the grace time, ends it.
func (p *Process) Stop(grace time.Duration) error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end within %v", p.Name, grace)
	}
	return p.err
}

// Memory gives the resident set and its peak in MiB, as the kernel counts them.
func (p *Process) Memory() (now, peak int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0, 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "VmRSS:":
			now = kib / 1024
		case "VmHWM:":
			peak = kib / 1024
		}
	}
	return now, peak
}

// CPU is the processor time that the child has used so far.
func (p *Process) CPU() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		return 0
	}
	// The name in brackets may hold blanks; utime and stime are fields 14 and 15, in hundredths of a second.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// Tail is the end of a file.
func Tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}

// FreePorts gives n ports of 127.0.0.1: base, base+1, ... or, with base 0, ports that are free now.
func FreePorts(base, n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		wanted := 0
		if base != 0 {
			wanted = base + i
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", wanted))
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
