// The names of metrics that custom-metrics-stackdriver-adapter serves, as
// Google Managed Prometheus stores series: NAME/KIND below
// prometheus.googleapis.com, with a bar for each slash.

#pragma once

#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::rules {

// How the value of a metric is read from its series.
enum class StackdriverKind {
  kGauge,      // as it is
  kCounter,    // its rate
  kHistogram,  // a quantile or the mean of the rates of its buckets
};

struct StackdriverName {
  std::string series;  // of a histogram: without _bucket, _sum and _count
  StackdriverKind kind = StackdriverKind::kGauge;

  friend bool operator==(const StackdriverName&,
                         const StackdriverName&) = default;
};

// "prometheus.googleapis.com|vllm:num_requests_running|gauge".  kNotFound if
// there can be no such metric; the message says why.  Pure.
Result<StackdriverName> ParseStackdriverName(std::string_view metric);

}  // namespace sextant::rules
