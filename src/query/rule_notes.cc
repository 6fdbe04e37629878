// Why a rule gives a metric or does not.  The cheap reasons come first (its
// name, its labels, what discovery knows); only then is the backend asked, from
// the whole seriesQuery down to the one matcher that nothing fulfils.

#include "rule_notes.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/promql/selector.h"

namespace sextant::query {
namespace {

using Strings = std::vector<std::string>;

// How many names a text lists before it says how many more there are.
constexpr std::size_t kMostListed = 6;

std::string ListOf(const Strings& names) {
  Strings shown(names.begin(),
                names.begin() + static_cast<std::ptrdiff_t>(
                                    std::min(names.size(), kMostListed)));
  std::string text = Join(shown, ", ");
  if (names.size() > kMostListed) {
    text += " and " + std::to_string(names.size() - kMostListed) + " more";
  }
  return text;
}

// What is asked about, the same for all rules.
struct Subject {
  std::shared_ptr<const rules::RuleSet> rules;
  const model::Resource* resource = nullptr;  // of `rules`; null: external
  std::string metric;
};

// Puts questions to the backend about one rule.
class Inquiry {
 public:
  Inquiry(const catalog::Refresher& catalog, backend::Backends backends,
          Clock& clock, TimePoint deadline)
      : max_age_(catalog.max_age()),
        backends_(std::move(backends)),
        clock_(clock),
        deadline_(deadline) {}

  // The next questions are about this rule.
  void About(const rules::Rule& rule) {
    backend_ = &backends_.Of(rule.backend());
  }

  Task<Result<Strings>> SeriesNames(std::string selector) {
    const std::string label = "__name__";
    const backend::SeriesMatch match = Match(std::move(selector));
    co_return co_await backend_->LabelValues(label, match, deadline_);
  }

  Task<Result<Strings>> LabelNames(std::string selector) {
    const backend::SeriesMatch match = Match(std::move(selector));
    Result<Strings> names = co_await backend_->LabelNames(match, deadline_);
    if (names) std::erase(*names, "__name__");
    co_return names;
  }

 private:
  backend::SeriesMatch Match(std::string selector) const {
    const TimePoint now = clock_.Now();
    return {std::move(selector), now - max_age_, now};
  }

