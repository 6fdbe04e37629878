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

// Null: it is not in the list, which is as short as people write lists.
const config::Stackdriver::ServiceMetric* FindService(
    const std::vector<config::Stackdriver::ServiceMetric>& metrics,
    std::string_view name) {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(),
                   [name](const auto& one) { return one.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

// PromQL calls it as Google does, with slashes.
StackdriverName NameOf(const config::Stackdriver::ServiceMetric& metric) {
  using Kind = config::Stackdriver::Kind;
  StackdriverName name{metric.name, StackdriverKind::kGauge};
  std::replace(name.series.begin(), name.series.end(), '|', '/');
  if (metric.kind == Kind::kCounter) name.kind = StackdriverKind::kCounter;
  if (metric.kind == Kind::kHistogram) name.kind = StackdriverKind::kHistogram;
  return name;
}

std::string GroupBy(const model::Resource* resource) {
  if (resource == nullptr) return "";
  return resource->namespaced ? "namespace,<<.GroupBy>>" : "<<.GroupBy>>";
}

}  // namespace

Stackdriver::Stackdriver(config::Stackdriver settings,
                         std::shared_ptr<const model::ResourceTable> resources)
    : cluster_labels_(RequirementsOf(settings)),
      service_metrics_(std::move(settings.service_metrics)),
      backend_(std::move(settings.backend)),
      resources_(std::move(resources)) {}

bool Stackdriver::IsName(std::string_view metric) {
  return metric.starts_with(kStackdriverPrefix);
}

bool Stackdriver::Takes(std::string_view metric) const {
  return IsName(metric) || FindService(service_metrics_, metric) != nullptr;
}

Result<Stackdriver::Metric> Stackdriver::ForObjects(
    std::string_view metric, const model::Resource& resource,
    const model::Selector& selector) const {
  if (!IsPods(resource) && !IsNodes(resource)) {
    return Error{ErrorCode::kNotFound,
                 "such names have metrics of pods and of nodes only", ""};
  }
  if (FindService(service_metrics_, metric) != nullptr) {
    return Error{ErrorCode::kNotFound,
                 "metrics of Google's services are external metrics here", ""};
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
  const auto* service = FindService(service_metrics_, metric);
  const Result<StackdriverName> name =
      service == nullptr ? ParseStackdriverName(metric) : NameOf(*service);
  if (!name) return name.error();
  const StackdriverApi api = resource != nullptr  ? StackdriverApi::kCustom
                             : service != nullptr ? StackdriverApi::kServices
                                                  : StackdriverApi::kExternal;
  Result<StackdriverConditions> conditions =
      ReadStackdriverSelector(selector, api);
  if (!conditions) return std::move(conditions).error();
  const Result<StackdriverQuery> query =
      BuildStackdriverQuery(*name, conditions->reducer, GroupBy(resource));
  if (!query) return query.error();

  config::Rule rule = MakeRule(metric, *query, resource);
  rule.backend = backend_;
  config::Problems problems;
  Metric made;
  made.rule =
      Rule::Compile(rule, resource == nullptr, "", resources_, problems);
  if (!made.rule) {
    return Error{ErrorCode::kNotFound, problems.ErrorText(), ""};
  }
  made.series = query->series;
  if (resource != nullptr) made.requirements = cluster_labels_;
  std::move(conditions->requirements.begin(), conditions->requirements.end(),
            std::back_inserter(made.requirements));
  return made;
}

// Those of where a series comes from, on Google's servers and on others; all
// else is the series' own, as far as can be told from PromQL.
model::Labels Stackdriver::ReplyLabels(std::string_view metric,
                                       const model::Labels& series) {
  constexpr std::array<std::string_view, 6> kOfResource = {
      "project_id", "location", "cluster", "namespace", "job", "instance"};
  model::Labels labels;
  if (IsName(metric)) labels["resource.type"] = kPrometheusTarget;
  for (const auto& [name, value] : series) {
    if (name == "__name__") continue;
    if (name == kResourceTypeLabel) {
      labels["resource.type"] = value;
      continue;
    }
    const bool of_resource = std::find(kOfResource.begin(), kOfResource.end(),
                                       name) != kOfResource.end();
    labels.emplace((of_resource ? "resource.labels." : "metric.labels.") + name,
                   value);
  }
  return labels;
}

}  // namespace sextant::rules
