#include "request_metrics.h"

#include <array>
#include <string_view>
#include <utility>

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

// Those of the API server's histogram.
const std::vector<double>& DurationBounds() {
  static const std::vector<double> kBounds = {
      0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1,  1.25, 1.5, 2,
      3,     4,     5,    6,   8,   10,  15,  20,  30, 45,   60};
  return kBounds;
}

// 1 x 1.364^i, as custom-metrics-apiserver has them.
std::vector<double> AgeBounds() {
  std::vector<double> bounds;
  for (double bound = 1; bounds.size() < 20; bound *= 1.364) {
    bounds.push_back(bound);
  }
  return bounds;
}

// The API server's verb: a list has no name, and odd methods are one.
std::string VerbOf(const Call& call) {
  const std::string& method = call.request.method;
  if (method == "GET" || method == "HEAD") {
    return call.where.kind == Kind::kExternalMetric ||
                   call.where.kind == Kind::kResourceList
               ? "LIST"
               : "GET";
  }
  constexpr std::array<std::string_view, 4> kKnown = {"POST", "PUT", "PATCH",
                                                      "DELETE"};
  for (const std::string_view known : kKnown) {
    if (method == known) return method;
  }
  return "other";
}

bool IsOfResources(Kind kind) {
  return kind == Kind::kResourceList || kind == Kind::kResourceItem;
}

// The label `subresource` of what is no resource.
std::string PlaceOf(Kind kind, const std::string& endpoint) {
  switch (kind) {
    case Kind::kIndex:
      return "/";
    case Kind::kHealth:
      return "/" + endpoint;
    case Kind::kVersion:
      return "/version";
    case Kind::kOwnMetrics:
      return "/metrics";
    case Kind::kOpenApiV2:
      return "/openapi/v2";
    case Kind::kOpenApiV3:
    case Kind::kOpenApiV3Group:
      return "/openapi/v3";
    case Kind::kGroups:
    case Kind::kGroup:
    case Kind::kResources:
    case Kind::kNoSuchResource:
    case Kind::kInvalid:
      return "/apis";
    default:
      return "";
  }
}

const char* ScopeOf(Kind kind, bool in_namespace) {
  switch (kind) {
    case Kind::kCustomMetric:
    case Kind::kResourceItem:
      return "resource";
    case Kind::kExternalMetric:
      return "namespace";
    case Kind::kResourceList:
      return in_namespace ? "namespace" : "cluster";
    default:
      return "";
  }
}

}  // namespace

void RequestMetrics::Count(const Call& call, int status, Duration took) {
  const RequestPath& where = call.where;
  Key key{where.kind,
          where.version,
          where.kind == Kind::kHealth ? where.endpoint : where.group,
          IsOfResources(where.kind) ? where.resource : "",
          IsOfResources(where.kind) && !where.namespace_.empty(),
          VerbOf(call),
          status};
  auto found = handles_.find(key);
  if (found == handles_.end()) {
    const Handles handles = MakeHandles(key);
    found = handles_.emplace(std::move(key), handles).first;
  }
  ++*found->second.requests;
  found->second.seconds->Observe(std::chrono::duration<double>(took).count());
}

RequestMetrics::Handles RequestMetrics::MakeHandles(const Key& key) {
  const bool custom = key.kind == Kind::kCustomMetric;
  const bool external = key.kind == Kind::kExternalMetric;
  const bool health = key.kind == Kind::kHealth;
  obs::MetricLabels labels = {
      {"component", ""},
      {"dry_run", ""},
      {"group", health ? "" : key.detail},
      {"resource", custom || external ? "*" : key.resource},
      {"scope", ScopeOf(key.kind, key.in_namespace)},
      {"subresource", custom || external ? "*" : PlaceOf(key.kind, key.detail)},
      {"verb", key.verb},
      {"version", key.version}};
  Handles handles;
  handles.seconds = &metrics_.Histogram(
      "apiserver_request_duration_seconds",
      "Time from a request's arrival to its answer, in seconds.",
      DurationBounds(), labels);
  labels["code"] = std::to_string(key.status);
  handles.requests = &metrics_.Counter("apiserver_request_total",
                                       "Requests answered.", labels);
  return handles;
}

obs::Histogram& RequestMetrics::Freshness(const char* group) {
  return metrics_.Histogram("metrics_apiserver_metric_freshness_seconds",
                            "Age of the values that were served, in seconds.",
                            AgeBounds(), {{"group", group}});
}

void RequestMetrics::Age(const std::vector<query::ObjectValue>& values,
                         TimePoint now) {
  for (const query::ObjectValue& value : values) {
    const std::chrono::duration<double> age = now - value.time;
    custom_age_.Observe(age.count());
  }
}

void RequestMetrics::Age(const std::vector<query::ExternalValue>& values,
                         TimePoint now) {
  for (const query::ExternalValue& value : values) {
    const std::chrono::duration<double> age = now - value.time;
    external_age_.Observe(age.count());
  }
}

void RequestMetrics::Age(const std::vector<query::ResourceUsage>& values,
                         TimePoint now) {
  for (const query::ResourceUsage& value : values) {
    const std::chrono::duration<double> age = now - value.time;
    resource_age_.Observe(age.count());
  }
}

}  // namespace sextant::api
