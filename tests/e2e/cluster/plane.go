// Package cluster brings up a Kubernetes control plane on 127.0.0.1: the real etcd, kube-apiserver and kube-controller-manager, with
// certificates, front proxy and kubeconfigs, all kept in one folder.
package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sextant/e2e/process"
)

// DefaultControllers is what an HPA, a Deployment and their namespace need. Left out on purpose: the controllers of nodes and of pods
// without nodes, which would undo the pods of a machine without kubelets.
const DefaultControllers = "horizontal-pod-autoscaler-controller,deployment-controller,replicaset-controller," +
	"replicationcontroller-controller,statefulset-controller,namespace-controller,serviceaccount-controller," +
	"serviceaccount-token-controller,root-ca-certificate-publisher-controller,endpoints-controller," +
	"endpointslice-controller,endpointslice-mirroring-controller,garbage-collector-controller," +
	"clusterrole-aggregation-controller,resourcequota-controller,disruption-controller"

// Options of a control plane.
type Options struct {
	Program           string // the binary `kube`
	Dir               string // certificates, kubeconfigs, logs and etcd's data
	PortBase          int    // first of four consecutive ports; 0 picks free ones
	Controllers       string
	SyncPeriod        time.Duration // of the HPA controller
	WithoutController bool
	APIServerFlags    []string
	ControllerFlags   []string
}

// Plane is a control plane that runs. Its methods are for one goroutine at a time.
type Plane struct {
	options                                            Options
	apiserverPort, etcdPort, etcdPeerPort, managerPort int
	etcd, apiserver, manager                           *process.Process
}

// Start brings everything up; ctx bounds how long that may take. What it started is stopped again if it fails.
func Start(ctx context.Context, options Options) (*Plane, error) {
	if err := os.MkdirAll(filepath.Join(options.Dir, "logs"), 0o755); err != nil {
		return nil, err
	}
	ports, err := process.FreePorts(options.PortBase, 4)
	if err != nil {
		return nil, err
	}
	p := &Plane{options: options, apiserverPort: ports[0], etcdPort: ports[1], etcdPeerPort: ports[2], managerPort: ports[3]}
	if err := writeCredentials(options.Dir, p.Server()); err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	starts := []func(context.Context) error{p.startEtcd, p.StartAPIServer}
	if !options.WithoutController {
		starts = append(starts, p.StartControllerManager)
	}
	for _, start := range starts {
		if err := start(ctx); err != nil {
			p.Stop(io.Discard)
			return nil, err
		}
	}
	return p, nil
}

// Server is the API server's URL.
func (p *Plane) Server() string { return fmt.Sprintf("https://127.0.0.1:%d", p.apiserverPort) }

// Path is where a file of the control plane is: "admin.kubeconfig", "front-proxy-ca.crt", "aggregator.crt" and so on.
func (p *Plane) Path(name string) string { return filepath.Join(p.options.Dir, name) }

// Processes are the programs that run, in the order of their start.
func (p *Plane) Processes() []*process.Process {
	var running []*process.Process
	for _, one := range []*process.Process{p.etcd, p.apiserver, p.manager} {
		if one != nil {
			running = append(running, one)
		}
	}
	return running
}

