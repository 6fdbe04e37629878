#include "sextant/rules/stackdriver.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sextant/config/problem.h"
#include "sextant/promql/quote.h"
#include "stackdriver_name.h"
#include "stackdriver_query.h"
#include "stackdriver_selector.h"

namespace sextant::rules {
namespace {

std::vector<model::Requirement> RequirementsOf(
    const config::Stackdriver& settings) {
  std::vector<model::Requirement> requirements;
  for (const config::Stackdriver::Label& label : settings.cluster_labels) {
    requirements.push_back(
        {label.name, model::Requirement::Operator::kEquals, {label.value}});
  }
  return requirements;
}

bool IsPods(const model::Resource& resource) {
  return resource.group.empty() && resource.plural == "pods";
}

bool IsNodes(const model::Resource& resource) {
  return resource.group.empty() && resource.plural == "nodes";
}

// The name as a pattern of itself, and as an expansion of itself.
std::string Pattern(const std::string& series) {
  return "^" + promql::EscapeRegex(series) + "$";
}

std::string Literal(std::string_view metric) {
  std::string text;
  for (const char c : metric) {
    if (c == '$') text += '$';
    text += c;
  }
  return text;
}

config::Rule MakeRule(std::string_view metric, const StackdriverQuery& query,
                      const model::Resource* resource) {
  config::Rule rule;
  rule.path = "stackdriver";
  rule.series_query.value =
      "{__name__=" + promql::QuoteValue(query.series) + "}";
  rule.name_matches.value = Pattern(query.series);
  rule.name_as.value = Literal(metric);
  rule.metrics_query.value = query.template_;
  // What is not a number is no value there.
  rule.nan = config::NanPolicy::kNone;
  if (resource == nullptr) {
    rule.resources.namespaced = false;
  } else if (resource->namespaced) {
    rule.resources.overrides = {{"namespace", "", "namespaces", {}},
                                {"pod", "", "pods", {}}};
  } else {
    rule.resources.overrides = {{"node", "", "nodes", {}}};
  }
  return rule;
}

std::string GroupBy(const model::Resource* resource) {
  if (resource == nullptr) return "";
  return resource->namespaced ? "namespace,<<.GroupBy>>" : "<<.GroupBy>>";
}

}  // namespace

Stackdriver::Stackdriver(config::Stackdriver settings,
                         std::shared_ptr<const model::ResourceTable> resources)
    : cluster_labels_(RequirementsOf(settings)),
      resources_(std::move(resources)) {}

bool Stackdriver::IsName(std::string_view metric) {
  return metric.starts_with(kStackdriverPrefix);
}

Result<Stackdriver::Metric> Stackdriver::ForObjects(
    std::string_view metric, const model::Resource& resource,
    const model::Selector& selector) const {
  if (!IsPods(resource) && !IsNodes(resource)) {
    return Error{ErrorCode::kNotFound,
                 "such names have metrics of pods and of nodes only", ""};
  }
  return Make(metric, &resource, selector);
}

Result<Stackdriver::Metric> Stackdriver::ForExternal(
    std::string_view metric, const model::Selector& selector) const {
  return Make(metric, nullptr, selector);
}

Result<Stackdriver::Metric> Stackdriver::Make(
    std::string_view metric, const model::Resource* resource,
    const model::Selector& selector) const {
  const Result<StackdriverName> name = ParseStackdriverName(metric);
  if (!name) return name.error();
  Result<StackdriverConditions> conditions = ReadStackdriverSelector(
      selector, resource == nullptr ? StackdriverApi::kExternal
                                    : StackdriverApi::kCustom);
  if (!conditions) return std::move(conditions).error();
  const Result<StackdriverQuery> query =
      BuildStackdriverQuery(*name, conditions->reducer, GroupBy(resource));
  if (!query) return query.error();

  config::Problems problems;
  Metric made;
  made.rule = Rule::Compile(MakeRule(metric, *query, resource),
                            resource == nullptr, "", resources_, problems);
  if (!made.rule) {
    return Error{ErrorCode::kNotFound, problems.ErrorText(), ""};
  }
  made.series = query->series;
  if (resource != nullptr) made.requirements = cluster_labels_;
  std::move(conditions->requirements.begin(), conditions->requirements.end(),
            std::back_inserter(made.requirements));
  return made;
}

// Those of where a series was scraped, on Google's servers and on others; all
// else is the series' own.
model::Labels Stackdriver::ReplyLabels(const model::Labels& series) {
  constexpr std::array<std::string_view, 6> kOfResource = {
      "project_id", "location", "cluster", "namespace", "job", "instance"};
  model::Labels labels = {{"resource.type", "prometheus_target"}};
  for (const auto& [name, value] : series) {
    if (name == "__name__") continue;
    const bool of_resource = std::find(kOfResource.begin(), kOfResource.end(),
                                       name) != kOfResource.end();
    labels.emplace((of_resource ? "resource.labels." : "metric.labels.") + name,
                   value);
  }
  return labels;
}

}  // namespace sextant::rules
