// The selectors that HPAs for custom-metrics-stackdriver-adapter carry, as
// conditions on the labels of a series.

#pragma once

#include <optional>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/selector.h"

namespace sextant::rules {

// What `reducer=REDUCE_...` makes of several series.
enum class Reducer {
  kSum,
  kMean,
  kMin,
  kMax,
  kStddev,
  kCount,
  kPercentile05,
  kPercentile50,
  kPercentile95,
  kPercentile99,
};

struct StackdriverConditions {
  std::vector<model::Requirement> requirements;  // of labels of a series
  std::optional<Reducer> reducer;                // nothing, or REDUCE_NONE
};

// Which keys a selector may have.
enum class StackdriverApi { kCustom, kExternal };

// kInvalidArgument, with that adapter's text where it has one, for a key that
// the API does not know and for what no query can say.  Pure.
Result<StackdriverConditions> ReadStackdriverSelector(
    const model::Selector& selector, StackdriverApi api);

}  // namespace sextant::rules
