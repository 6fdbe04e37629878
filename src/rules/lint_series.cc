// seriesQuery, seriesFilters, name and resources: which series a rule has, and
// by what name and for what objects they can be asked for.

#include <algorithm>

#include "lint_subject.h"
#include "regex.h"
#include "sextant/base/text.h"
#include "sextant/promql/quote.h"
#include "sextant/promql/selector.h"

namespace sextant::rules {

namespace {

bool FullMatchOfNothing(const std::string& pattern) {
  const auto regex = CompileRegex("^(?:" + pattern + ")$");
  return regex && re2::RE2::PartialMatch("", **regex);
}

// Does a series without the label fulfil it?
bool AcceptsNothing(const promql::Matcher& matcher) {
  if (matcher.op == "=") return matcher.value.empty();
  if (matcher.op == "!=") return !matcher.value.empty();
  return FullMatchOfNothing(matcher.value) == (matcher.op == "=~");
}

bool IsAnything(const std::string& pattern) {
  return pattern == ".*" || pattern == ".+" || pattern == "^.*$" ||
         pattern == "^.+$" || pattern == "^.*" || pattern == "^.+";
}

// A dot that stands for any character but is followed by no quantifier: most
// likely one was meant.
bool HasBareDot(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == ']') {
      in_class = false;
    } else if (pattern[i] == '.' && !in_class) {
      const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
      if (std::string_view("*+?{").find(next) == std::string_view::npos) {
        return true;
      }
    }
  }
  return false;
}

bool EndsOpen(std::string_view pattern) {
  return !pattern.ends_with("$") && !pattern.ends_with(".*") &&
         !pattern.ends_with(".*)") && !pattern.ends_with(".+") &&
         !pattern.ends_with(".+)");
}

void LintDot(config::Position at, const std::string& field,
             const std::string& pattern, const FieldReporter& report) {
  if (!HasBareDot(pattern)) return;
  report.Warning(at, field, "unescaped-dot",
                 "a dot of a regular expression stands for any character, and "
                 "names of classic metrics have none",
                 "write \\. for a dot, or .* for any text");
}

void LintSelector(const LintSubject& subject, const FieldReporter& report) {
  const config::Rule& rule = *subject.config;
  const config::Position at = rule.series_query.at;
  const auto& matchers = subject.series->matchers;
  if (!subject.series->name &&
      std::all_of(matchers.begin(), matchers.end(), AcceptsNothing)) {
    report.Warning(at, "seriesQuery", "refused-selector",
                   "backends refuse a selector that a series without any label "
                   "would fulfil",
                   "name the series: {__name__=~\"^http_.*\"}");
    return;
  }
  const bool picks = std::any_of(
      matchers.begin(), matchers.end(), [](const promql::Matcher& matcher) {
        const bool any_value =
            (matcher.op == "!=" && matcher.value.empty()) ||
            (matcher.op == "=~" && IsAnything(matcher.value));
        return !any_value;
      });
  const bool named = subject.series->name || !rule.series_filters.empty() ||
                     !rule.name_matches.value.empty();
  if (picks || named) return;
  report.Warning(at, "seriesQuery", "broad-series-query",
                 "takes in every metric that the backend has",
                 "name the series: {__name__=~\"^http_.*\",...}");
}

// The filter, or name.matches, that the exact name does not get through.
void LintExclusion(const LintSubject& subject, const FieldReporter& report) {
  if (!subject.exact_name || subject.rule->Accepts(*subject.exact_name)) return;
  const config::Rule& rule = *subject.config;
  const auto finds = [&](const std::string& pattern) {
    const auto regex = CompileRegex(pattern);
    return regex && re2::RE2::PartialMatch(*subject.exact_name, **regex);
  };
  const auto tell = [&](config::Position at, const std::string& field) {
    report.Warning(at, field, "excludes-own-series",
                   "keeps out " + *subject.exact_name +
                       ", the only series that seriesQuery asks for, so the "
                       "rule yields no metrics",
                   "make the two agree, or leave this out");
  };
  for (std::size_t i = 0; i < rule.series_filters.size(); ++i) {
    const config::SeriesFilter& filter = rule.series_filters[i];
    const bool is = !filter.is.empty();
    if (finds(is ? filter.is : filter.is_not) != is) {
      tell(filter.at, "seriesFilters[" + std::to_string(i) + "]");
    }
  }
  if (!rule.name_matches.value.empty() && !finds(rule.name_matches.value)) {
    tell(rule.name_matches.at, "name.matches");
  }
}

// Why a request cannot carry the name; empty if it can.
std::string WhyNot(const std::string& name) {
  if (name.empty()) return "is empty";
  if (name == "." || name == "..") return "is a step in a path";
  for (const char c : name) {
    if (c == '/' || c == '%') return std::string("has a ") + c + " in it";
    if (static_cast<unsigned char>(c) <= ' ') return "has a blank in it";
  }
  if (name == "*") return "stands for all names";
  return "";
}

}  // namespace

