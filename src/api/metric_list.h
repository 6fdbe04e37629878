// The bodies of the metrics APIs' answers.  Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/model/selector.h"
#include "sextant/query/engine.h"

namespace sextant::api {

// What the items of a custom metrics answer repeat.
struct CustomListHead {
  std::string_view version;  // "v1beta1" or "v1beta2": the keys differ
  std::string_view metric;   // as the client wrote it
  // Echoed as a LabelSelector object.
  const model::Selector& metric_selector;
};

// The operator of a requirement in matchExpressions; empty if it is not written
// there.
std::string_view ExpressionName(model::Requirement::Operator op);

// MetricValueList, one line with its newline.  Keys are in prometheus-adapter's
// order and core objects have its apiVersion, "/v1".
std::string CustomMetricList(const CustomListHead& head,
                             const std::vector<query::ObjectValue>& values);

// ExternalMetricValueList.
std::string ExternalMetricList(std::string_view metric,
                               const std::vector<query::ExternalValue>& values);

}  // namespace sextant::api
