#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/config/metrics_config.h"
#include "sextant/model/labels.h"
#include "sextant/model/resource.h"
#include "sextant/model/selector.h"
#include "sextant/rules/rule.h"

namespace sextant::rules {

inline constexpr std::string_view kStackdriverPrefix =
    "prometheus.googleapis.com|";

// The preset `stackdriver` of the configuration: metrics by the names that
// custom-metrics-stackdriver-adapter has for them, such as
// prometheus.googleapis.com|vllm:num_requests_running|gauge, and as external
// metrics also those of Google's services that it lists.  The rule for a name
// is made from the name, when it is asked for, and belongs to who asked:
// nothing of it is kept (docs/decisions/0021).
//
// Immutable and pure; any thread.
class Stackdriver {
 public:
  // What a name and a selector ask for.
  struct Metric {
    std::string series;                // exists if the metric does
    std::shared_ptr<const Rule> rule;  // asks without QueryInput::series
    // Of the series: what the selector means, and this cluster's labels.
    std::vector<model::Requirement> requirements;
  };

  Stackdriver(config::Stackdriver settings,
              std::shared_ptr<const model::ResourceTable> resources);

  // Does a metric's name begin as those of scraped series do?
  static bool IsName(std::string_view metric);

  // Is this a name for ForObjects() and ForExternal(): such a one, or one of
  // the settings' service metrics?  What else it needs, their errors say.
  bool Takes(std::string_view metric) const;

  // The metric of pods or nodes.  kNotFound: there can be none of this name, or
  // of objects of this resource.  kInvalidArgument: the selector says what no
  // query can.  Messages are for the client.
  Result<Metric> ForObjects(std::string_view metric,
                            const model::Resource& resource,
                            const model::Selector& selector) const;

  // The same as an external metric, of whatever namespace and cluster.
  Result<Metric> ForExternal(std::string_view metric,
                             const model::Selector& selector) const;

  // What the labels of a series of this metric are called in that adapter's
  // answers.
  static model::Labels ReplyLabels(std::string_view metric,
                                   const model::Labels& series);

 private:
  Result<Metric> Make(std::string_view metric, const model::Resource* resource,
                      const model::Selector& selector) const;

  const std::vector<model::Requirement> cluster_labels_;
  const std::vector<config::Stackdriver::ServiceMetric> service_metrics_;
  const config::Located<std::string> backend_;
  const std::shared_ptr<const model::ResourceTable> resources_;
};

}  // namespace sextant::rules
