#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rule_meter.h"
#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/task.h"
#include "sextant/model/sample.h"
#include "sextant/obs/metrics.h"

namespace sextant::query {

// What a query was answered with, and how long the backend took to say so.
struct BackendAnswer {
  Result<model::QueryResult> result;
  Duration took{0};
};

// Shared by all who asked it; null: no answer came in time.
using Answer = std::shared_ptr<const BackendAnswer>;

struct RuleQuery {
  std::string rule;     // its path, for metrics
  std::string backend;  // its name: whom to ask
  std::string promql;
};

// Puts queries to the backend.  Those who ask the same at the same time share
// one query, and each keeps its own deadline.  Loop only.
class Asking {
 public:
  using Self = std::shared_ptr<Asking>;

  // `query_timeout` bounds a query, whoever waits for it.  What is passed by
  // reference must outlive this object.
  Asking(Duration query_timeout, backend::Backends backends, Clock& clock,
         obs::Metrics& metrics);

  // The answers to all queries, in their order; a few are asked at a time.
  // The Task holds the object.
  static Task<std::vector<Answer>> All(Self self,
                                       std::vector<RuleQuery> queries,
                                       TimePoint deadline);

 private:
  static Task<void> One(Self self, RuleQuery query, TimePoint deadline,
                        std::shared_ptr<std::vector<Answer>> answers,
                        std::size_t place);
  static Task<Answer> Fetch(Self self, RuleQuery query);

  const Duration query_timeout_;
  const backend::Backends backends_;
  Clock& clock_;
  std::uint64_t& warnings_;
  RuleMeter meter_;
  SingleFlight<std::string, Answer> flights_;
};

// For the log: what happened, and to which query.
std::string About(const std::string& promql, const std::string& what);

}  // namespace sextant::query
