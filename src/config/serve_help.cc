#include <algorithm>
#include <string>
#include <string_view>

#include "flag_help.h"
#include "flag_table.h"
#include "sextant/config/flags.h"

namespace sextant::config {

namespace {

constexpr std::string_view kBefore =
    R"(Serves custom.metrics.k8s.io, external.metrics.k8s.io and metrics.k8s.io over
HTTPS from the metrics that a Prometheus has, by the rules of a configuration
file.

Usage:
  sextant serve --config=FILE [--prometheus-url=URL] [flags]
  sextant serve --standalone --config=FILE [--prometheus-url=URL] [flags]

Examples:
  # In a pod, as its service account
  sextant serve --config=/etc/adapter/config.yaml --secure-port=6443 \
    --prometheus-url=http://prometheus.monitoring.svc:9090

  # Beside a cluster, as a kubeconfig says
  sextant serve --config=rules.yaml --secure-port=6443 \
    --lister-kubeconfig=admin.conf --authentication-kubeconfig=admin.conf \
    --authorization-kubeconfig=admin.conf \
    --prometheus-url=http://localhost:9090

  # On this machine, without a cluster; https://127.0.0.1:6443
  sextant serve --standalone --config=rules.yaml \
    --prometheus-url=http://localhost:9090 --secure-port=6443

  # The same, knowing the objects of a cluster and their labels
  kubectl get pods,services,deployments --all-namespaces -o json > objects.json
  sextant serve --standalone --standalone-objects=objects.json \
    --config=rules.yaml --prometheus-url=http://localhost:9090

  # A Prometheus that wants a certificate authority, a tenant and a token
  sextant serve --standalone --config=rules.yaml \
    --prometheus-url=https://prometheus.example/tenants \
    --prometheus-ca-file=ca.crt --prometheus-token-file=token \
    --prometheus-header=X-Scope-OrgID=shop

)";

constexpr std::string_view kAfter =
    R"(The other flags of prometheus-adapter and those of klog are accepted; they do
nothing here, and a warning says why.  docs/COMMANDS.md lists them all.

A TIME is written like 30s, 5m or 1h30m.  Flags are written --flag=value or
--flag value; switches --flag or --flag=false.
)";

bool Acts(const FlagGroup& group) {
  return std::any_of(
      group.flags.begin(), group.flags.end(),
      [](const Flag& flag) { return flag.fate == FlagFate::kActs; });
}

}  // namespace

std::string ServeHelpText() {
  std::string text(kBefore);
  for (const FlagGroup& group : FlagTable()) {
    if (Acts(group)) text += HelpOf(group) + "\n";
  }
  return text + std::string(kAfter);
}

}  // namespace sextant::config