void LintSeries(const LintSubject& subject, const FieldReporter& report) {
  const config::Rule& rule = *subject.config;
  const std::string& query = rule.series_query.value;
  if (query.empty()) return;
  if (!subject.series) {
    const bool dash = query.find('-') < query.find('{');
    report.Warning(rule.series_query.at, "seriesQuery", "not-a-selector",
                   "is not a plain selector, which backends ask for here",
                   dash ? "a name with a dash is written "
                          "{__name__=\"my-metric\"}"
                        : "write name{label=\"value\"}");
    return;
  }
  LintSelector(subject, report);
  LintExclusion(subject, report);
  for (const promql::Matcher& matcher : subject.series->matchers) {
    if (matcher.label == "__name__" && matcher.op == "=~") {
      LintDot(rule.series_query.at, "seriesQuery", matcher.value, report);
    }
  }
}

void LintNames(const LintSubject& subject, const FieldReporter& report) {
  const config::Rule& rule = *subject.config;
  for (std::size_t i = 0; i < rule.series_filters.size(); ++i) {
    const config::SeriesFilter& filter = rule.series_filters[i];
    const bool is = !filter.is.empty();
    const std::string& pattern = is ? filter.is : filter.is_not;
    const std::string field =
        "seriesFilters[" + std::to_string(i) + "]." + (is ? "is" : "isNot");
    LintDot(filter.at, field, pattern, report);
    // Of what is left out, "anywhere in the name" is often meant.
    if (is && pattern.starts_with(".*") && EndsOpen(pattern)) {
      report.Warning(filter.at, field, "unanchored",
                     GoQuote(pattern) +
                         " also matches names that go on after "
                         "it",
                     "write $ at its end, or leave out the .* at its beginning "
                     "if anywhere in the name is meant");
    }
  }

  const std::string& matches = rule.name_matches.value;
  const config::Position at = rule.name_matches.at;
  LintDot(at, "name.matches", matches, report);
  if (!matches.empty() && !subject.exact_name && EndsOpen(matches)) {
    report.Warning(at, "name.matches", "unanchored",
                   GoQuote(matches) +
                       " also matches names that go on after it, and what "
                       "comes after it is missing from the metric's name",
                   "write $ at its end");
  } else if (!matches.empty() && !subject.exact_name &&
             !matches.starts_with("^") && !matches.starts_with("(.*") &&
             !matches.starts_with(".*")) {
    report.Warning(at, "name.matches", "unanchored",
                   GoQuote(matches) +
                       " also matches names that begin otherwise, and that "
                       "beginning is missing from the metric's name",
                   "write ^ at its beginning");
  }
  if (!subject.sample) return;
  const std::string name = subject.rule->MetricName(*subject.sample);
  const std::string why = WhyNot(name);
  if (why.empty()) return;
  const bool from_as = rule.name_as.at.line > 0;
  report.Warning(from_as ? rule.name_as.at : rule.at,
                 from_as ? "name.as" : "name", "name-cannot-be-asked-for",
                 "the metric's name, " + GoQuote(name) + " for the series " +
                     *subject.sample + ", " + why +
                     ", so no request can carry it",
                 "use letters, digits and _ . : | -");
}

void LintResources(const LintSubject& subject,
                   const model::ResourceTable& table,
                   const FieldReporter& report) {
  const config::ResourceMapping& mapping = subject.config->resources;
  for (const config::Override& given : mapping.overrides) {
    if (promql::IsLegalLabelName(given.label)) continue;
    std::string classic = given.label;
    for (char& c : classic) {
      const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_';
      if (!kept) c = '_';
    }
    report.Warning(given.at, "resources.overrides." + given.label,
                   "label-not-classic",
                   "series have a label of this name only where UTF-8 names "
                   "are scraped (Prometheus 3)",
                   "most likely it is \"" + classic + "\" there");
  }
  if (subject.external) return;

  const std::vector<const model::Resource*> named = ResourcesOf(subject, table);
  const config::Position at =
      mapping.at.line > 0 ? mapping.at : subject.config->at;
  if (subject.rule->has_label_template()) {
    const bool any = std::any_of(
        table.resources().begin(), table.resources().end(),
        [&](const model::Resource& resource) {
          const auto label = subject.rule->LabelForResource(resource);
          return label && subject.rule->ResourceForLabel(*label) != nullptr;
        });
    if (!any) {
      report.Warning(mapping.template_.at, "resources.template",
                     "template-names-nothing",
                     "no label that it yields names a resource that there is",
                     "write for example template: <<.Resource>>");
      return;
    }
    const auto label = subject.rule->LabelForResource(
        {"", "v1", "namespaces", "namespace", "Namespace", false});
    const model::Resource* back =
        label ? subject.rule->ResourceForLabel(*label) : nullptr;
    if (label && (back == nullptr || !IsNamespace(*back))) {
      report.Warning(mapping.template_.at, "resources.template", "no-namespace",
                     "queries will name the namespace by the label " +
                         GoQuote(*label) + ", which is not read as one",
                     "add overrides: {namespace: {resource: namespace}}");
    }
    return;
  }
  if (!named.empty() &&
      std::all_of(named.begin(), named.end(), [](const model::Resource* one) {
        return IsNamespace(*one);
      })) {
    report.Note(at, "resources", "only-namespaces",
                "the metrics belong to namespaces, so an autoscaler can ask "
                "for them only by an Object metric of kind Namespace",
                "to have one value per pod map its label: pod: {resource: "
                "pod}");
  }
}

}  // namespace sextant::rules