  const Duration max_age_;
  const backend::Backends backends_;
  backend::Backend* backend_ = nullptr;
  Clock& clock_;
  const TimePoint deadline_;
};

// The selector with its conditions on the name and nothing else; empty if it
// has none.
std::string NameOnly(const promql::SeriesSelector& selector) {
  std::optional<promql::SeriesSelector> only;
  if (selector.metric_name()) {
    only = promql::SeriesSelector::Parse("{}");
    if (only) return only->With("__name__", "=", *selector.metric_name());
  }
  std::string text = "{}";
  for (const promql::Matcher& matcher : selector.matchers()) {
    if (matcher.label != "__name__") continue;
    only = promql::SeriesSelector::Parse(text);
    if (!only) return "";
    text = only->With("__name__", matcher.op, matcher.value);
  }
  return text == "{}" ? "" : text;
}

bool DemandsLabel(const promql::Matcher& matcher) {
  if (matcher.label == "__name__") return false;
  if (matcher.op == "!=") return matcher.value.empty();
  return (matcher.op == "=" || matcher.op == "=~") && !matcher.value.empty() &&
         matcher.value != ".*";
}

// Nothing fits seriesQuery: is it the name or one of the labels?
Task<void> FindWhatNothingFits(Inquiry& inquiry, const rules::Rule& rule,
                               Trace::Rule& note) {
  note.reason = "no series fits its seriesQuery";
  const auto selector = promql::SeriesSelector::Parse(rule.series_query());
  if (!selector) co_return;
  const std::string name_only = NameOnly(*selector);
  if (name_only.empty()) co_return;
  const Result<Strings> names = co_await inquiry.SeriesNames(name_only);
  if (!names) co_return;
  if (names->empty()) {
    note.reason += ": none has such a name";
    note.advice.push_back(
        "Nothing that " + name_only +
        " selects was scraped lately: check the name, and that the target is "
        "up.");
    co_return;
  }
  const Result<Strings> labels = co_await inquiry.LabelNames(name_only);
  if (!labels) co_return;
  const std::set<std::string> present(labels->begin(), labels->end());
  for (const promql::Matcher& matcher : selector->matchers()) {
    if (!DemandsLabel(matcher) || present.count(matcher.label) > 0) continue;
    note.reason += ": it wants the label " + GoQuote(matcher.label) +
                   ", which no series of that name has";
    note.advice.push_back("In " + rule.path() + ".seriesQuery leave out " +
                          GoQuote(matcher.label) +
                          " or name another label; these series have " +
                          ListOf(*labels) + ".");
    co_return;
  }
  note.reason += ": series of that name exist (" + ListOf(*names) +
                 "), but with other label values";
}

// The rule has the metric's series, and none of them names the resource.
Task<void> SayThatTheLabelIsMissing(Inquiry& inquiry, const Subject& subject,
                                    const rules::Rule& rule, std::string series,
                                    Trace::Rule& note) {
  const std::string plural = subject.resource->plural;
  note.reason = "its series " + series + " exists, but no " +
                (note.label.empty()
                     ? "label of it names " + plural
                     : "series of it has the label " + GoQuote(note.label));
  const std::optional<std::string> selector = rule.SeriesOf(series, "");
  if (!selector) co_return;
  const Result<Strings> labels = co_await inquiry.LabelNames(*selector);
  if (!labels) co_return;
  note.reason += "; it has " + ListOf(*labels);
  note.advice.push_back(
      "No series of " + series + " has a label for " + plural + ": add to " +
      rule.path() + ".resources.overrides the one that holds the name, for " +
      "example `LABEL: {resource: " + subject.resource->singular +
      "}`; the labels are " + ListOf(*labels) + ".");
}

Task<void> AskWhyNot(Inquiry& inquiry, const Subject& subject,
                     const rules::Rule& rule, Trace::Rule& note) {
  const Result<Strings> names =
      co_await inquiry.SeriesNames(rule.series_query());
  if (!names) {
    std::string why = names.error().message;
    if (!names.error().detail.empty()) why += " (" + names.error().detail + ")";
    note.reason = "its series could not be listed: " + why;
    note.advice.push_back(
        "The backend did not say which series there are: " + why + ".");
    co_return;
  }
  if (names->empty()) {
    co_await FindWhatNothingFits(inquiry, rule, note);
    co_return;
  }
  std::string example;
  for (const std::string& name : *names) {
    std::string why = rule.WhyNot(name, subject.metric);
    if (why.empty() && subject.resource != nullptr) {
      co_await SayThatTheLabelIsMissing(inquiry, subject, rule, name, note);
      co_return;
    }
    if (why.empty()) {
      note.reason = "its series " + name + " has just appeared: ask again";
      co_return;
    }
    if (example.empty()) example = name + ": " + why;
  }
  note.reason = "its series become other metrics (" + example +
                (names->size() > 1
                     ? ", and " + std::to_string(names->size() - 1) + " more)"
                     : ")");
}

// What is known without asking; false: the backend has to be asked.
bool NoteWhatIsKnown(const catalog::Refresher& catalog, const Subject& subject,
                     const rules::Rule& rule, const std::string& chosen,
                     Trace::Rule& note) {
  if (!rule.MayProduce(subject.metric)) {
    note.reason = "its name.as can give no metric this name";
    return true;
  }
  model::GroupResource key;
  if (subject.resource != nullptr) {
    key = subject.resource->group_resource();
    const std::set<std::string> labels =
        catalog::Refresher::LabelsOf(rule, *subject.resource);
    if (!labels.empty()) note.label = *labels.begin();
    const auto asked = rule.LabelForResource(*subject.resource);
    if (asked) note.label = *asked;
    if (labels.empty()) {
      note.reason = "no label of it names " + subject.resource->plural +
                    ", neither by resources.overrides nor by "
                    "resources.template";
      note.advice.push_back("If " + rule.path() +
                            " should serve it, add to its "
                            "resources.overrides `LABEL: {resource: " +
                            subject.resource->singular + "}`.");
      return true;
    }
  }
  const Strings known = catalog.KnownSeries(
      rule.path(), subject.resource == nullptr ? nullptr : &key,
      subject.metric);
  if (known.empty()) return false;
  if (chosen.empty()) return false;
  note.reason = "overridden: its series " + ListOf(known) +
                " gives the same name, but " + chosen +
                " comes later in the file, and the last wins";
  return true;
}

void NoteChosen(const catalog::Refresher& catalog, const Subject& subject,
                const rules::Rule& rule, const std::string& series,
                Trace::Rule& note) {
  note.chosen = true;
  note.series = series;
  note.reason = "its series " + series + " is this metric";
  model::GroupResource key;
  if (subject.resource != nullptr) {
    key = subject.resource->group_resource();
    const Result<std::string> label = rule.LabelForResource(*subject.resource);
    if (label) {
      note.label = *label;
      note.reason += " of " + subject.resource->plural + ", by the label " +
                     GoQuote(*label);
    }
  }
  Strings others = catalog.KnownSeries(
      rule.path(), subject.resource == nullptr ? nullptr : &key,
      subject.metric);
  std::erase(others, series);
  if (others.empty()) return;
  note.reason += "; " + ListOf(others) +
                 " would get the same name, and of one rule the name that "
                 "sorts last is served";
  note.advice.push_back("Give " + rule.path() +
                        " a name.as that keeps its series apart.");
}

// Metrics of the catalog that are like the one asked for.
void NoteNeighbours(const catalog::Catalog& catalog, const Subject& subject,
                    Trace& trace) {
  Strings names;
  if (subject.resource == nullptr) {
    for (const auto& [name, metric] : catalog.external()) names.push_back(name);
  }
  for (const auto& [key, metric] : catalog.custom()) {
    if (subject.resource == nullptr) break;
    if (key.first == subject.resource->group_resource().ToString()) {
      names.push_back(key.second);
    } else if (key.second == subject.metric) {
      trace.other_resources.push_back(key.first);
    }
  }
  std::erase(names, subject.metric);
  // The nearest few; an autoscaler's author has one typing slip, not five.
  constexpr std::size_t kMostNear = 3;
  while (trace.near_names.size() < kMostNear) {
    const std::optional<std::string> near = NearestWord(subject.metric, names);
    if (!near) break;
    trace.near_names.push_back(*near);
    std::erase(names, *near);
  }
}

// HPAs that were written for custom-metrics-stackdriver-adapter.
void NoteThatStackdriverIsOff(const Subject& subject, Trace& trace) {
  if (subject.rules->stackdriver != nullptr ||
      trace.cause != Cause::kNoSeries ||
      !rules::Stackdriver::IsName(subject.metric)) {
    return;
  }
  Trace::Rule note;
  note.path = "stackdriver";
  note.reason = "the configuration does not have it";
  note.advice.push_back(
      "For the names of custom-metrics-stackdriver-adapter no rules are "
      "needed: write \"stackdriver: {}\" into the configuration.");
  trace.rules.push_back(std::move(note));
}

void NoteNearResources(const Subject& subject, const std::string& resource,
                       Trace& trace) {
  Strings names;
  for (const model::Resource& known : subject.rules->resources->resources()) {
    names.push_back(known.group_resource().ToString());
  }
  const std::optional<std::string> near = NearestWord(resource, names);
  if (near) trace.near_names.push_back(*near);
}

}  // namespace

Task<void> AddRuleNotes(const catalog::Refresher& catalog,
                        backend::Backends backends, Clock& clock,
                        std::string resource, TimePoint deadline,
                        Trace* trace) {
  Subject subject;
  subject.rules = catalog.rules();
  subject.metric = trace->metric;
  if (!trace->external) {
    subject.resource =
        subject.rules->resources->Find(model::GroupResource::Parse(resource));
    if (subject.resource == nullptr) {
      NoteNearResources(subject, resource, *trace);
      co_return;
    }
    trace->resource = subject.resource->group_resource().ToString();
  }

  const std::shared_ptr<const catalog::Catalog> current = catalog.Current();
  std::string chosen;
  std::string series;
  if (trace->external) {
    const auto* metric = current->FindExternal(subject.metric);
    if (metric != nullptr) {
      chosen = metric->rule->path();
      series = metric->series;
    }
  } else {
    const auto* metric =
        current->FindCustom(subject.resource->group_resource(), subject.metric);
    if (metric != nullptr) {
      chosen = metric->rule->path();
      series = metric->series;
    }
  }
  // The one that was made from the metric's name, which the engine has noted.
  const bool made = std::any_of(trace->rules.begin(), trace->rules.end(),
                                [](const auto& rule) { return rule.chosen; });
  if ((chosen.empty() && !made) || trace->cause == Cause::kNoSeries) {
    NoteNeighbours(*current, subject, *trace);
  }
  NoteThatStackdriverIsOff(subject, *trace);

  Inquiry inquiry(catalog, std::move(backends), clock, deadline);
  bool may_be = !trace->rules.empty();
  const auto& section =
      trace->external ? subject.rules->external : subject.rules->custom;
  for (const std::shared_ptr<const rules::Rule>& rule : section) {
    Trace::Rule note;
    note.path = rule->path();
    note.series_query = rule->series_query();
    may_be |= rule->MayProduce(subject.metric);
    if (note.path == chosen) {
      NoteChosen(catalog, subject, *rule, series, note);
    } else if (!NoteWhatIsKnown(catalog, subject, *rule, chosen, note)) {
      if (clock.Now() < deadline) {
        inquiry.About(*rule);
        co_await AskWhyNot(inquiry, subject, *rule, note);
      } else {
        note.reason = "no time was left to ask the backend why";
      }
    }
    trace->rules.push_back(std::move(note));
  }
  if (trace->cause == Cause::kNoSeries && !may_be) {
    trace->cause = Cause::kNoRule;
  }
}

}  // namespace sextant::query
