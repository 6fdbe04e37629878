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

// Which keys a selector may have, and what they mean.
enum class StackdriverApi {
  kCustom,
  kExternal,
  kServices,  // external metrics of Google's services, of various types
};

// What Google calls where a scraped series comes from, and the label by which
// its servers know where any series comes from.
inline constexpr char kPrometheusTarget[] = "prometheus_target";
inline constexpr char kResourceTypeLabel[] = "monitored_resource";

// kInvalidArgument, with that adapter's text where it has one, for a key that
// the API does not know and for what no query can say.  Pure.
Result<StackdriverConditions> ReadStackdriverSelector(
    const model::Selector& selector, StackdriverApi api);

}  // namespace sextant::rules
