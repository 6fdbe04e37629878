// metricsQuery: can its answer be told apart by object, and is it PromQL that
// makes sense of the series?

#include <algorithm>
#include <chrono>
#include <set>

#include "lint_subject.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::rules {

namespace {

using Facts = promql::QueryFacts;

constexpr std::chrono::minutes kShortWindow{1};

// Functions that take a counter, or do not look at its value.
bool SuitsCounters(const std::string& function) {
  static const std::set<std::string> kThese = {"rate",
                                               "irate",
                                               "increase",
                                               "delta",
                                               "idelta",
                                               "deriv",
                                               "resets",
                                               "changes",
                                               "count",
                                               "group",
                                               "absent",
                                               "count_values",
                                               "timestamp",
                                               "absent_over_time",
                                               "present_over_time",
                                               "count_over_time"};
  return kThese.count(function) > 0;
}

bool IsRate(const std::string& function) {
  return function == "rate" || function == "irate" || function == "increase";
}

bool LooksLikeACounter(const std::string& name) {
  for (const char* ending : {"_total", "_count", "_sum", "_bucket"}) {
    if (name.ends_with(ending)) return true;
  }
  // Of recording rules and of names that say nothing.
  return name.find(':') != std::string::npos;
}

// The query of one request, for reading only.
std::optional<std::string> Expand(const LintSubject& subject,
                                  const model::Resource* resource) {
  QueryInput input;
  input.series = subject.sample.value_or("some_series_total");
  input.resource = resource;
  if (resource == nullptr || resource->namespaced) input.namespace_ = "default";
  if (resource != nullptr) input.names = {"some-object"};
  Result<std::string> query = subject.rule->BuildQuery(input);
  if (!query) return std::nullopt;
  return *std::move(query);
}

bool Filters(const Facts& facts, const std::string& label) {
  for (const Facts::Selector& selector : facts.selectors) {
    for (const promql::Matcher& matcher : selector.matchers) {
      if (matcher.label == label && (matcher.op == "=" || matcher.op == "=~")) {
        return true;
      }
    }
  }
  return false;
}

class QueryLint {
 public:
  QueryLint(const LintSubject& subject, const FieldReporter& report)
      : subject_(subject),
        report_(report),
        at_(subject.config->metrics_query.at) {}

  // Of every resource that the rule names: can its objects be told apart?
  void LintLabels(const std::vector<const model::Resource*>& resources) {
    std::vector<std::string> dropped;
    std::string kept;
    bool unfiltered = false;
    for (const model::Resource* resource : resources) {
      const auto query = Expand(subject_, resource);
      const auto facts =
          query ? promql::Examine(*query) : std::optional<Facts>();
      const auto label = subject_.rule->LabelForResource(*resource);
      if (!facts || !label) continue;
      // The namespace stands in most queries anyway.
      if (IsNamespace(*resource) && resources.size() > 1) continue;
      if (facts->scalar || !facts->labels.Has(*label)) {
        dropped.push_back(*label);
      } else {
        kept = *label;
      }
      unfiltered |= !Filters(*facts, *label);
    }
    if (unfiltered) {
      report_.Warning(
          at_, "metricsQuery", "no-label-matchers",
          "asks for all objects each time, whichever is wanted: a request's "
          "objects, namespace and metric selector are not in it",
          "write <<.LabelMatchers>> into the braces of its selectors: "
          "<<.Series>>{<<.LabelMatchers>>}");
    }
    if (dropped.empty()) return;
    if (!kept.empty()) {
      report_.Note(at_, "metricsQuery", "group-by-misses-label",
                   "the answer has the label \"" + kept + "\", but not \"" +
                       Join(dropped, "\", \"") +
                       "\", so only some of the rule's resources get values",
                   "write by (<<.GroupBy>>) instead of a list of labels");
      return;
    }
    report_.Warning(at_, "metricsQuery", "no-group-by",
                    "the answer cannot carry the label \"" +
                        Join(dropped, "\" or \"") +
                        "\", by which values are told apart, so no object ever "
                        "gets one",
                    "add by (<<.GroupBy>>) to the aggregation");
  }

  void LintExternal(const Facts& facts) {
    const std::string& text = subject_.config->metrics_query.value;
    if (text.find(".LabelMatchers") != std::string::npos ||
        text.find(".LabelValuesByName") != std::string::npos ||
        facts.selectors.empty()) {
      return;
    }
    const std::string advice =
        "write <<.LabelMatchers>> into the braces of its selectors: "
        "<<.Series>>{<<.LabelMatchers>>}";
    if (subject_.rule->namespaced()) {
      report_.Warning(at_, "metricsQuery", "no-label-matchers",
                      "gives every namespace the same number: a request's "
                      "namespace and metric selector are not in it",
                      advice);
    } else {
      report_.Note(at_, "metricsQuery", "no-label-matchers",
                   "a request's metric selector is not in it", advice);
    }
  }

  void LintOddities(const Facts& facts) {
    using Kind = Facts::Oddity::Kind;
    for (const Facts::Oddity& oddity : facts.oddities) {
      switch (oddity.kind) {
        case Kind::kNeedsRange:
          Warn("needs-range",
               oddity.text +
                   "() needs a range, and Prometheus refuses the "
                   "query without",
               "write the time behind the selector: " + oddity.text +
                   "(<<.Series>>{<<.LabelMatchers>>}[2m])");
          break;
        case Kind::kUnusedRange:
          Warn("unused-range",
               oddity.text +
                   " is not in a function that takes a range, and "
                   "Prometheus refuses the query",
               "put rate(...) or avg_over_time(...) around the selector, or "
               "leave " +
                   oddity.text + " out");
          break;
        case Kind::kQuantileWithoutLe:
          Warn("quantile-without-le",
               "the buckets' label le is gone before histogram_quantile() can "
               "see it, so the answer is empty",
               "write by (le, <<.GroupBy>>)");
          break;
        case Kind::kDash:
          Warn("dash-in-name", oddity.text + " is read as a subtraction",
               "write {__name__=\"" + oddity.text + "\",<<.LabelMatchers>>}");
          break;
        case Kind::kOrWithoutLabels:
          if (subject_.external) break;
          report_.Note(at_, "metricsQuery", "or-without-labels",
                       "what stands after `or` carries no label, so it is no "
                       "object's value",
                       "leave it out; an object without samples has no value");
          break;
      }
    }
  }

