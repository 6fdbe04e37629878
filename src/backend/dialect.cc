#include "sextant/backend/dialect.h"

#include <algorithm>

namespace sextant::backend {
namespace {

using Parameter = Dialect::Parameter;
using Hint = Dialect::Hint;

constexpr Hint kPrometheusHints[] = {
    {"Prometheus Agent",
     "an agent has no samples to ask for; take the URL of the server that it "
     "writes to"},
    {"too many samples",
     "let metricsQuery select less, or raise --query.max-samples of the "
     "server"},
};

// Without nocache it answers as of 30 seconds ago, and says that it is now.
constexpr Parameter kVictoriaMetricsQueries[] = {{"deny_partial_response", "1"},
                                                 {"nocache", "1"}};
constexpr Parameter kVictoriaMetricsLists[] = {{"deny_partial_response", "1"}};
constexpr std::string_view kVictoriaMetricsPaths[] = {"/select/"};
constexpr Hint kVictoriaMetricsHints[] = {
    {"too long query",
     "it takes 16 KiB of query text (-search.maxQueryLen); a query whose "
     "aggregations all end in by (<<.GroupBy>>) is asked in parts, any other "
     "whole"},
    {"matching timeseries exceeds",
     "the seriesQuery is one that sextant cannot read for sure, so its series "
     "are listed one by one; write it as name{label=\"value\"}, or raise "
     "-search.maxSeries"},
    {"-search.max", "narrow the query, or raise that flag of the server"},
};

constexpr Parameter kThanosQueries[] = {{"dedup", "true"},
                                        {"partial_response", "false"}};
constexpr Parameter kThanosLists[] = {{"partial_response", "false"}};

constexpr std::string_view kMimirHosts[] = {".grafana.net"};
constexpr std::string_view kMimirPaths[] = {"/api/prom"};
constexpr Hint kMimirHints[] = {
    {"err-mimir-",
     "a limit of the tenant; narrow the query, or have it raised"},
};

constexpr std::string_view kAmazonPaths[] = {"/workspaces/ws-"};

constexpr std::string_view kGooglePaths[] = {"/location/global/prometheus"};
constexpr Hint kGoogleHints[] = {
    {"for the __name__ label",
     "Google takes one exact name in each selector; write <<.Series>> in "
     "metricsQuery, and one rule for each metric"},
};

constexpr std::string_view kAzureHosts[] = {".prometheus.monitor.azure.com",
                                            ".prometheus.monitor.azure.us",
                                            ".prometheus.monitor.azure.cn"};

constexpr Dialect kDialects[] = {
    {.name = "prometheus", .title = "Prometheus", .hints = kPrometheusHints},
    {.name = "victoriametrics",
     .title = "VictoriaMetrics",
     .paths = kVictoriaMetricsPaths,
     .with_queries = kVictoriaMetricsQueries,
     .with_lists = kVictoriaMetricsLists,
     .hints = kVictoriaMetricsHints},
    {.name = "thanos",
     .title = "Thanos",
     .with_queries = kThanosQueries,
     .with_lists = kThanosLists,
     .warns_of_missing_data = true,
     .hints = kPrometheusHints},
    {.name = "mimir",
     .title = "Mimir or Cortex",
     .hosts = kMimirHosts,
     .paths = kMimirPaths,
     .hints = kMimirHints,
     .refused_hint = "Mimir and Cortex want to know the tenant: write "
                     "--prometheus-header=X-Scope-OrgID=TENANT"},
    {.name = "amazon",
     .title = "Amazon Managed Service for Prometheus",
     .paths = kAmazonPaths,
     .percent_blanks = true},
    {.name = "google",
     .title = "Google Managed Service for Prometheus",
     .paths = kGooglePaths,
     .posts_lists = false,
     .discovery = Discovery::kCatalogue,
     .hints = kGoogleHints,
     .refused_hint = "the account needs roles/monitoring.viewer on the "
                     "project of the URL"},
    {.name = "azure",
     .title = "Azure Monitor workspace",
     .hosts = kAzureHosts,
     .posts_lists = false,
     .discovery = Discovery::kCatalogue,
     .refused_hint = "the identity needs the role Monitoring Data Reader on "
                     "the workspace"},
};

constexpr Parameter kCautiousQueries[] = {{"deny_partial_response", "1"},
                                          {"nocache", "1"},
                                          {"partial_response", "false"}};
constexpr Parameter kCautiousLists[] = {{"deny_partial_response", "1"},
                                        {"partial_response", "false"}};
constexpr Dialect kCautious = {.name = "prometheus",
                               .title = "Prometheus, or what is like it",
                               .with_queries = kCautiousQueries,
                               .with_lists = kCautiousLists,
                               .hints = kPrometheusHints};

}  // namespace

std::span<const Dialect> Dialects() { return kDialects; }

const Dialect* FindDialect(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kDialects), std::end(kDialects),
                   [name](const Dialect& d) { return d.name == name; });
  return found == std::end(kDialects) ? nullptr : found;
}

const Dialect& PrometheusDialect() { return kDialects[0]; }

const Dialect& CautiousDialect() { return kCautious; }

}  // namespace sextant::backend
