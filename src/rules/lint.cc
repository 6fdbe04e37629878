#include "sextant/rules/lint.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lint_subject.h"

namespace sextant::rules {

namespace {

// Every rule is compared with every other; who has more rules than this makes
// them by a program.
constexpr std::size_t kMostCompared = 300;

// The one name that all metrics of the rule have, if it is known: as of a
// single series, or of an `as` without groups.
std::optional<std::string> OnlyName(const LintSubject& subject) {
  if (!subject.sample) return std::nullopt;
  const std::string& as = subject.config->name_as.value;
  const bool constant = !as.empty() && as.find('$') == std::string::npos;
  if (!subject.exact_name && !constant) return std::nullopt;
  return subject.rule->MetricName(*subject.sample);
}

// A name that both give a metric; nothing if they surely share none, or it is
// not known.
std::optional<std::string> SharedName(const LintSubject& a,
                                      const LintSubject& b) {
  auto name_of_a = OnlyName(a);
  const auto name_of_b = OnlyName(b);
  if (name_of_a && name_of_a == name_of_b) return name_of_a;
  for (const LintSubject* one : {&a, &b}) {
    if (!one->sample) continue;
    const LintSubject& other = one == &a ? b : a;
    const std::string& series = *one->sample;
    if (!other.MayBeNamed(series) || !other.rule->Accepts(series)) continue;
    const std::string name = a.rule->MetricName(series);
    if (name == b.rule->MetricName(series)) return name;
  }
  return std::nullopt;
}

void LintOverlaps(const std::vector<LintSubject>& subjects,
                  const model::ResourceTable& table, const std::string& file,
                  config::Problems& problems) {
  if (subjects.size() > kMostCompared) return;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    for (std::size_t j = i + 1; j < subjects.size(); ++j) {
      const LintSubject& early = subjects[i];
      const LintSubject& late = subjects[j];
      const auto name = SharedName(early, late);
      if (!name) continue;
      std::string what = *name;
      if (!early.external) {
        const auto mine = ResourcesOf(early, table);
        const auto theirs = ResourcesOf(late, table);
        const auto shared = std::find_if(
            mine.begin(), mine.end(), [&](const model::Resource* one) {
              return !IsNamespace(*one) &&
                     std::find(theirs.begin(), theirs.end(), one) !=
                         theirs.end();
            });
        if (shared == mine.end()) continue;
        what = (*shared)->group_resource().ToString() + "/" + what;
      }
      const FieldReporter report(file, early.config->path, problems);
      report.Warning(early.config->at, "", "overlap",
                     what + " is also made by " + late.config->path +
                         " (line " + std::to_string(late.config->at.line) +
                         "), which comes later and is served instead",
                     "give one of the two another name.as");
    }
  }
}

void LintSection(const std::vector<config::Rule>& rules, bool external,
                 const std::string& file,
                 const std::shared_ptr<const model::ResourceTable>& resources,
                 config::Problems& problems) {
  std::vector<LintSubject> subjects;
  for (const config::Rule& rule : rules) {
    config::Problems said_before(problems.missing());
    auto compiled = Rule::Compile(rule, external, file, resources, said_before);
    if (!compiled) continue;
    subjects.push_back(LookAt(rule, external, std::move(compiled)));
    const FieldReporter report(file, rule.path, problems);
    LintSeries(subjects.back(), report);
    LintNames(subjects.back(), report);
    LintResources(subjects.back(), *resources, report);
    LintQuery(subjects.back(), *resources, report);
  }
  LintOverlaps(subjects, *resources, file, problems);
}

}  // namespace

void Lint(const config::MetricsConfig& config,
          const std::shared_ptr<const model::ResourceTable>& resources,
          config::Problems& problems) {
  LintSection(config.rules, false, config.file, resources, problems);
  LintSection(config.external_rules, true, config.file, resources, problems);
}

}  // namespace sextant::rules
