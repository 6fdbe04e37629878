package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"sextant/e2e/cluster"
)

// runServingCert writes SERVICE.crt and SERVICE.key into the folder of `kube up`: a certificate that the aggregator accepts for the Service.
func runServingCert(args []string) error {
	flags := flag.NewFlagSet("kube serving-cert", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of `kube up` (required)")
	service := flags.String("service", "", "name of the Service (required)")
	namespace := flags.String("namespace", "", "namespace of the Service (required)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || *service == "" || *namespace == "" {
		return errors.New("kube serving-cert: --dir, --service and --namespace are required")
	}
	return cluster.IssueServingCert(*dir, *service, *namespace)
}

// runAPIService prints what makes the real aggregator send a group to a server on this machine, to be given to `kubectl apply -f -`.
func runAPIService(args []string) error {
	flags := flag.NewFlagSet("kube apiservice", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of `kube up` (required)")
	service := flags.String("service", "", "name of the Service (required)")
	namespace := flags.String("namespace", "", "namespace of the Service (required)")
	port := flags.Int("port", 0, "port of 127.0.0.1 the server listens on (required)")
	versions := flags.String("versions", "custom.metrics.k8s.io/v1beta1", "group/version pairs, separated by commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || *service == "" || *namespace == "" || *port == 0 {
		return errors.New("kube apiservice: --dir, --service, --namespace and --port are required")
	}
	registration := cluster.Registration{Service: *service, Namespace: *namespace, Port: *port}
	for pair := range strings.SplitSeq(*versions, ",") {
		group, version, found := strings.Cut(pair, "/")
		if !found {
			return fmt.Errorf("%q: want group/version", pair)
		}
		registration.Versions = append(registration.Versions, cluster.Version{Group: group, Version: version, Priority: 100})
	}
	manifest, err := registration.Manifest(*dir)
	if err != nil {
		return err
	}
	fmt.Print(manifest)
	return nil
}
