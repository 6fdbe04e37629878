package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sextant/e2e/cluster"
	"sextant/e2e/process"
)

// listFlag collects a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string         { return strings.Join(*l, " ") }
func (l *listFlag) Set(value string) error { *l = append(*l, value); return nil }

// upOptions are the settings of `kube up`.
type upOptions struct {
	cluster.Options
	startTimeout time.Duration
}

func parseUpOptions(args []string) (upOptions, error) {
	var o upOptions
	flags := flag.NewFlagSet("kube up", flag.ContinueOnError)
	flags.StringVar(&o.Dir, "dir", "", "folder for certificates, kubeconfigs, logs and etcd's data (required)")
	flags.IntVar(&o.PortBase, "port-base", 0, "first of four consecutive ports: kube-apiserver, etcd client, etcd peer, kube-controller-manager; 0 picks free ones")
	flags.StringVar(&o.Controllers, "controllers", cluster.DefaultControllers, "kube-controller-manager's --controllers")
	flags.DurationVar(&o.SyncPeriod, "hpa-sync-period", 5*time.Second, "kube-controller-manager's --horizontal-pod-autoscaler-sync-period")
	flags.BoolVar(&o.WithoutController, "no-controller-manager", false, "start only etcd and kube-apiserver")
	flags.DurationVar(&o.startTimeout, "start-timeout", 3*time.Minute, "how long all programs together may take to be ready")
	flags.Var((*listFlag)(&o.APIServerFlags), "apiserver-flag", "one more flag for kube-apiserver, as --name=value; may be repeated")
	flags.Var((*listFlag)(&o.ControllerFlags), "controller-manager-flag", "one more flag for kube-controller-manager; may be repeated")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.Dir == "" {
		return o, errors.New("kube up: --dir is required")
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return o, err
	}
	o.Program, err = os.Executable()
	return o, err
}

// runUp starts the control plane and keeps it until SIGINT or SIGTERM, or until one of its programs ends.
func runUp(args []string) error {
	options, err := parseUpOptions(args)
	if err != nil {
		return err
	}
	interrupted, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	begin, readyFile := time.Now(), filepath.Join(options.Dir, "ready.json")
	os.Remove(readyFile)
	starting, cancel := context.WithTimeout(interrupted, options.startTimeout)
	defer cancel()
	plane, err := cluster.Start(starting, options.Options)
	if interrupted.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer plane.Stop(os.Stdout)
	fmt.Printf("%sall ready after %.2f s\nexport KUBECONFIG=%s\n", plane.Report(), time.Since(begin).Seconds(), plane.Path("admin.kubeconfig"))
	if err := writeReady(readyFile, plane, time.Since(begin)); err != nil {
		return err
	}
	defer os.Remove(readyFile)
	return watch(interrupted, plane.Processes())
}

// watch returns once it is interrupted, or with the first program that ended by itself.
func watch(interrupted context.Context, processes []*process.Process) error {
	ended := make(chan *process.Process, len(processes))
	for _, p := range processes {
		go func() {
			<-p.Done()
			ended <- p
		}()
	}
	select {
	case <-interrupted.Done():
		return nil
	case p := <-ended:
		return fmt.Errorf("%s ended by itself (%v); %s ends with:\n%s", p.Name, p.Err(), p.Log, process.Tail(p.Log, 20))
	}
}

// writeReady leaves for scripts that everything is up.
func writeReady(path string, plane *cluster.Plane, took time.Duration) error {
	type program struct {
		Name string `json:"name"`
		PID  int    `json:"pid"`
	}
	ready := struct {
		Server     string    `json:"server"`
		Kubeconfig string    `json:"kubeconfig"`
		Seconds    float64   `json:"seconds"`
		Processes  []program `json:"processes"`
	}{Server: plane.Server(), Kubeconfig: plane.Path("admin.kubeconfig"), Seconds: took.Seconds()}
	for _, p := range plane.Processes() {
		ready.Processes = append(ready.Processes, program{p.Name, p.PID()})
	}
	text, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".partial", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".partial", path)
}
