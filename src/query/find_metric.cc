#include "find_metric.h"

#include <algorithm>
#include <utility>

#include "errors.h"
#include "trace_notes.h"

namespace sextant::query {
namespace {

using Made = Result<rules::Stackdriver::Metric>;
using Rules = std::vector<std::shared_ptr<const rules::Rule>>;

bool Takes(const rules::RuleSet& rules, const std::string& metric) {
  return rules.stackdriver != nullptr && rules.stackdriver->Takes(metric);
}

// Is a lookup of no use, since only the preset has such names?  A rule that
// calls its series so has the bar in its name.as: none of Prometheus' old names
// has one.
bool OnlyPresetHas(const rules::RuleSet& rules, const Rules& section,
                   const std::string& metric) {
  if (!Takes(rules, metric)) return false;
  return std::none_of(section.begin(), section.end(), [&](const auto& rule) {
    return rule->WritesIntoNames("|") && rule->MayProduce(metric);
  });
}

std::string LabelOf(const catalog::CustomMetric& metric,
                    const rules::Rule& rule) {
  const Result<std::string> label = rule.LabelForResource(*metric.resource);
  return label ? *label : "";
}

std::string LabelOf(const catalog::ExternalMetric&, const rules::Rule&) {
  return "";
}

// Neither there nor missing, as the backend did not say.
Error Unknown(const std::string& metric, const Error& why) {
  std::string cause = "looking for the metric " + metric + ": " + why.message;
  if (!why.detail.empty()) cause += "; " + why.detail;
  if (why.code == ErrorCode::kDeadlineExceeded) return TooLate(cause);
  return CannotFetch(cause);
}

// Nothing: there can be no such metric.
template <typename Metric>
Result<std::optional<Found<Metric>>> Take(Made made, Metric metric,
                                          Trace* trace) {
  using Maybe = std::optional<Found<Metric>>;
  if (!made) {
    NoteNoMadeRule(trace, made.error().message);
    if (made.error().code == ErrorCode::kNotFound) return Maybe();
    return std::move(made).error();
  }
  NoteMadeRule(trace, *made->rule, made->series, LabelOf(metric, *made->rule));
  metric.series = std::move(made->series);
  metric.rule = std::move(made->rule);
  return Maybe(Found<Metric>{
      std::move(metric), {}, std::move(made->requirements), true});
}

}  // namespace

Task<Result<std::optional<FoundCustom>>> FindCustom(
    catalog::Refresher& catalog, model::Resource resource, std::string metric,
    model::Selector selector, TimePoint deadline, Trace* trace) {
  using Maybe = std::optional<FoundCustom>;
  const model::GroupResource key = resource.group_resource();
  std::shared_ptr<const catalog::Catalog> known = catalog.Current();
  const catalog::CustomMetric* found = known->FindCustom(key, metric);
  std::shared_ptr<const rules::RuleSet> rules = catalog.rules();
  if (found == nullptr && !OnlyPresetHas(*rules, rules->custom, metric)) {
    co_await catalog.LookUpCustom(resource, metric, deadline);
    known = catalog.Current();
    found = known->FindCustom(key, metric);
    rules = catalog.rules();
  }
  if (found != nullptr) co_return Maybe(FoundCustom{*found, selector, {}});
  if (!Takes(*rules, metric)) {
    if (auto why = catalog.WhyUnknown(&resource, metric)) {
      co_return Unknown(metric, *why);
    }
    co_return Maybe();
  }
  catalog::CustomMetric made;
  made.resource = rules->resources->Find(key);
  made.name = metric;
  co_return Take(rules->stackdriver->ForObjects(metric, resource, selector),
                 std::move(made), trace);
}

Task<Result<std::optional<FoundExternal>>> FindExternal(
    catalog::Refresher& catalog, std::string metric, model::Selector selector,
    TimePoint deadline, Trace* trace) {
  using Maybe = std::optional<FoundExternal>;
  std::shared_ptr<const catalog::Catalog> known = catalog.Current();
  const catalog::ExternalMetric* found = known->FindExternal(metric);
  std::shared_ptr<const rules::RuleSet> rules = catalog.rules();
  if (found == nullptr && !OnlyPresetHas(*rules, rules->external, metric)) {
    co_await catalog.LookUpExternal(metric, deadline);
    known = catalog.Current();
    found = known->FindExternal(metric);
    rules = catalog.rules();
  }
  if (found != nullptr) co_return Maybe(FoundExternal{*found, selector, {}});
  if (!Takes(*rules, metric)) {
    if (auto why = catalog.WhyUnknown(nullptr, metric)) {
      co_return Unknown(metric, *why);
    }
    co_return Maybe();
  }
  catalog::ExternalMetric made;
  made.name = metric;
  co_return Take(rules->stackdriver->ForExternal(metric, selector),
                 std::move(made), trace);
}

Task<bool> HasSeries(backend::Backend& backend, std::string series_query,
                     std::string series, TimePoint since, TimePoint now,
                     TimePoint deadline) {
  const std::string label = "__name__";
  backend::SeriesMatch match{std::move(series_query), since, now};
  const Result<std::vector<std::string>> names =
      co_await backend.LabelValues(label, std::move(match), deadline);
  // Servers that know no match[] there give all names.
  co_return !names ||
      std::find(names->begin(), names->end(), series) != names->end();
}

}  // namespace sextant::query
