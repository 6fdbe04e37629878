#pragma once

#include <cstddef>
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
#include "sextant/model/object.h"
#include "sextant/model/selector.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/trace.h"
#include "sextant/rules/resource_rules.h"

namespace sextant::query {

// A request of the resource metrics API: which pods or nodes.
struct ResourceRequest {
  rules::Measured what = rules::Measured::kPods;
  std::string namespace_;  // empty: all of them, or nodes
  std::string name;        // empty: any
  model::Selector selector;
  // Of those the ones that this takes; may be empty.
  std::function<bool(const model::ObjectRef&)> keep;
};

// What a container, or a node as a whole, uses.  What the backend has no sample
// of is not there: read as 0 it would tell an autoscaler that nothing runs.
struct Usage {
  std::string container;  // empty for nodes
  std::optional<std::int64_t> cpu_milli;
  std::optional<std::int64_t> memory_milli;  // of bytes

  friend bool operator==(const Usage&, const Usage&) = default;
};

// A pod with its containers, ascending by name, or a node with one Usage.
struct ResourceUsage {
  model::ObjectMetadata object;
  TimePoint time;  // of the earliest sample
  std::vector<Usage> usages;
};

struct ResourceAnswer {
  std::vector<ResourceUsage> items;  // ascending by namespace and name
  std::size_t objects = 0;  // that were found, whether they have samples or not
  Duration window{0};       // as configured
};

// Answers the resource metrics API by resourceRules: lists the objects, asks
// for the CPU and the memory of those of each namespace, and puts the two
// together.
//
// An object without a sample of either is left out.  Errors are ready for the
// client: the backend is down (kUnavailable), the deadline has passed
// (kDeadlineExceeded), the lister cannot honour the selector
// (kInvalidArgument), a rule yields no query or an answer that is no vector
// (kInternal), no resourceRules (kNotFound).  Unlike prometheus-adapter it
// never gives a part of a list, or an empty one, for an error.  Identical
// queries in flight are one query.  Loop only.
class ResourceEngine {
 public:
  struct Options {
    // As those of Engine.
    std::size_t max_query_bytes = std::size_t{12} * 1024;
    Duration query_timeout = std::chrono::seconds(60);
  };

  // Everything passed by reference must outlive this object.
  ResourceEngine(Options options, catalog::Refresher& catalog,
                 model::ObjectLister& lister, backend::Backends backends,
                 Clock& clock, obs::Metrics& metrics);
  ~ResourceEngine();

  // With a `trace`, which must outlive the Task, it also tells how it came to
  // that.
  Task<Result<ResourceAnswer>> Ask(ResourceRequest request, TimePoint deadline,
                                   ResourceTrace* trace = nullptr);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the Tasks
};

}  // namespace sextant::query
