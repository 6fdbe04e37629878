// Command kube is one binary with the real programs of a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager)
// and what tests and benchmarks need around them on a machine without a container engine. See usage below.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	_ "time/tzdata" // CronJobs name time zones

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // metrics of client-go, as in the upstream programs
	_ "k8s.io/component-base/metrics/prometheus/version"  // kubernetes_build_info
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

const usage = `usage: kube COMMAND [flags]     (kube COMMAND --help shows the flags)

  up             start etcd, kube-apiserver and kube-controller-manager on 127.0.0.1 and keep them until Ctrl-C
                   kube up --dir cluster
                   (once cluster/ready.json exists: export KUBECONFIG=cluster/admin.kubeconfig)
  ready-pods     stand in for scheduler and kubelet: every pod becomes Running and Ready, no container is run
  serving-cert   write a certificate that the aggregator accepts for a Service
                   kube serving-cert --dir cluster --service adapter --namespace custom-metrics
  apiservice     print the Namespace, Service and APIService that lead the aggregator to a server on this machine
                   kube apiservice --dir cluster --service adapter --namespace custom-metrics --port 6443 | kubectl apply -f -

  etcd, kube-apiserver, kube-controller-manager
                 the upstream programs, with their own flags; a link of that name to this binary works too
`

// upstream names the programs that a link to this binary may stand for.
var upstream = []string{"etcd", "kube-apiserver", "kube-controller-manager"}

func main() {
	if !slices.Contains(upstream, filepath.Base(os.Args[0])) {
		os.Args = os.Args[1:]
	}
	if len(os.Args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch name := filepath.Base(os.Args[0]); name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "up":
		exit(runUp(os.Args[1:]))
	case "ready-pods":
		exit(runReadyPods(os.Args[1:]))
	case "serving-cert":
		exit(runServingCert(os.Args[1:]))
	case "apiservice":
		exit(runAPIService(os.Args[1:]))
	case "help", "-h", "--help":
		fmt.Print(usage)
	default:
		fmt.Fprintf(os.Stderr, "kube: no command %q\n\n%s", name, usage)
		os.Exit(2)
	}
}

func exit(err error) {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
