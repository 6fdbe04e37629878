#include "stackdriver_field.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::config {
namespace {

// They are in every query already, with values of the request.
bool IsOfTheRequest(const std::string& label) {
  return label == "__name__" || label == "namespace" || label == "pod" ||
         label == "node";
}

void TakeClusterLabels(const YamlNode& node, const Place& place,
                       std::vector<Stackdriver::Label>& out) {
  if (!node.is_map()) {
    place.Error(node.at,
                "must be a map of labels to values, not " + Describe(node),
                "write for example {cluster: shop, location: europe-west1}");
    return;
  }
  for (const YamlEntry& entry : node.entries) {
    const Place at = place.Key(entry.key);
    if (entry.key.empty() || IsOfTheRequest(entry.key)) {
      at.Error(entry.at,
               entry.key.empty() ? "a label needs a name"
                                 : "this label does not tell clusters apart",
               "name one that all series of this cluster have");
      continue;
    }
    if (!entry.value->is_scalar() || entry.value->scalar.empty()) {
      at.Error(entry.value->at,
               "must be the value of the label, not " + Describe(*entry.value));
      continue;
    }
    out.push_back({entry.key, entry.value->scalar, entry.at});
  }
}

// "pubsub.googleapis.com|subscription|num_undelivered_messages"
bool NamesAServiceMetric(std::string_view name) {
  const std::size_t bar = name.find('|');
  return bar != std::string_view::npos && bar > 0 && bar + 1 < name.size() &&
         name.find("<<") == std::string_view::npos &&
         !name.starts_with("prometheus.googleapis.com|");
}

void TakeServiceMetrics(const YamlNode& node, const Place& place,
                        std::vector<Stackdriver::ServiceMetric>& out) {
  if (!node.is_map()) {
    place.Error(node.at,
                "must be a map of metrics to kinds, not " + Describe(node),
                "write for example {pubsub.googleapis.com|subscription|"
                "num_undelivered_messages: gauge}");
    return;
  }
  using Kind = Stackdriver::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 3> kKinds = {
      {{"gauge", Kind::kGauge},
       {"counter", Kind::kCounter},
       {"histogram", Kind::kHistogram}}};
  for (const YamlEntry& entry : node.entries) {
    const Place at = place.Key(entry.key);
    if (!NamesAServiceMetric(entry.key)) {
      at.Error(entry.at, "is no name of a metric of one of Google's services",
               "write it as HPAs do, as in pubsub.googleapis.com|subscription|"
               "num_undelivered_messages; names that begin with "
               "prometheus.googleapis.com| need no entry");
      continue;
    }
    const auto kind = std::find_if(
        kKinds.begin(), kKinds.end(),
        [&entry](const auto& one) { return one.first == entry.value->scalar; });
    if (!entry.value->is_scalar() || kind == kKinds.end()) {
      at.Error(
          entry.value->at,
          "must be gauge, counter or histogram, not " + Describe(*entry.value),
          "what Google's list of metrics calls GAUGE is a gauge, "
          "CUMULATIVE and DELTA are counters, and DISTRIBUTION is a "
          "histogram");
      continue;
    }
    out.push_back({entry.key, kind->second, entry.at});
  }
}

}  // namespace

Field StackdriverField(std::optional<Stackdriver>& out) {
  return {"stackdriver", [&out](const YamlNode& node, const Place& place) {
            Stackdriver& settings = out.emplace();
            TakeFields(node, place, "stackdriver",
                       {{"clusterLabels",
                         [&settings](const YamlNode& map, const Place& at) {
                           TakeClusterLabels(map, at, settings.cluster_labels);
                         }},
                        {"serviceMetrics",
                         [&settings](const YamlNode& map, const Place& at) {
                           TakeServiceMetrics(map, at,
                                              settings.service_metrics);
                         }},
                        TextField("backend", settings.backend)});
          }};
}

}  // namespace sextant::config
