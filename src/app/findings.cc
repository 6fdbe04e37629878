#include "findings.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "sextant/config/metric_question.h"

namespace sextant::app {
namespace {

constexpr char kExternal[] = "external";
constexpr std::size_t kMostLabels = 12;

// A path to ask for all objects; the caller knows the namespace.
std::string PathOf(const model::Resource* resource, const std::string& metric) {
  std::string subject = kExternal;
  std::string in_namespace = "NAMESPACE";
  if (resource != nullptr) {
    subject = resource->group_resource().ToString() + "/*";
    if (subject == "namespaces/*") subject = "namespaces/NAMESPACE";
    if (!resource->namespaced) in_namespace.clear();
  }
  const std::vector<std::string> question = {subject, metric};
  Result<std::string> path =
      config::QuestionPath(question, in_namespace, "", "");
  return path ? *std::move(path) : "";
}

// Counts the metrics of one rule, and who serves them.
class Counter {
 public:
  Counter(const catalog::Catalog& catalog, RuleFinding& finding)
      : catalog_(catalog), finding_(finding) {}

  void Add(const catalog::RuleFindings::Series& series) {
    if (series.resources.empty()) {
      Add(kExternal, nullptr, series, catalog_.FindExternal(series.metric));
    }
    for (const model::Resource* resource : series.resources) {
      const model::GroupResource key = resource->group_resource();
      Add(key.ToString(), resource, series,
          catalog_.FindCustom(key, series.metric));
    }
  }

 private:
  template <typename Metric>
  void Add(const std::string& resource, const model::Resource* its,
           const catalog::RuleFindings::Series& series, const Metric* served) {
    ++finding_.metrics[resource];
    if (served == nullptr) return;
    const std::string winner = served->rule->path();
    if (winner == finding_.rule && served->series == series.name) {
      if (!shown_.insert(resource).second) return;
      finding_.paths.push_back(PathOf(its, series.metric));
      return;
    }
    RuleFinding::Taken& taken = finding_.taken[winner];
    if (++taken.metrics > 1) return;
    taken.example = (its == nullptr ? "" : resource + "/") + series.metric;
  }

  const catalog::Catalog& catalog_;
  RuleFinding& finding_;
  std::set<std::string> shown_;  // resources that have a path
};

std::string Listed(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostLabels);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = Join(std::vector<std::string>(names.begin(), end), ", ");
  const std::size_t more = names.size() - shown;
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

std::string Counted(std::size_t count, const std::string& example) {
  if (count == 1) return "one series (" + example + ")";
  return std::to_string(count) + " names of series (" + example + ", ...)";
}

}  // namespace

RuleFinding Summarize(const catalog::RuleFindings& found,
                      const catalog::Catalog& catalog) {
  RuleFinding finding;
  finding.rule = found.rule->path();
  finding.series_query = found.rule->series_query();
  finding.error = found.error;
  finding.advice = found.detail;
  if (!found.error.empty()) return finding;
  finding.series = found.series.size();
  Counter counter(catalog, finding);
  for (const auto& series : found.series) counter.Add(series);
  std::sort(finding.paths.begin(), finding.paths.end());
  return finding;
}

RuleProbe::RuleProbe(Options options,
                     std::shared_ptr<const rules::RuleSet> rules,
                     backend::Backends backends, Clock& clock)
    : options_(options),
      backends_(std::move(backends)),
      clock_(clock),
      catalog_({.max_age = options.max_age,
                .request_timeout = options.request_timeout},
               std::move(rules), backends_, clock, metrics_) {}

std::string RuleProbe::Progress() const {
  const std::vector<catalog::RuleState> states = catalog_.RuleStates();
  const auto asked =
      std::count_if(states.begin(), states.end(),
                    [](const catalog::RuleState& s) { return s.asked; });
  return std::to_string(asked) + " of " + std::to_string(states.size()) +
         " rules";
}

Task<std::vector<RuleFinding>> RuleProbe::Run() {
  co_await catalog_.RunOnce();
  std::vector<RuleFinding> findings;
  for (const catalog::RuleFindings& found : catalog_.Findings()) {
    RuleFinding finding = Summarize(found, *catalog_.Current());
    if (finding.error.empty() && finding.series == 0) {
      finding.hint = co_await Hint(*found.rule);
    }
    findings.push_back(std::move(finding));
  }
  co_return findings;
}

Task<std::string> RuleProbe::Hint(const rules::Rule& rule) {
  backend::Backend& backend = backends_.Of(rule.backend());
  const TimePoint now = clock_.Now();
  const backend::SeriesMatch match{rule.series_query(), now - options_.max_age,
                                   now};
  const auto names = co_await backend.LabelValues(
      "__name__", match, now + options_.request_timeout);
  if (!names)
    co_return "asked for more, the backend failed: " + names.error().message;
  if (names->empty()) {
    co_return "no series matches its seriesQuery, in the last " +
        FormatGoDuration(options_.max_age) +
        "; is its name right, and is there a scrape job that brings it?";
  }
  const auto taken =
      std::find_if(names->begin(), names->end(),
                   [&rule](const std::string& n) { return rule.Accepts(n); });
  if (taken == names->end()) {
    co_return "its seriesQuery finds " +
        Counted(names->size(), names->front()) +
        ", but seriesFilters and name.matches leave none of them";
  }
  auto labels = co_await backend.LabelNames(
      match, clock_.Now() + options_.request_timeout);
  const std::string what = "its seriesQuery finds " +
                           Counted(names->size(), *taken) +
                           ", but no label that `resources` makes an object of";
  if (!labels) co_return what;
  std::erase(*labels, "__name__");
  co_return what + "; the labels are " + Listed(*labels);
}

}  // namespace sextant::app
