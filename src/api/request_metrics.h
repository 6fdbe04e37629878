// The counters of requests, under the names that dashboards for API servers
// know.

#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "call.h"
#include "sextant/base/clock.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/engine.h"
#include "sextant/query/resource_engine.h"

namespace sextant::api {

// apiserver_request_total, apiserver_request_duration_seconds and
// metrics_apiserver_metric_freshness_seconds.  Labels come from small fixed
// sets, never from what a client wrote.  Loop only.
class RequestMetrics {
 public:
  explicit RequestMetrics(obs::Metrics& metrics) : metrics_(metrics) {}

  // A request that was answered with this status after `took`.
  void Count(const Call& call, int status, Duration took);

  // How old the values of an answer are.
  void Age(const std::vector<query::ObjectValue>& values, TimePoint now);
  void Age(const std::vector<query::ExternalValue>& values, TimePoint now);
  void Age(const std::vector<query::ResourceUsage>& values, TimePoint now);

 private:
  // What the labels are made of, but for the path's names.
  struct Key {
    RequestPath::Kind kind;
    std::string version;
    std::string detail;    // the group, or the health endpoint
    std::string resource;  // of metrics.k8s.io: "pods", "nodes"
    bool in_namespace;     // ... of one namespace
    std::string verb;
    int status;

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Handles {
    std::uint64_t* requests = nullptr;
    obs::Histogram* seconds = nullptr;
  };
  Handles MakeHandles(const Key& key);
  obs::Histogram& Freshness(const char* group);

  obs::Metrics& metrics_;
  // Looking up the registry by labels would cost more than the rest of a
  // request that is answered from memory.
  std::map<Key, Handles> handles_;
  obs::Histogram& custom_age_ = Freshness("custom.metrics.k8s.io");
  obs::Histogram& external_age_ = Freshness("external.metrics.k8s.io");
  obs::Histogram& resource_age_ = Freshness("metrics.k8s.io");
};

}  // namespace sextant::api
