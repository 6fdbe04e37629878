#include "lint_subject.h"

#include <algorithm>
#include <utility>

#include "query_template.h"
#include "regex.h"
#include "sextant/promql/quote.h"
#include "sextant/promql/selector.h"

namespace sextant::rules {

namespace {

// A text that the pattern is meant for: ^http_(.*)_total$ gives http_x_total.
// Nothing for patterns with more than literals, groups, alternatives and .*.
std::optional<std::string> ExampleOf(std::string_view pattern) {
  std::string out;
  bool skipping = false;  // alternatives after the first
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '(') {
      ++depth;
      if (i + 1 < pattern.size() && pattern[i + 1] == '?') return std::nullopt;
    } else if (c == ')') {
      --depth;
      skipping = false;
    } else if (c == '|') {
      if (depth == 0) break;
      skipping = true;
    } else if (skipping || c == '^' || c == '$') {
      continue;
    } else if (c == '.') {
      out += 'x';
      if (i + 1 < pattern.size() &&
          (pattern[i + 1] == '*' || pattern[i + 1] == '+')) {
        ++i;
      }
    } else if (c == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else if (std::string_view("[]{}*+?\\").find(c) !=
               std::string_view::npos) {
      return std::nullopt;
    } else {
      out += c;
    }
  }
  if (out.empty()) return std::nullopt;
  return out;
}

bool MatchesWhole(const std::string& pattern, const std::string& text) {
  const auto regex = CompileRegex("^(?:" + pattern + ")$");
  return regex && re2::RE2::PartialMatch(text, **regex);
}

}  // namespace

bool LintSubject::MayBeNamed(const std::string& name) const {
  if (exact_name) return *exact_name == name;
  if (!series) return true;
  for (const promql::Matcher& matcher : series->matchers) {
    if (matcher.label != "__name__") continue;
    if (matcher.op == "=~" && !MatchesWhole(matcher.value, name)) return false;
    if (matcher.op == "!~" && MatchesWhole(matcher.value, name)) return false;
    if (matcher.op == "!=" && matcher.value == name) return false;
  }
  return true;
}

LintSubject LookAt(const config::Rule& config, bool external,
                   std::shared_ptr<const Rule> rule) {
  LintSubject subject{&config, std::move(rule), external, {}, {}, {}};
  const auto facts = promql::Examine(config.series_query.value);
  const bool plain = facts && facts->selectors.size() == 1 &&
                     promql::SeriesSelector::Parse(config.series_query.value);
  if (plain) {
    subject.series = facts->selectors.front();
    subject.exact_name = subject.series->name;
    for (const promql::Matcher& matcher : subject.series->matchers) {
      if (matcher.label != "__name__" || matcher.op != "=~") continue;
      // ^name$ is the name.
      std::string text = matcher.value;
      if (text.starts_with("^")) text.erase(0, 1);
      if (text.ends_with("$")) text.pop_back();
      if (promql::IsLegalMetricName(text)) subject.exact_name = text;
    }
  }
  std::vector<std::string> patterns = {config.name_matches.value};
  if (subject.series) {
    for (const promql::Matcher& matcher : subject.series->matchers) {
      if (matcher.label == "__name__" && matcher.op == "=~") {
        patterns.push_back(matcher.value);
      }
    }
  }
  for (const config::SeriesFilter& filter : config.series_filters) {
    patterns.push_back(filter.is);
  }
  std::vector<std::optional<std::string>> candidates = {subject.exact_name};
  for (const std::string& pattern : patterns) {
    candidates.push_back(ExampleOf(pattern));
  }
  for (const auto& candidate : candidates) {
    if (!candidate || !subject.rule->Accepts(*candidate)) continue;
    if (!subject.MayBeNamed(*candidate)) continue;
    subject.sample = candidate;
    break;
  }
  return subject;
}

bool IsNamespace(const model::Resource& resource) {
  return resource.group_resource() == NamespaceResource().group_resource();
}

std::vector<const model::Resource*> ResourcesOf(
    const LintSubject& subject, const model::ResourceTable& table) {
  std::vector<const model::Resource*> named;
  const auto add = [&named](const model::Resource* resource) {
    if (resource == nullptr) return;
    if (std::find(named.begin(), named.end(), resource) != named.end()) return;
    named.push_back(resource);
  };
  for (const std::string& label : subject.rule->override_labels()) {
    add(subject.rule->ResourceForLabel(label));
  }
  if (!subject.rule->has_label_template()) return named;
  for (const model::Resource& resource : table.resources()) {
    if (resource.group_resource().ToString() != "pods") continue;
    const auto label = subject.rule->LabelForResource(resource);
    if (label) add(subject.rule->ResourceForLabel(*label));
  }
  return named;
}

}  // namespace sextant::rules
