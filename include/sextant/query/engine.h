#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/catalog/refresher.h"
#include "sextant/model/labels.h"
#include "sextant/model/object.h"
#include "sextant/model/selector.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/trace.h"

namespace sextant::query {

// A request of the custom metrics API.
struct CustomRequest {
  std::string resource;    // as in the path: "pods", "pod", "deployments.apps"
  std::string namespace_;  // empty: the path has none
  std::string name;        // "*": all objects that object_selector takes
  std::string metric;
  model::Selector object_selector;
  model::Selector metric_selector;
};

// The metric of one object.
struct ObjectValue {
  model::Resource resource;  // kind, group and version of the object
  std::string namespace_;    // empty for cluster-scoped objects
  std::string name;
  TimePoint time;
  std::int64_t milli = 0;
};

// A request of the external metrics API.
struct ExternalRequest {
  std::string namespace_;
  std::string metric;
  model::Selector selector;
};

struct ExternalValue {
  std::optional<model::Labels> labels;  // nothing: the answer was a scalar
  TimePoint time;
  std::int64_t milli = 0;
};

// Turns requests into queries and answers into values.
//
// Errors carry the peer's wording and are ready for the client (sections 4 and
// 5 of its specification); decision 5 of docs/ARCHITECTURE.md says which of the
// seven states becomes what.  Identical queries in flight are one query; each
// waiter keeps its own deadline.  Loop only.
class Engine {
 public:
  struct Options {
    // A query text longer than this is split by object names where that is
    // proved to give the same values (promql/split.h).
    std::size_t max_query_bytes = std::size_t{12} * 1024;
    // Upper bound of one backend query, whoever waits for it.
    Duration query_timeout = std::chrono::seconds(60);
    // Looks which resources the cluster has now, when a request names one that
    // the rules do not know; if there are others, the catalog has other rules
    // by then.  Empty: there is no cluster to ask.
    std::function<Task<void>(TimePoint deadline)> look_for_resources = {};
  };

  // Everything passed by reference must outlive this object.
  Engine(Options options, catalog::Refresher& catalog,
         model::ObjectLister& lister, backend::Backends backends, Clock& clock,
         obs::Metrics& metrics);
  ~Engine();

  // One item for a named object; for "*" one for each object that has a value,
  // in the lister's order.  With a `trace`, which must outlive the Task, it
  // also tells how it came to that, and asks the backend more to know why not.
  Task<Result<std::vector<ObjectValue>>> Custom(CustomRequest request,
                                                TimePoint deadline,
                                                Trace* trace = nullptr);

  // One item a sample, in the backend's order.
  Task<Result<std::vector<ExternalValue>>> External(ExternalRequest request,
                                                    TimePoint deadline,
                                                    Trace* trace = nullptr);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the Tasks
};

}  // namespace sextant::query