  void LintSelectors(const Facts& facts) {
    const bool offset = std::any_of(
        facts.selectors.begin(), facts.selectors.end(),
        [](const Facts::Selector& selector) { return selector.offset; });
    std::set<std::string> said;
    for (const Facts::Selector& selector : facts.selectors) {
      LintWholeNumbers(selector);
      if (!selector.name || !said.insert(*selector.name).second) continue;
      const std::string& name = *selector.name;
      if (!offset) LintCounter(selector, name);
      if (IsRate(selector.function) && !LooksLikeACounter(name) &&
          IsKnownName(name)) {
        report_.Note(at_, "metricsQuery", "rate-of-gauge",
                     selector.function + "() is for counters, and " + name +
                         " does not look like one",
                     "for a gauge use the value itself, deriv() or delta()");
      }
      if (name.ends_with("_bucket") && !facts.uses_le) {
        report_.Warning(at_, "metricsQuery", "buckets-added-up",
                        "the buckets of a histogram each count all that is "
                        "below them, and added up they count it many times",
                        "take the series that ends in _count, or write "
                        "histogram_quantile(0.9, sum(rate(...)) by (le, "
                        "<<.GroupBy>>))");
      }
      LintWindow(selector);
    }
  }

 private:
  void Warn(const char* id, std::string message, std::string advice) {
    report_.Warning(at_, "metricsQuery", id, std::move(message),
                    std::move(advice));
  }

  // le="1", which Prometheus 3 keeps as le="1.0".
  void LintWholeNumbers(const Facts::Selector& selector) {
    for (const promql::Matcher& matcher : selector.matchers) {
      const bool number = matcher.label == "le" || matcher.label == "quantile";
      const bool exact = matcher.op == "=" || matcher.op == "!=";
      const std::string& value = matcher.value;
      if (!number || !exact || value.empty() ||
          value.find_first_not_of("0123456789") != std::string::npos ||
          !whole_numbers_.insert(value).second) {
        continue;
      }
      report_.Note(at_, "metricsQuery", "whole-number-label",
                   "Prometheus 3 keeps " + matcher.label + "=\"" + value +
                       "\" as " + matcher.label + "=\"" + value + ".0\"",
                   "write " + matcher.label +
                       (matcher.op == "=" ? "=~\"" : "!~\"") + value + "|" +
                       value + "[.]0\", which is right before 3.0 too");
    }
  }

  // A name that stands in the file, not one that was made up.
  bool IsKnownName(const std::string& name) const {
    return name == subject_.exact_name ||
           subject_.config->metrics_query.value.find(name) != std::string::npos;
  }

  void LintCounter(const Facts::Selector& selector, const std::string& name) {
    const bool bare = selector.function.ends_with("_over_time")
                          ? selector.function != "last_over_time" &&
                                !SuitsCounters(selector.function)
                          : !SuitsCounters(selector.function);
    if (!bare || !name.ends_with("_total")) return;
    if (!subject_.sample && name == "some_series_total") return;
    Warn("counter-without-rate",
         (IsKnownName(name) ? name : "a series whose name ends in _total") +
             " is a counter, which only grows: an autoscaler would never scale "
             "down",
         "write sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by "
         "(<<.GroupBy>>)");
  }

  void LintWindow(const Facts::Selector& selector) {
    if (!IsRate(selector.function) || selector.range.empty()) return;
    const Result<Duration> window = ParsePrometheusDuration(selector.range);
    if (!window || *window >= kShortWindow) return;
    report_.Note(at_, "metricsQuery", "short-window",
                 selector.function + "() over " + selector.range +
                     " has no value unless the series is scraped at least "
                     "twice in that time",
                 "take four times the scrape interval, such as [2m]");
  }

  const LintSubject& subject_;
  const FieldReporter& report_;
  const config::Position at_;
  std::set<std::string> whole_numbers_;  // already told of
};

}  // namespace

void LintQuery(const LintSubject& subject, const model::ResourceTable& table,
               const FieldReporter& report) {
  if (subject.config->metrics_query.value.empty()) return;
  std::vector<const model::Resource*> resources;
  if (!subject.external) resources = ResourcesOf(subject, table);
  const model::Resource* first = resources.empty() ? nullptr : resources.back();
  if (!subject.external && first == nullptr) return;
  const auto query = Expand(subject, first);
  if (!query) return;
  const std::optional<Facts> facts = promql::Examine(*query);
  if (!facts) {
    report.Note(subject.config->metrics_query.at, "metricsQuery", "not-promql",
                "is not PromQL as far as sextant can read it; it goes to the "
                "backend as it is",
                "look for a parenthesis or quote that is not closed");
    return;
  }
  QueryLint lint(subject, report);
  lint.LintOddities(*facts);
  lint.LintSelectors(*facts);
  if (subject.external) {
    lint.LintExternal(*facts);
  } else {
    lint.LintLabels(resources);
  }
}

}  // namespace sextant::rules
