#include <gtest/gtest.h>

#include <map>
#include <string>

#include "compat/fixtures.h"
#include "compat/vectors.h"
#include "sextant/base/time_text.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/rules/rule_set.h"

namespace sextant::compat {
namespace {

// The case that names a file of the peer's documentation: what is wrong with
// that file is its double quotes inside a text in double quotes.
constexpr const char* kSampleConfig = R"yaml(rules:
- seriesQuery: '{__name__=~"^container_.*"}'
  resources:
    overrides:
      pod: {resource: pod}
  metricsQuery: "sum(<<.Series>>{<<.LabelMatchers>>,container!="POD"})"
)yaml";

std::string ConfigOf(const Case& c) {
  const std::string text = Text(c.node, "yaml");
  return text.rfind("(file ", 0) == 0 ? kSampleConfig : text;
}

// The fields that the cases name, by the names that they give them.
std::map<std::string, std::string> Decoded(const config::Rule& rule) {
  std::map<std::string, std::string> fields = {
      {"seriesQuery", rule.series_query.value},
      {"name.as", rule.name_as.value},
      {"name.matches", rule.name_matches.value},
      {"metricsQuery", rule.metrics_query.value},
      {"resources.template", rule.resources.template_.value},
  };
  if (rule.resources.namespaced) {
    fields["resources.namespaced"] =
        *rule.resources.namespaced ? "true" : "false";
  }
  return fields;
}

void ExpectValues(const Case& c, const config::MetricsConfig& config) {
  const YAML::Node decoded = c.node["decoded"];
  if (decoded.IsDefined()) {
    ASSERT_FALSE(config.rules.empty());
    const std::map<std::string, std::string> fields =
        Decoded(config.rules.front());
    for (const auto& field : decoded) {
      SCOPED_TRACE(field.first.Scalar());
      ASSERT_EQ(fields.count(field.first.Scalar()), 1U);
      EXPECT_EQ(fields.at(field.first.Scalar()), field.second.Scalar());
    }
  }
  EXPECT_EQ(config.resource_rules.has_value(),
            Text(c.node, "resource_rules_enabled") == "true");
  if (Has(c.node, "window")) {
    ASSERT_TRUE(config.resource_rules);
    EXPECT_EQ(FormatGoDuration(config.resource_rules->window),
              Text(c.node, "window"));
  }
}

TEST(Compat, config_load) {
  Report report("config_load");
  const auto resources = RestMapper();
  for (const Case& c : Cases("config_load")) {
    SCOPED_TRACE(c.id + "\n" + Text(c.node, "yaml"));
    const bool accepted = Text(c.node, "ok") == "true";
    ASSERT_NE(accepted, Has(c.node, "load_error") || Has(c.node, "rule_error"));

    config::Problems problems;
    const config::MetricsConfig config =
        config::ParseMetricsConfig("config.yaml", ConfigOf(c), problems);
    if (Has(c.node, "load_error")) {
      EXPECT_TRUE(problems.HasErrors());
    } else {
      EXPECT_EQ(problems.ErrorText(), "");
      const auto rules = rules::CompileRules(config, resources, problems);
      EXPECT_EQ(problems.HasErrors(), !accepted) << problems.ErrorText();
      EXPECT_EQ(rules != nullptr, accepted);
      if (accepted) ExpectValues(c, config);
    }
    for (const config::Problem& problem : problems.all()) {
      EXPECT_NE(problem.message, "");
      EXPECT_NE(problem.at.line, 0) << problem.ToString();
    }
    if (!HasFailure()) report.Agrees(c);
  }
}

// In one of the cases the second rule takes from the first what it does not
// say.
TEST(CompatConfigLoad, MergeKeysFillTheSecondRule) {
  for (const Case& c : Cases("config_load")) {
    if (c.id != "config_load-ea71a7") continue;
    config::Problems problems;
    const config::MetricsConfig config =
        config::ParseMetricsConfig("config.yaml", ConfigOf(c), problems);
    ASSERT_EQ(config.rules.size(), 2U);
    EXPECT_EQ(config.rules[1].series_query.value, "a");
    EXPECT_EQ(config.rules[1].metrics_query.value, "b");
    return;
  }
  GTEST_SKIP() << "another vectors file";
}

}  // namespace
}  // namespace sextant::compat
