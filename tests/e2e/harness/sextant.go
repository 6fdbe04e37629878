package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"

	"sextant/e2e/cluster"
	"sextant/e2e/process"
)

// Where sextant is in the cluster.
const (
	Namespace = "monitoring"
	Service   = "sextant"
)

// Sextant is the program under test, on a free port of 127.0.0.1.
type Sextant struct {
	Address string
	Process *process.Process
	world   *World
}

var serving = regexp.MustCompile(`serving\b.*\baddress="?([^\s"]+)`)

// StartSextant starts it with those rules and flags, of which the last counts if there are several, and returns once it is ready. It ends with
// the test, without a delay.
func (w *World) StartSextant(t testing.TB, rules string, flags ...string) *Sextant {
	t.Helper()
	dir, err := os.MkdirTemp(w.Dir, "sextant-")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(config, []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"serve", "--config", config, "--prometheus-url", w.Prometheus.URL, "--bind-address", "127.0.0.1", "--secure-port", "0",
		"--tls-cert-file", w.Plane.Path(Service + ".crt"), "--tls-private-key-file", w.Plane.Path(Service + ".key"), "--v=4",
		"--shutdown-delay-duration", "0s"} // nobody has to notice that it is not ready any more
	return w.StartSextantWith(t, dir, slices.Concat(args, flags)...)
}

// StartSextantWith starts it with just those arguments and its log in dir, and returns once it is ready. It ends with the test.
func (w *World) StartSextantWith(t testing.TB, dir string, args ...string) *Sextant {
	t.Helper()
	log := filepath.Join(dir, "sextant.log")
	started, err := process.Start("sextant", log, w.SextantProgram, args...)
	if err != nil {
		t.Fatal(err)
	}
	s := &Sextant{Process: started, world: w}
	t.Cleanup(func() {
		s.Process.Stop(20 * time.Second)
		if t.Failed() {
			t.Logf("%s ends with:\n%s", log, process.Tail(log, 40))
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Process.WaitUntil(ctx, "it listens", s.findAddress); err != nil {
		t.Fatal(err)
	}
	if err := s.Process.WaitReady(ctx, s.Client(t, ""), "https://"+s.Address+"/readyz"); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Sextant) findAddress() error {
	log, err := os.ReadFile(s.Process.Log)
	if err != nil {
		return err
	}
	found := serving.FindSubmatch(log)
	if found == nil {
		return errors.New("its log has no line `serving`")
	}
	s.Address = string(found[1])
	return nil
}

// Stop asks it to end, as a kubelet does, and waits until it has.
func (s *Sextant) Stop(t testing.TB) {
	t.Helper()
	if err := s.Process.Stop(30 * time.Second); err != nil {
		t.Errorf("sextant: %v; %s ends with:\n%s", err, s.Process.Log, process.Tail(s.Process.Log, 20))
	}
}

// Terminate asks it to end and does not wait.
func (s *Sextant) Terminate() { s.Process.Signal(syscall.SIGTERM) }

// Client speaks to sextant itself, past the API server, with the certificate NAME.crt and NAME.key of the control plane ("": none).
func (s *Sextant) Client(t testing.TB, certificate string) *http.Client {
	t.Helper()
	return s.world.DirectClient(t, certificate)
}

// DirectClient trusts sextant's serving certificate and shows its own, if any.
func (w *World) DirectClient(t testing.TB, certificate string) *http.Client {
	t.Helper()
	authority, err := os.ReadFile(w.Plane.Path(cluster.ServingAuthority + ".crt"))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(authority)
	if certificate != "" {
		own, err := tls.LoadX509KeyPair(w.Plane.Path(certificate+".crt"), w.Plane.Path(certificate+".key"))
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// Answer is what came back.
type Answer struct {
	Status int
	Body   string
}

func (a Answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }

// Get asks sextant itself for a path, with those headers; each is a name and a value.
func (s *Sextant) Get(t testing.TB, client *http.Client, path string, headers ...[2]string) Answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "https://"+s.Address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		request.Header.Add(header[0], header[1])
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return Answer{response.StatusCode, string(body)}
}
