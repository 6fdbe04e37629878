#include "pasted.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace sextant::config {

namespace {

// Keys of `rules` in the prometheus-adapter chart's values.
constexpr std::array<std::string_view, 5> kChartRules = {
    "default", "custom", "external", "resource", "existing"};

bool IsChartRules(const YamlNode& node) {
  return std::any_of(kChartRules.begin(), kChartRules.end(),
                     [&](std::string_view key) { return node.Find(key); });
}

const YamlNode* ValueOf(const YamlNode& map, std::string_view key) {
  const YamlEntry* entry = map.Find(key);
  return entry == nullptr ? nullptr : entry->value.get();
}

bool ReportConfigMap(const YamlNode& root, const Place& place) {
  const YamlEntry* kind = root.Find("kind");
  if (kind == nullptr || root.Find("apiVersion") == nullptr) return false;
  const YamlNode* data = ValueOf(root, "data");
  std::string advice = "give the configuration itself";
  if (data != nullptr && !data->entries.empty()) {
    advice = "keep only the text under data[\"" +
             Shortened(data->entries.front().key) +
             "\"], without its indentation";
  }
  place.Key("kind").Error(kind->at,
                          "this is a Kubernetes object (" +
                              Describe(*kind->value) +
                              "), not the configuration inside it",
                          advice);
  return true;
}

bool ReportPrometheusRules(const YamlNode& root, const Place& place) {
  const YamlEntry* groups = root.Find("groups");
  if (groups == nullptr) return false;
  place.Key("groups").Error(
      groups->at, "this is a file of Prometheus' recording or alerting rules",
      "give the file that names series by seriesQuery and metricsQuery");
  return true;
}

bool ReportHelmValues(const YamlNode& root, const Place& place,
                      PastedRules& rules) {
  const YamlEntry* prometheus = root.Find("prometheus");
  const YamlEntry* list = root.Find("rules");
  const bool chart_rules = list != nullptr && IsChartRules(*list->value);
  if (prometheus == nullptr && !chart_rules) return false;

  const YamlEntry& sign = chart_rules ? *list : *prometheus;
  place.Key(sign.key).Error(
      sign.at,
      "these are values of the prometheus-adapter Helm chart, not the "
      "configuration that the chart makes of them",
      "write the list under rules.custom as rules, rules.external as "
      "externalRules, rules.resource as resourceRules, and leave the other "
      "values out (the chart's rules.default has no counterpart: write those "
      "rules out)");
  if (!chart_rules) return true;

  rules.custom = ValueOf(*list->value, "custom");
  rules.external = ValueOf(*list->value, "external");
  rules.resource = ValueOf(*list->value, "resource");
  return true;
}

}  // namespace

bool ReportPasted(const YamlNode& root, const Place& place,
                  PastedRules& rules) {
  return ReportConfigMap(root, place) || ReportPrometheusRules(root, place) ||
         ReportHelmValues(root, place, rules);
}

}  // namespace sextant::config
