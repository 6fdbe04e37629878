#include "sextant/rules/rule_set.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::rules {
namespace {

std::shared_ptr<const model::ResourceTable> BuiltIn() {
  return std::make_shared<const model::ResourceTable>(
      model::ResourceTable::BuiltIn());
}

std::string TextOf(const config::Problems& problems) {
  std::string text;
  for (const config::Problem& p : problems.all()) {
    const bool error = p.severity == config::Problem::Severity::kError;
    text += (error ? "error " : "warning ") + p.file + ":" +
            std::to_string(p.at.line) + ":" + std::to_string(p.at.column) +
            " " + p.field + ": " + p.message + "\n";
  }
  return text;
}

config::Rule MakeRule(const std::string& path, int line) {
  config::Rule rule;
  rule.path = path;
  rule.at = {line, 3};
  rule.series_query = {"up", {line, 18}};
  rule.metrics_query = {"<<.Series>>", {line + 1, 19}};
  rule.resources.template_ = {"<<.Resource>>", {line + 2, 26}};
  return rule;
}

TEST(CompileRules, KeepsTheOrderOfTheFile) {
  config::MetricsConfig config;
  config.file = "config.yaml";
  config.rules = {MakeRule("rules[0]", 2), MakeRule("rules[1]", 7)};
  config.external_rules = {MakeRule("externalRules[0]", 12)};
  config.resource_rules = config::ResourceRules();
  config::Problems problems;
  const auto set = CompileRules(config, BuiltIn(), problems);
  EXPECT_EQ(TextOf(problems), "");
  ASSERT_NE(set, nullptr);
  ASSERT_EQ(set->custom.size(), 2U);
  EXPECT_EQ(set->custom[0]->path(), "rules[0]");
  EXPECT_EQ(set->custom[1]->path(), "rules[1]");
  ASSERT_EQ(set->external.size(), 1U);
  EXPECT_TRUE(set->external[0]->external());
  EXPECT_NE(set->resources, nullptr);
}

TEST(CompileRules, ReportsEverythingOfAllRulesAtOnce) {
  config::MetricsConfig config;
  config.file = "config.yaml";
  config.rules = {MakeRule("rules[0]", 2), MakeRule("rules[1]", 7)};
  config.rules[0].metrics_query.value = "<<.Series";
  config.rules[0].name_matches = {"(", {3, 5}};
  config.rules[1].resources.overrides = {{"x", "", "foo", {9, 9}}};
  config.external_rules = {MakeRule("externalRules[0]", 12)};
  config.external_rules[0].series_filters = {{"", "", {13, 5}}};
  config::ResourceRules resource_rules;
  resource_rules.cpu.path = "resourceRules.cpu";
  resource_rules.cpu.container_query = {"<<nope>>", {20, 5}};
  resource_rules.memory.path = "resourceRules.memory";
  resource_rules.memory.node_query = {"<<end>>", {30, 5}};
  resource_rules.memory.resources.template_ = {"x", {31, 5}};
  config.resource_rules = resource_rules;
  config::Problems problems;
  EXPECT_EQ(CompileRules(config, BuiltIn(), problems), nullptr);
  EXPECT_EQ(
      TextOf(problems),
      "error config.yaml:3:5 rules[0].name.matches: the regular expression "
      "\"(\" is not valid: missing ): (\n"
      "error config.yaml:3:19 rules[0].metricsQuery: line 1, column 1: "
      "unclosed action\n"
      "error config.yaml:9:9 rules[1].resources.overrides.x.resource: there is "
      "no resource \"foo\"\n"
      "error config.yaml:13:5 externalRules[0].seriesFilters[0]: has neither "
      "`is` nor `isNot`\n"
      "error config.yaml:20:5 resourceRules.cpu.containerQuery: line 1, column "
      "3: function \"nope\" not defined, did you mean \"ne\"?\n"
      "error config.yaml:31:5 resourceRules.memory.resources.template: it must "
      "include at least <<.Resource>>\n"
      "error config.yaml:30:5 resourceRules.memory.nodeQuery: line 1, column "
      "1: unexpected <<end>>\n");
}

TEST(CompileRules, WarnsOfWhatIsDoubtful) {
  config::MetricsConfig config;
  config.file = "f";
  config::Rule unmapped;  // everything is left out
  unmapped.path = "rules[0]";
  unmapped.at = {2, 3};
  config::Rule without_namespace = MakeRule("rules[1]", 3);
  without_namespace.resources.template_.value.clear();
  without_namespace.resources.overrides = {{"pod", "", "pod", {4, 5}}};
  config::Rule only_nodes = MakeRule("rules[2]", 5);
  only_nodes.resources.template_.value.clear();
  only_nodes.resources.overrides = {{"node", "", "node", {6, 5}}};
  config::Rule not_namespaced = MakeRule("rules[3]", 7);
  not_namespaced.resources.namespaced = false;
  not_namespaced.resources.at = {8, 5};
  config::Rule odd_query = MakeRule("rules[4]", 9);
  odd_query.metrics_query.value =
      "a{<<.LabelMatcher>>}\n[<<.X>>] {{ .Series }}";
  config.rules = {unmapped, without_namespace, only_nodes, not_namespaced,
                  odd_query};
  config::Rule external = MakeRule("externalRules[0]", 12);
  external.resources.template_.value.clear();
  config.external_rules = {external};
  config::Problems problems;
  EXPECT_NE(CompileRules(config, BuiltIn(), problems), nullptr);
  EXPECT_EQ(
      TextOf(problems),
      "warning f:2:3 rules[0].seriesQuery: is missing, and a backend refuses "
      "to list everything\n"
      "warning f:2:3 rules[0].metricsQuery: is missing, so every request for "
      "these metrics fails\n"
      "warning f:2:3 rules[0].resources: no label names a resource, so the "
      "rule yields no metrics\n"
      "warning f:3:3 rules[1].resources: no label names the namespace, so "
      "every request for an object in a namespace fails\n"
      "warning f:8:5 rules[3].resources.namespaced: has no effect in `rules`, "
      "only in `externalRules`\n"
      "warning f:10:19 rules[4].metricsQuery: line 1, column 5: there is no "
      "field .LabelMatcher, so every request for these metrics fails\n"
      "warning f:10:19 rules[4].metricsQuery: line 2, column 4: there is no "
      "field .X, so every request for these metrics fails\n"
      "warning f:10:19 rules[4].metricsQuery: {{ .Series is no template here "
      "and goes to the backend as it is\n"
      "warning f:12:3 externalRules[0].resources: no label names the "
      "namespace; the label \"namespace\" is taken\n");
}

}  // namespace
}  // namespace sextant::rules
