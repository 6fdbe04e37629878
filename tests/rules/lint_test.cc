#include "sextant/rules/lint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/rules/rule_set.h"
#include "support/source_dir.h"

namespace sextant::rules {
namespace {

std::shared_ptr<const model::ResourceTable> BuiltIn() {
  return std::make_shared<const model::ResourceTable>(
      model::ResourceTable::BuiltIn());
}

std::string ReadSource(const std::string& path) {
  const std::ifstream file(std::string(kSourceDir) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "12 no-group-by, 14 note short-window", by line.
std::string FindingsOf(const std::string& yaml) {
  config::Problems problems;
  const auto config = config::ParseMetricsConfig("f", yaml, problems);
  CompileRules(config, BuiltIn(), problems);
  Lint(config, BuiltIn(), problems);
  EXPECT_EQ(problems.ErrorText(), "");
  std::vector<std::string> found;
  for (const config::Problem& problem : problems.Sorted()) {
    const bool note = problem.severity == config::Problem::Severity::kNote;
    found.push_back(std::to_string(problem.at.line) + (note ? " note " : " ") +
                    problem.id);
  }
  return Join(found, ", ");
}

// A rule for pods: series, name and query.
std::string PodRule(const std::string& series, const std::string& name,
                    const std::string& query) {
  return "rules:\n- seriesQuery: '" + series +
         "'\n  resources: {overrides: {namespace: {resource: namespace}, pod: "
         "{resource: pod}}}\n  name: " +
         name + "\n  metricsQuery: '" + query + "'\n";
}

constexpr char kGood[] =
    "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)";

TEST(Lint, ReadsWhatAQueryCannotDo) {
  const struct {
    const char* series;
    const char* query;
    const char* want;
  } cases[] = {
      {"up", kGood, ""},
      {"up", "<<.Series>>{<<.LabelMatchers>>}", ""},
      {"a_total",
       "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)", ""},
      {"up", "sum(<<.Series>>{<<.LabelMatchers>>})", "5 no-group-by"},
      {"up", "avg(DCGM{})", "5 no-label-matchers, 5 no-group-by"},
      {"up", "sum by(namespace, pod) (<<.Series>>)", "5 no-label-matchers"},
      {"up", "max(<<.Series>>{<<.LabelMatchers>>}) by (node)", "5 no-group-by"},
      {"a_total", kGood, "5 counter-without-rate"},
      {"a_total", "count(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
       ""},
      {"up", "sum(<<.Series>>{<<.LabelMatchers>>}[1m]) by (<<.GroupBy>>)",
       "5 unused-range"},
      {"a_total",
       "sum(rate(<<.Series>>{<<.LabelMatchers>>})) by (<<.GroupBy>>)",
       "5 needs-range"},
      {"a_total",
       "sum(rate(<<.Series>>{<<.LabelMatchers>>}[30s])) by (<<.GroupBy>>)",
       "5 note short-window"},
      {"queue_length",
       "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
       "5 note rate-of-gauge"},
      {"t_bucket",
       "histogram_quantile(0.9, sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) "
       "by (<<.GroupBy>>))",
       "5 quantile-without-le"},
      {"t_bucket",
       "histogram_quantile(0.9, sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) "
       "by (le, <<.GroupBy>>))",
       ""},
      {"t_bucket",
       "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
       "5 buckets-added-up"},
      {"t_bucket",
       "sum(rate(<<.Series>>{le=\"1\",<<.LabelMatchers>>}[2m])) by "
       "(<<.GroupBy>>) / sum(rate(t_bucket{le=\"1\",<<.LabelMatchers>>}[5m])) "
       "by (<<.GroupBy>>)",
       "5 note whole-number-label"},
      {"t_bucket",
       "sum(rate(<<.Series>>{le=~\"1|1[.]0\",<<.LabelMatchers>>}[2m])) by "
       "(<<.GroupBy>>)",
       ""},
      {"t_bucket",
       "sum(rate(<<.Series>>{le=\"0.5\",<<.LabelMatchers>>}[2m])) by "
       "(<<.GroupBy>>)",
       ""},
      {"t",
       "max(<<.Series>>{quantile!=\"1\",<<.LabelMatchers>>}) by (<<.GroupBy>>)",
       "5 note whole-number-label"},
      {"up", "a-worker-scale{<<.LabelMatchers>>}", "5 dash-in-name"},
      {"up",
       "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>) or vector(0)",
       "5 note or-without-labels"},
      {"up", "custom::<<.LabelMatchers>>::x", "5 note not-promql"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(FindingsOf(PodRule(c.series, "{}", c.query)), c.want);
  }
}

TEST(Lint, ReadsSeriesAndNames) {
  const struct {
    const char* series;
    const char* name;
    const char* want;
  } cases[] = {
      {"{__name__=~\"^http_.*\"}", "{matches: ^http_(.*)$}", ""},
      {"{__name__=~\"^http_.*\"}", "{matches: ^http_(.*)_seconds}",
       "4 unanchored"},
      {"{__name__=~\"^http_.*\"}", "{matches: _seconds$}", "4 unanchored"},
      {"{__name__=~\"^http_seconds$\"}", "{matches: http_seconds}", ""},
      {"{__name__=~\"^a.b.*\"}", "{}", "2 unescaped-dot"},
      {"up", "{matches: ^down$}", "4 excludes-own-series"},
      {"up", "{as: a/b}", "4 name-cannot-be-asked-for"},
      {"up", "{as: a b}", "4 name-cannot-be-asked-for"},
      {"up", "{as: a%b}", "4 name-cannot-be-asked-for"},
      {"up", "{as: googleapis.com|up|GAUGE}", ""},
      {"up", "{as: $1_x}", "4 unknown-group, 4 name-cannot-be-asked-for"},
      {"{__name__=~\".*\"}", "{}", "2 refused-selector"},
      {"{namespace!=\"\"}", "{}", "2 broad-series-query"},
      {"my-scale", "{}", "2 not-a-selector"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.series) + " " + c.name);
    EXPECT_EQ(FindingsOf(PodRule(c.series, c.name, kGood)), c.want);
  }
}

TEST(Lint, ReadsResourcesAndOverlaps) {
  const std::string query = std::string("  metricsQuery: ") + kGood + "\n";
  const struct {
    std::string yaml;
    const char* want;
  } cases[] = {
      {"rules:\n- seriesQuery: up\n" + query, "2 no-resources"},
      {"rules:\n- seriesQuery: up\n"
       "  resources: {overrides: {ns: {resource: namespace}}}\n" +
           query,
       "3 note only-namespaces"},
      {"rules:\n- seriesQuery: up\n  resources:\n    overrides:\n"
       "      namespace: {resource: namespace}\n"
       "      app.kubernetes.io/name: {resource: service}\n" +
           query,
       "6 label-not-classic"},
      {"rules:\n- seriesQuery: up\n"
       "  resources: {template: <<.Group>>_<<.Resource>>}\n" +
           query,
       "3 no-namespace"},
      {"rules:\n- seriesQuery: up\n  resources: {template: <<.Resource>>}\n" +
           query +
           "- seriesQuery: down\n  resources: {template: <<.Resource>>}\n"
           "  name: {as: up}\n" +
           query,
       "2 overlap"},
      {"externalRules:\n- seriesQuery: up\n"
       "  resources: {namespaced: false}\n"
       "  metricsQuery: sum(<<.Series>>)\n",
       "4 note no-label-matchers"},
      {"externalRules:\n- seriesQuery: up\n"
       "  resources: {overrides: {ns: {resource: namespace}}}\n"
       "  metricsQuery: sum(<<.Series>>)\n",
       "4 no-label-matchers"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.yaml);
    EXPECT_EQ(FindingsOf(c.yaml), c.want);
  }
}

TEST(Lint, LeavesOurOwnExamplesAlone) {
  const struct {
    const char* example;
    const char* want;
  } cases[] = {
      {"istio-rollout-gpu", ""},
      {"medical-kg-gpu", ""},
      {"request-duration", ""},
      // Its last rule is for namespaces, as its README says.
      {"suse-ai-ollama", "65 note only-namespaces"},
      {"vllm-gpu", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.example);
    EXPECT_EQ(FindingsOf(ReadSource(std::string("docs/examples/") + c.example +
                                    "/rules.yaml")),
              c.want);
  }
}

// The names in the first column of the tables: | `no-group-by` | ... |
std::set<std::string> DocumentedIds() {
  std::set<std::string> ids;
  for (const std::string& line : Split(ReadSource("docs/LINT.md"), '\n')) {
    if (!line.starts_with("| `")) continue;
    ids.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return ids;
}

TEST(LintDocs, ExplainEveryFindingOfTheSources) {
  const std::set<std::string> ids = DocumentedIds();
  EXPECT_GT(ids.size(), 30U);
  std::string sources;
  for (const char* file :
       {"rules/lint.cc", "rules/lint_query.cc", "rules/lint_series.cc",
        "rules/rule.cc", "rules/label_mapping.cc", "rules/query_template.cc",
        "rules/series_naming.cc", "config/yaml_reader.cc",
        "app/findings_report.cc"}) {
    sources += ReadSource(std::string("src/") + file);
  }
  for (const std::string& id : ids) {
    EXPECT_NE(sources.find("\"" + id + "\""), std::string::npos) << id;
  }
  // What a finding is called stands behind its field, or first in Warn().
  config::Problems problems;
  const auto config = config::ParseMetricsConfig(
      "f", PodRule("a_total", "{as: a/b}", "sum(<<.Series>>)"), problems);
  Lint(config, BuiltIn(), problems);
  EXPECT_EQ(problems.all().size(), 4U);
  for (const config::Problem& problem : problems.all()) {
    EXPECT_EQ(ids.count(problem.id), 1U) << problem.id;
  }
}

}  // namespace
}  // namespace sextant::rules
