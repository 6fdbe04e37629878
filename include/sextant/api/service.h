#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/catalog/refresher.h"
#include "sextant/model/admission.h"
#include "sextant/net/http.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/engine.h"
#include "sextant/query/resource_engine.h"
#include "sextant/rules/rule_set.h"

namespace sextant::api {

// Who may come in: the one place where authentication and authorization stand
// in the way of every request.  A refusal ends the request with its Status.  At
// `deadline` the request is to be answered.
using Gate = std::function<Task<model::Admission>(const net::Request&,
                                                  TimePoint deadline)>;

// Which APIs there are: those that the configuration has rules for.
struct ServedApis {
  bool custom = true;     // rules, stackdriver
  bool external = true;   // externalRules, stackdriver
  bool resource = false;  // resourceRules

  static ServedApis Of(const rules::RuleSet& rules);
};

// The HTTP face of the program: paths, negotiation, discovery, the metrics
// APIs, health.  Handle() is what net::Server calls.  Loop only.
class Service {
 public:
  struct Options {
    Duration request_deadline = std::chrono::seconds(60);
    std::string version = {};  // "0.1.0"
    ServedApis served = {};
    // More lines for /readyz?verbose, which decide nothing; may be empty.
    std::function<std::vector<std::string>()> notes = {};
    // Requests for metrics that may wait for their answer at the same time; one
    // more is 429.  0: no limit.  What is answered from memory (health,
    // discovery, own metrics) and what members of system:masters ask is never
    // refused, and takes no place.
    std::uint32_t max_requests_inflight = 400;
    // How many metrics each discovery document lists at most; nothing: all.
    // Those that are not listed are served all the same.
    std::optional<std::uint32_t> max_listed_metrics = {};
  };

  // Everything passed by reference must outlive this object.
  Service(Options options, Gate gate, catalog::Refresher& catalog,
          query::Engine& engine, query::ResourceEngine& resources, Clock& clock,
          obs::Metrics& metrics);
  ~Service();

  // Answers one request; never fails: what goes wrong is a Status.
  Task<net::Response> Handle(net::Request request);

  // Another configuration: from now on these APIs are served.
  void SetServed(const ServedApis& apis);

  // From now on /readyz says no: the program is about to end.
  void BeginShutdown();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::api
