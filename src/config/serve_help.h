#pragma once

#include <string_view>

namespace sextant::config {

inline constexpr std::string_view kServeHelp =
    R"(Serves custom.metrics.k8s.io and external.metrics.k8s.io over HTTPS from
the metrics that a Prometheus has, by the rules of a configuration file.

Usage:
  sextant serve --standalone --config=FILE [--prometheus-url=URL] [flags]

Examples:
  # On this machine, without a cluster; https://127.0.0.1:6443
  sextant serve --standalone --config=rules.yaml \
    --prometheus-url=http://localhost:9090 --secure-port=6443

  # The same, knowing the objects of a cluster and their labels
  kubectl get pods,services,deployments --all-namespaces -o json > objects.json
  sextant serve --standalone --standalone-objects=objects.json \
    --config=rules.yaml --prometheus-url=http://localhost:9090

Configuration:
  --config=FILE                     The rules, in the format of
                                    prometheus-adapter (needed)
  --metrics-relist-interval=TIME    How often to look for new metrics
                                    (default 10m0s)
  --metrics-max-age=TIME            How far back to look for them, not less
                                    than the interval (default: the interval)

Backend:
  --prometheus-url=URL              The Prometheus to ask
                                    (default https://localhost)

Serving:
  --bind-address=ADDRESS            Where to listen (default 0.0.0.0, with
                                    --standalone 127.0.0.1)
  --secure-port=PORT                The HTTPS port; 0 picks a free one
                                    (default 443)
  --tls-cert-file=FILE              The certificate, PEM, and the chain after
                                    it; read again when it changes (default:
                                    a self-signed one, in memory only)
  --tls-private-key-file=FILE       Its key, PEM; goes with --tls-cert-file

Standalone:
  --standalone                      Work without a cluster.  Callers are not
                                    asked who they are, so only a loopback
                                    address is served (127.0.0.0/8, ::1,
                                    localhost)
  --standalone-resources=FILE       More resources than the built-in ones: what
                                    kubectl get --raw /apis/GROUP/VERSION prints
  --standalone-objects=FILE         The objects and their labels: what
                                    kubectl get ... -o json or -o yaml prints
                                    (default: the objects whose metrics the
                                    backend has; label selectors are refused)

Logging:
  -v, --v=LEVEL                     How much to log; 4 and more log each
                                    request (default 0)

  -h, --help                        Print this and end

A TIME is written like 30s, 5m or 1h30m.  Flags are written --flag=value or
--flag value; switches --flag or --flag=false.
)";

}  // namespace sextant::config
