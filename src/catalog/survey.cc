#include "survey.h"

#include <optional>
#include <utility>

namespace sextant::catalog {
namespace {

bool NamesAResource(const RuleGroup& group, const std::string& label) {
  for (const auto& rule : group) {
    if (rule->ResourceForLabel(label) != nullptr) return true;
  }
  return false;
}

}  // namespace

Surveyor::Surveyor(Options options, backend::Backend& backend, Clock& clock)
    : options_(options),
      backend_(backend),
      clock_(clock),
      catalogue_({options.max_age, options.request_timeout}, backend, clock) {}

bool Surveyor::UsesCatalogue() const {
  return backend_.recognised().dialect->discovery ==
         backend::Discovery::kCatalogue;
}

backend::SeriesMatch Surveyor::Match(std::string selector) const {
  // Without a start some servers search all that they ever stored.
  const TimePoint now = clock_.Now();
  return {std::move(selector), now - options_.max_age, now};
}

TimePoint Surveyor::QuestionDeadline() const {
  return clock_.Now() + options_.request_timeout;
}

Task<Result<Survey>> Surveyor::TakeWhole(RuleGroup group) {
  if (!UsesCatalogue()) {
    Result<Survey> survey = co_await AskForAll(group);
    // What the backend is may have become known by asking it.
    if (!UsesCatalogue()) co_return survey;
  }
  co_return co_await ReadCatalogue(std::move(group), std::nullopt);
}

Task<Result<Survey>> Surveyor::TakeLabel(RuleGroup group, std::string label) {
  if (!UsesCatalogue()) {
    std::set<std::string> labels;
    labels.insert(label);
    Result<Survey> survey = co_await AskByLabel(group, std::move(labels));
    if (!UsesCatalogue()) co_return survey;
  }
  co_return co_await ReadCatalogue(std::move(group), std::move(label));
}

Task<Result<Survey>> Surveyor::ReadCatalogue(RuleGroup group,
                                             std::optional<std::string> label) {
  // A round looks at everything again; a request that misses does not.
  const bool again = !label;
  const Result<LabelsByName> found = co_await catalogue_.Read(group, again);
  if (!found) co_return found.error();
  Survey survey;
  for (const auto& [name, labels] : *found) {
    if (!label || *label == kAnyLabel) survey[kAnyLabel].insert(name);
    for (const std::string& carried : labels) {
      const bool counts =
          label ? *label == carried : NamesAResource(group, carried);
      if (counts) survey[carried].insert(name);
    }
  }
  co_return survey;
}

Task<Result<Survey>> Surveyor::AskForAll(RuleGroup group) {
  std::set<std::string> labels;
  bool may_be_others = false;
  for (const auto& rule : group) {
    if (rule->external()) labels.insert(kAnyLabel);
    for (const std::string& label : rule->override_labels()) {
      if (!rule->external()) labels.insert(label);
    }
    may_be_others |= !rule->external() && rule->has_label_template();
  }
  if (may_be_others) {
    backend::SeriesMatch match = Match(group.front()->series_query());
    Result<std::vector<std::string>> names =
        co_await backend_.LabelNames(std::move(match), QuestionDeadline());
    if (!names && names.error().code == ErrorCode::kInvalidArgument) {
      co_return co_await ReadSeries(std::move(group));
    }
    if (!names) co_return std::move(names).error();
    for (const std::string& name : *names) {
      if (NamesAResource(group, name)) labels.insert(name);
    }
  }
  co_return co_await AskByLabel(std::move(group), std::move(labels));
}

Task<Result<Survey>> Surveyor::AskByLabel(RuleGroup group,
                                          std::set<std::string> labels) {
  Survey survey;
  // The backend takes the name by reference, and a literal would not outlive
  // the wait.
  const std::string metric_name = "__name__";
  for (const std::string& label : labels) {
    std::optional<std::string> selector =
        label == kAnyLabel ? group.front()->series_query()
                           : group.front()->SeriesWithLabel(label);
    if (!selector) co_return co_await ReadSeries(std::move(group));
    backend::SeriesMatch match = Match(std::move(*selector));
    Result<std::vector<std::string>> names = co_await backend_.LabelValues(
        metric_name, std::move(match), QuestionDeadline());
    if (!names && names.error().code == ErrorCode::kInvalidArgument) {
      co_return co_await ReadSeries(std::move(group));
    }
    if (!names) co_return std::move(names).error();
    survey[label].insert(names->begin(), names->end());
  }
  co_return survey;
}

Task<Result<Survey>> Surveyor::ReadSeries(RuleGroup group) {
  // Shared with the sink, which may be called until the request has unwound.
  struct Reading {
    RuleGroup group;
    Survey survey;
    std::map<std::string, bool> names_a_resource;  // by label
  };
  auto reading = std::make_shared<Reading>();
  reading->group = std::move(group);
  backend::SeriesSink sink =
      [reading](const model::Labels& series) -> Result<Done> {
    const auto name = series.find("__name__");
    if (name == series.end()) return Done{};
    reading->survey[kAnyLabel].insert(name->second);
    for (const auto& [label, value] : series) {
      auto known = reading->names_a_resource.find(label);
      if (known == reading->names_a_resource.end()) {
        const bool it_does = NamesAResource(reading->group, label);
        known = reading->names_a_resource.emplace(label, it_does).first;
      }
      if (known->second) reading->survey[label].insert(name->second);
    }
    return Done{};
  };
  backend::SeriesMatch match = Match(reading->group.front()->series_query());
  Result<Done> read = co_await backend_.Series(
      std::move(match), QuestionDeadline(), std::move(sink));
  if (!read) co_return std::move(read).error();
  co_return std::move(reading->survey);
}

}  // namespace sextant::catalog
