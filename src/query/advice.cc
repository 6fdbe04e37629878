// From what happened to what to do about it, in words.

#include <algorithm>
#include <array>

#include "sextant/base/text.h"
#include "sextant/query/trace.h"

namespace sextant::query {
namespace {

using Strings = std::vector<std::string>;

const Trace::Rule* Chosen(const Trace& trace) {
  const auto found = std::find_if(trace.rules.begin(), trace.rules.end(),
                                  [](const auto& rule) { return rule.chosen; });
  return found == trace.rules.end() ? nullptr : &*found;
}

std::string QueryField(const Trace& trace) {
  const Trace::Rule* rule = Chosen(trace);
  return (rule == nullptr ? "the rule" : rule->path) + "." + trace.query_field;
}

bool IsUsage(const Trace& trace) {
  return trace.query_field != Trace().query_field;
}

bool Has(const Trace& trace, SampleState state) {
  for (const Trace::Query& query : trace.queries) {
    for (const Trace::Sample& sample : query.samples) {
      if (sample.state == state) return true;
    }
  }
  return false;
}

// Which series are missing, by the rules that could have them.
void AdviseOnMissingSeries(const Trace& trace, Strings& advice) {
  if (!trace.near_names.empty()) {
    advice.push_back("Did you mean " + Join(trace.near_names, ", or ") + "?");
  }
  if (!trace.other_resources.empty()) {
    advice.push_back("The metric exists for other resources: " +
                     Join(trace.other_resources, ", ") +
                     ".  Ask for one of these, or map a label to " +
                     trace.resource + " in the rule's resources.overrides.");
  }
  for (const Trace::Rule& rule : trace.rules) {
    for (const std::string& line : rule.advice) {
      // Rules that share a seriesQuery, or a backend that is down.
      const auto said = std::find(advice.begin(), advice.end(), line);
      if (said == advice.end()) advice.push_back(line);
    }
  }
  if (trace.cause == Cause::kNoRule) {
    advice.push_back("No rule can give a metric the name " +
                     GoQuote(trace.metric) + ": add one to " +
                     (trace.external ? "externalRules" : "rules") +
                     ", or ask for the name that name.as makes.");
  } else if (advice.empty()) {
    advice.push_back(
        "Wait for the first sample, or look at what the rules' seriesQuery "
        "selects.");
  }
}

void AdviseOnCause(const Trace& trace, Strings& advice) {
  switch (trace.cause) {
    case Cause::kUnknownResource:
      advice.push_back(
          (trace.near_names.empty()
               ? std::string()
               : "Did you mean " + trace.near_names.front() + "?  ") +
          "A resource is written as in `kubectl api-resources`: pods, "
          "deployments.apps.");
      return;
    case Cause::kScope:
      advice.push_back(trace.detail.find("the path is not") != std::string::npos
                           ? "These objects live in namespaces: say which "
                             "(-n NAMESPACE, or /namespaces/NAMESPACE/...)."
                           : "These objects live outside of namespaces: ask "
                             "without one.");
      return;
    case Cause::kListFailed:
      advice.push_back("The objects could not be listed: " +
                       (trace.objects ? trace.objects->error : trace.detail));
      return;
    case Cause::kNoObjects:
      advice.push_back(
          "No object fits: look at the namespace and at the label selector.");
      return;
    case Cause::kNoRule:
    case Cause::kNoSeries:
      AdviseOnMissingSeries(trace, advice);
      return;
    case Cause::kBadQuery:
      // Without a detail no rule could be made of the request, which is noted
      // first.
      if (trace.detail.empty() && !trace.rules.empty()) {
        advice = trace.rules.front().advice;
      } else {
        advice.push_back("The query cannot be written: " + trace.detail);
      }
      return;
    case Cause::kBackend:
    case Cause::kTimeout:
      for (const Trace::Query& query : trace.queries) {
        if (query.error.empty()) continue;
        advice.push_back("The backend says: " + query.error +
                         ".  Try the query there by hand.");
        return;
      }
      advice.push_back((trace.cause == Cause::kTimeout
                            ? "The backend was not heard in time: "
                            : "The backend did not answer: ") +
                       trace.detail);
      return;
    case Cause::kNotAVector:
      advice.push_back(QueryField(trace) +
                       " gives no vector.  Let it end in an aggregation, for "
                       "example sum(<<.Series>>{<<.LabelMatchers>>}) by "
                       "(<<.GroupBy>>).");
      return;
    case Cause::kNoSample:
      advice.push_back(
          "The query finds nothing.  Take its matchers away one by one in the "
          "backend's own page: the one that brings samples back is too "
          "narrow.");
      if (trace.queries.empty()) return;
      if (trace.queries.front().text.find("rate(") != std::string::npos) {
        advice.push_back(
            "rate() needs two samples: its range must be at least twice the "
            "scrape interval.");
      }
      return;
    case Cause::kValue:
    case Cause::kNoValue:
      return;
  }
}

void AdviseOnSamples(const Trace& trace, Strings& advice) {
  if (Has(trace, SampleState::kNoLabel)) {
    advice.push_back("Samples come without the label " + GoQuote(trace.label) +
                     ", so nobody can say whose they are: let " +
                     QueryField(trace) + " end in `by (<<.GroupBy>>)`.");
  }
  if (Has(trace, SampleState::kOverwritten)) {
    advice.push_back(
        std::string("One ") +
        (IsUsage(trace) ? "container or node" : "object") +
        " has several samples and only " +
        (IsUsage(trace) ? "one" : "the last") + " is served: let " +
        QueryField(trace) +
        " put them together, for example sum(...) by (<<.GroupBy>>).");
  }
  if (Has(trace, SampleState::kOtherNamespace)) {
    advice.push_back(
        "Samples of other namespaces are answered: put "
        "<<.LabelMatchers>> into " +
        QueryField(trace) + ".");
  }
  if (Has(trace, SampleState::kNanIsZero) && !IsUsage(trace)) {
    advice.push_back(
        "A value is not a number and is served as 0, which may scale down; "
        "`nan: none` in the rule leaves it out.");
  }
  if (Has(trace, SampleState::kNan)) {
    advice.push_back(
        "A value is not a number, mostly a division by 0, and the rule leaves "
        "it out (`nan: none`).");
  }
  if (Has(trace, SampleState::kInfinite)) {
    advice.push_back(
        "A value is infinite, mostly a division by 0: guard the divisor, for "
        "example with `> 0`.");
  }
  if (Has(trace, SampleState::kOverflow)) {
    advice.push_back(
        "A value is larger than a Kubernetes quantity can be: measure in a "
        "larger unit.");
  }
  if (Has(trace, SampleState::kHistogram)) {
    advice.push_back(
        "A native histogram has no one value: use histogram_quantile(), "
        "histogram_sum() or histogram_count().");
  }
}

}  // namespace

const char* NameOf(Cause cause) {
  constexpr std::array<const char*, 13> kNames = {
      "value",      "unknown_resource", "scope",        "list_failed",
      "no_objects", "no_rule",          "no_series",    "bad_query",
      "backend",    "timeout",          "not_a_vector", "no_sample",
      "no_value"};
  return kNames[static_cast<std::size_t>(cause)];
}

std::vector<std::string> Advise(const Trace& trace) {
  Strings advice;
  AdviseOnCause(trace, advice);
  AdviseOnSamples(trace, advice);
  const bool only_others = trace.cause == Cause::kNoValue && advice.empty();
  if (only_others) {
    advice.push_back(
        "The samples belong to other objects than were asked for: look at the "
        "name, and put <<.LabelMatchers>> into " +
        QueryField(trace) + ".");
  }
  return advice;
}

std::vector<std::string> Advise(const ResourceTrace& trace) {
  Strings advice;
  const auto add = [&advice](const std::string& line) {
    const auto said = std::find(advice.begin(), advice.end(), line);
    if (said == advice.end()) advice.push_back(line);
  };
  bool any_cause = false;
  for (const Trace& question : trace.questions) {
    const std::string field = QueryField(question);
    for (const std::string& line : Advise(question)) {
      const bool named = line.find(field) != std::string::npos;
      add(named ? line : field + ": " + line);
    }
    any_cause = any_cause || question.cause != Cause::kValue;
  }
  if (!any_cause) {
    Trace whole;
    whole.cause = trace.cause;
    whole.detail = trace.detail;
    whole.objects = trace.objects;
    for (const std::string& line : Advise(whole)) add(line);
  }
  if (!trace.left_out.empty()) {
    add("An object is listed only with both CPU and memory: " +
        Join(trace.left_out, "; ") + ".");
  }
  return advice;
}

std::string Describe(const Trace& trace, const Trace::Sample& sample) {
  switch (sample.state) {
    case SampleState::kValue:
      return "served";
    case SampleState::kNanIsZero:
      return "not a number: served as 0";
    case SampleState::kNan:
      return "left out: not a number, and the rule says `nan: none`";
    case SampleState::kInfinite:
      return "left out: infinite";
    case SampleState::kOverflow:
      return "left out: too large for a quantity";
    case SampleState::kHistogram:
      return "left out: a native histogram";
    case SampleState::kNoLabel:
      return "left out: no label " + GoQuote(trace.label);
    case SampleState::kOtherNamespace:
      return "left out: its namespace is not " +
             GoQuote(trace.wanted_namespace);
    case SampleState::kOverwritten:
      return IsUsage(trace)
                 ? "left out: another sample of the same container or node is "
                   "served"
                 : "left out: a later sample of the same object is served";
    case SampleState::kNotAskedFor:
      return "left out: its " + GoQuote(trace.label) +
             " is no object that was asked for";
    case SampleState::kNegativeIsZero:
      return "less than nothing: served as 0";
  }
  return "";
}

}  // namespace sextant::query
