// From samples to what pods and nodes use.  Pure.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/model/object.h"
#include "sextant/model/sample.h"
#include "sextant/query/resource_engine.h"
#include "sextant/rules/resource_rules.h"
#include "value.h"

namespace sextant::query {

// The values of one measure, CPU or memory: by object, then by container (for
// nodes there is one, without a name).  The names are those in the samples, and
// end with them.
using Measure = std::map<std::string_view, std::map<std::string_view, Value>>;

struct MeasureLabels {
  ObjectLabels object;
  std::string container;  // of pods; empty: none
};

// What a sample of usage is worth: Judge(), but that nothing uses less than
// nothing; NaN and negative values are 0, as in prometheus-adapter.
Verdict JudgeUsage(const model::Sample& sample);

// Adds the samples of the objects in `wanted`.  Of several for one container
// the last counts, and of several for one node the first, as in
// prometheus-adapter; `several` is then set.  `fates`, if there is one, gets
// what became of each sample appended, in their order.
void AddSamples(const std::vector<model::Sample>& samples, rules::Measured what,
                const MeasureLabels& labels,
                const std::vector<std::string>& wanted,
                SampleCounters& counters, bool& several, Measure& measure,
                std::vector<SampleState>* fates = nullptr);

// Nothing unless both measures have something of the object.
std::optional<ResourceUsage> Combine(const model::ObjectMetadata& object,
                                     const Measure& cpu, const Measure& memory);

}  // namespace sextant::query
