// Which metric a request is about: one of the catalog, or one whose rule is
// made from its name.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/catalog/refresher.h"
#include "sextant/model/selector.h"
#include "sextant/query/trace.h"

namespace sextant::query {

template <typename Metric>
struct Found {
  Metric metric;
  // What must hold of the series that are asked for.
  model::Selector selector;
  std::vector<model::Requirement> requirements;
  // By a preset: whether its series exists was not looked at, as an exact name
  // can be asked for without.
  bool made = false;
};

using FoundCustom = Found<catalog::CustomMetric>;
using FoundExternal = Found<catalog::ExternalMetric>;

// Finds metrics for an engine.  What is passed by reference must outlive the
// Tasks.
//
// The catalog comes first, after a lookup if it lacks the metric; then the
// preset for the names of custom-metrics-stackdriver-adapter, so that a rule of
// the file can serve such a name in its own way.  Nothing: no rule has the
// metric, or none by `deadline`.  An error is for the client: there may be such
// a metric, and no query can say what the selector wants of it
// (kInvalidArgument), or the backend did not say whether there is one.
Task<Result<std::optional<FoundCustom>>> FindCustom(
    catalog::Refresher& catalog, model::Resource resource, std::string metric,
    model::Selector selector, TimePoint deadline, Trace* trace);
Task<Result<std::optional<FoundExternal>>> FindExternal(
    catalog::Refresher& catalog, std::string metric, model::Selector selector,
    TimePoint deadline, Trace* trace);

// Is there any series that the rule is about?  True also if the backend does
// not say.
Task<bool> HasSeries(backend::Backend& backend, std::string series_query,
                     std::string series, TimePoint since, TimePoint now,
                     TimePoint deadline);

}  // namespace sextant::query
