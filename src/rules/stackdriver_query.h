// The queries behind the metrics of custom-metrics-stackdriver-adapter.

#pragma once

#include <optional>
#include <string>

#include "sextant/base/result.h"
#include "stackdriver_name.h"
#include "stackdriver_selector.h"

namespace sextant::rules {

struct StackdriverQuery {
  std::string series;     // the one whose presence makes the metric
  std::string template_;  // a metricsQuery
};

// `group_by`: the labels that tell objects apart, as they stand in the template
// ("namespace,<<.GroupBy>>"); empty for external metrics.
//
// Of an object the series are added up, unless a reducer says otherwise; of an
// external metric each series is an item, unless a reducer makes one of them.
// kInvalidArgument for a histogram without a reducer, and for reducers that
// histograms do not have.  Pure.
Result<StackdriverQuery> BuildStackdriverQuery(
    const StackdriverName& name, const std::optional<Reducer>& reducer,
    const std::string& group_by);

}  // namespace sextant::rules