func (p *Plane) startEtcd(ctx context.Context) error {
	client := fmt.Sprintf("http://127.0.0.1:%d", p.etcdPort)
	peer := fmt.Sprintf("http://127.0.0.1:%d", p.etcdPeerPort)
	return p.launch(ctx, &p.etcd, http.DefaultClient, client+"/health", "etcd",
		"--name=kube", "--data-dir="+p.Path("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=kube="+peer)
}

// StartAPIServer starts kube-apiserver, on the same port again after StopAPIServer.
func (p *Plane) StartAPIServer(ctx context.Context) error {
	client, err := p.adminClient()
	if err != nil {
		return err
	}
	args := []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", p.etcdPort),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.apiserverPort),
		"--endpoint-reconciler-type=none", // loopback addresses may not stand in the kubernetes Service's endpoints
		"--service-cluster-ip-range=10.0.0.0/16",
		"--authorization-mode=RBAC",
		"--tls-cert-file=" + p.Path("apiserver.crt"), "--tls-private-key-file=" + p.Path("apiserver.key"),
		"--client-ca-file=" + p.Path("client-ca.crt"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.Path("service-account.pub"),
		"--service-account-signing-key-file=" + p.Path("service-account.key"),
		"--requestheader-client-ca-file=" + p.Path("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-uid-headers=X-Remote-Uid", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + p.Path("aggregator.crt"), "--proxy-client-key-file=" + p.Path("aggregator.key"),
		"--enable-aggregator-routing=false", // Services are resolved by name, so an ExternalName of 127.0.0.1 works
	}
	return p.launch(ctx, &p.apiserver, client, p.Server()+"/readyz", "kube-apiserver", append(args, p.options.APIServerFlags...)...)
}

// StopAPIServer ends kube-apiserver.
func (p *Plane) StopAPIServer() { stop(&p.apiserver) }

// StartControllerManager starts kube-controller-manager, again after StopControllerManager.
func (p *Plane) StartControllerManager(ctx context.Context) error {
	client, err := p.adminClient()
	if err != nil {
		return err
	}
	kubeconfig := p.Path("controller-manager.kubeconfig")
	args := []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.managerPort),
		"--tls-cert-file=" + p.Path("controller-manager-serving.crt"),
		"--tls-private-key-file=" + p.Path("controller-manager-serving.key"),
		"--controllers=" + p.options.Controllers, "--leader-elect=false", "--use-service-account-credentials=true",
		"--service-account-private-key-file=" + p.Path("service-account.key"), "--root-ca-file=" + p.Path(ServingAuthority+".crt"),
		"--horizontal-pod-autoscaler-sync-period=" + p.options.SyncPeriod.String(),
	}
	url := fmt.Sprintf("https://127.0.0.1:%d/healthz", p.managerPort)
	return p.launch(ctx, &p.manager, client, url, "kube-controller-manager", append(args, p.options.ControllerFlags...)...)
}

// StopControllerManager ends kube-controller-manager.
func (p *Plane) StopControllerManager() { stop(&p.manager) }

// SetSyncPeriod is for the next StartControllerManager.
func (p *Plane) SetSyncPeriod(period time.Duration) { p.options.SyncPeriod = period }

func (p *Plane) launch(ctx context.Context, slot **process.Process, client *http.Client, health, name string, args ...string) error {
	started, err := process.Start(name, p.Path("logs/"+name+".log"), p.options.Program, append([]string{name}, args...)...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	*slot = started
	return started.WaitReady(ctx, client, health)
}

func (p *Plane) adminClient() (*http.Client, error) {
	certificate, err := tls.LoadX509KeyPair(p.Path("admin.crt"), p.Path("admin.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(p.Path(ServingAuthority + ".crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}}}, nil
}

// Stop ends the programs, last started first, and tells out what each held at its end.
func (p *Plane) Stop(out io.Writer) {
	for _, slot := range []**process.Process{&p.manager, &p.apiserver, &p.etcd} {
		if *slot == nil {
			continue
		}
		begin, name := time.Now(), (*slot).Name
		now, peak := (*slot).Memory()
		stop(slot)
		fmt.Fprintf(out, "%-24s stopped in %.2f s   RSS %4d MiB (peak %d)\n", name, time.Since(begin).Seconds(), now, peak)
	}
}

func stop(slot **process.Process) {
	if *slot == nil {
		return
	}
	(*slot).Stop(15 * time.Second)
	*slot = nil
}

// Report tells how long each program took to be ready and what it holds.
func (p *Plane) Report() string {
	var text strings.Builder
	for _, one := range p.Processes() {
		now, peak := one.Memory()
		fmt.Fprintf(&text, "%-24s pid %-7d ready after %6.2f s   RSS %4d MiB (peak %d)\n", one.Name, one.PID(), one.Ready.Seconds(), now, peak)
	}
	return text.String()
}
