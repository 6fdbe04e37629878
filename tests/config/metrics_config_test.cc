#include "sextant/config/metrics_config.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::config {
namespace {

TEST(MetricsConfig, ReadsEveryKey) {
  Problems problems;
  const MetricsConfig config = ParseMetricsConfig("config.yaml", R"(
rules:
- seriesQuery: '{__name__=~"^http_.*"}'
  seriesFilters:
  - is: ^http_
  - isNot: _bucket$
  resources:
    template: kube_<<.Group>>_<<.Resource>>
    overrides:
      pod_name: {resource: pod}
      app: {group: apps, resource: deployment}
    namespaced: no
  name:
    matches: ^(.*)_total$
    as: ${1}_per_second
  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)
  nan: none
externalRules:
- seriesQuery: queue
  nan: zero
resourceRules:
  cpu:
    containerQuery: c
    nodeQuery: n
    resources: {overrides: {instance: {resource: node}}}
    containerLabel: container
  memory: {nodeQuery: m}
  window: 1h30m
)",
                                                  problems);
  EXPECT_EQ(problems.ErrorText(), "");
  EXPECT_TRUE(problems.all().empty());
  EXPECT_EQ(config.file, "config.yaml");

  ASSERT_EQ(config.rules.size(), 1U);
  const Rule& rule = config.rules[0];
  EXPECT_EQ(rule.path, "rules[0]");
  EXPECT_EQ(rule.at, (Position{3, 3}));
  EXPECT_EQ(rule.series_query.value, "{__name__=~\"^http_.*\"}");
  EXPECT_EQ(rule.series_query.at, (Position{3, 16}));
  ASSERT_EQ(rule.series_filters.size(), 2U);
  EXPECT_EQ(rule.series_filters[0].is, "^http_");
  EXPECT_EQ(rule.series_filters[0].is_not, "");
  EXPECT_EQ(rule.series_filters[1].is_not, "_bucket$");
  EXPECT_EQ(rule.series_filters[1].at, (Position{6, 5}));
  EXPECT_EQ(rule.resources.template_.value, "kube_<<.Group>>_<<.Resource>>");
  EXPECT_EQ(rule.resources.template_.at, (Position{8, 15}));
  EXPECT_EQ(rule.resources.at, (Position{8, 5}));
  ASSERT_EQ(rule.resources.overrides.size(), 2U);
  EXPECT_EQ(rule.resources.overrides[0].label, "pod_name");
  EXPECT_EQ(rule.resources.overrides[0].group, "");
  EXPECT_EQ(rule.resources.overrides[0].resource, "pod");
  EXPECT_EQ(rule.resources.overrides[1].label, "app");
  EXPECT_EQ(rule.resources.overrides[1].group, "apps");
  EXPECT_EQ(rule.resources.overrides[1].resource, "deployment");
  EXPECT_EQ(rule.resources.overrides[1].at, (Position{11, 7}));
  EXPECT_EQ(rule.resources.namespaced, false);
  EXPECT_EQ(rule.name_matches.value, "^(.*)_total$");
  EXPECT_EQ(rule.name_as.value, "${1}_per_second");
  EXPECT_EQ(rule.metrics_query.value,
            "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)");
  EXPECT_EQ(rule.nan, NanPolicy::kNone);

  ASSERT_EQ(config.external_rules.size(), 1U);
  EXPECT_EQ(config.external_rules[0].path, "externalRules[0]");
  EXPECT_EQ(config.external_rules[0].series_query.value, "queue");
  EXPECT_EQ(config.external_rules[0].nan, NanPolicy::kZero);
  EXPECT_EQ(config.external_rules[0].resources.namespaced, std::nullopt);

  ASSERT_TRUE(config.resource_rules);
  EXPECT_EQ(config.resource_rules->cpu.path, "resourceRules.cpu");
  EXPECT_EQ(config.resource_rules->cpu.container_query.value, "c");
  EXPECT_EQ(config.resource_rules->cpu.node_query.value, "n");
  EXPECT_EQ(config.resource_rules->cpu.container_label, "container");
  EXPECT_EQ(config.resource_rules->cpu.resources.overrides.at(0).label,
            "instance");
  EXPECT_EQ(config.resource_rules->memory.path, "resourceRules.memory");
  EXPECT_EQ(config.resource_rules->memory.node_query.value, "m");
  EXPECT_EQ(config.resource_rules->window, std::chrono::minutes(90));
}

TEST(MetricsConfig, NothingAndNullLeaveTheDefaults) {
  for (const std::string text :
       {"", "# nothing\n", "{}", "~", "rules:\nexternalRules: ~\n",
        "resourceRules: null\n", "rules: []\n"}) {
    SCOPED_TRACE(text);
    Problems problems;
    const MetricsConfig config = ParseMetricsConfig("f", text, problems);
    EXPECT_EQ(problems.ErrorText(), "");
    EXPECT_TRUE(config.rules.empty());
    EXPECT_TRUE(config.external_rules.empty());
    EXPECT_FALSE(config.resource_rules);
  }
  Problems problems;
  const MetricsConfig config = ParseMetricsConfig(
      "f",
      "rules:\n- seriesQuery: ~\n  name: ~\n  resources: {namespaced: null}\n"
      "  seriesFilters: [~]\n  nan: ~\n-\n"
      "resourceRules: {cpu: ~, window: ~}\n",
      problems);
  EXPECT_EQ(problems.ErrorText(), "");
  ASSERT_EQ(config.rules.size(), 2U);
  EXPECT_EQ(config.rules[0].series_query.value, "");
  EXPECT_EQ(config.rules[0].series_filters.size(), 1U);
  EXPECT_EQ(config.rules[0].resources.namespaced, std::nullopt);
  EXPECT_EQ(config.rules[1].path, "rules[1]");
  ASSERT_TRUE(config.resource_rules);
  EXPECT_EQ(config.resource_rules->window, Duration::zero());
}

TEST(MetricsConfig, TextsKeepTheirSource) {
  for (const std::string text :
       {"5", "yes", "1.50", "0x10", "true", "-", "<<.Resource>>", "1e3"}) {
    SCOPED_TRACE(text);
    Problems problems;
    const MetricsConfig config = ParseMetricsConfig(
        "f", "rules: [{name: {as: " + text + " }}]", problems);
    if (text == "-") {
      EXPECT_TRUE(problems.HasErrors());
      continue;
    }
    EXPECT_EQ(problems.ErrorText(), "");
    EXPECT_EQ(config.rules.at(0).name_as.value, text);
  }
}

TEST(MetricsConfig, NamespacedIsABooleanOfYaml11) {
  const struct {
    std::string text;
    bool want;
  } cases[] = {
      {"true", true},   {"True", true},   {"TRUE", true},
      {"yes", true},    {"Yes", true},    {"YES", true},
      {"on", true},     {"On", true},     {"ON", true},
      {"y", true},      {"Y", true},      {"!!bool yes", true},
      {"false", false}, {"False", false}, {"FALSE", false},
      {"no", false},    {"No", false},    {"NO", false},
      {"off", false},   {"Off", false},   {"OFF", false},
      {"n", false},     {"N", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    Problems problems;
    const MetricsConfig config = ParseMetricsConfig(
        "f", "rules: [{resources: {namespaced: " + c.text + "}}]", problems);
    EXPECT_EQ(problems.ErrorText(), "");
    EXPECT_EQ(config.rules.at(0).resources.namespaced, c.want);
  }
}

TEST(MetricsConfig, MergedRulesKeepWhatTheyDoNotSay) {
  Problems problems;
  const MetricsConfig config = ParseMetricsConfig("f", R"(
rules:
- &base
  seriesQuery: a
  resources: &resources
    overrides: {pod: {resource: pod}}
- <<: *base
  seriesQuery: b
externalRules:
- seriesQuery: c
  resources: {<<: *resources, namespaced: false}
)",
                                                  problems);
  EXPECT_EQ(problems.ErrorText(), "");
  ASSERT_EQ(config.rules.size(), 2U);
  EXPECT_EQ(config.rules[1].series_query.value, "b");
  EXPECT_EQ(config.rules[1].resources.overrides.at(0).label, "pod");
  const ResourceMapping& external = config.external_rules.at(0).resources;
  EXPECT_EQ(external.overrides.at(0).label, "pod");
  EXPECT_EQ(external.namespaced, false);
}

TEST(MetricsConfig, StackdriverIsOnWhereItIsWritten) {
  const auto labels_of =
      [](const std::string& text) -> std::optional<std::string> {
    Problems problems;
    const MetricsConfig config = ParseMetricsConfig("f", text, problems);
    EXPECT_EQ(problems.ErrorText(), "");
    if (!config.stackdriver) return std::nullopt;
    std::string labels;
    for (const Stackdriver::Label& label : config.stackdriver->cluster_labels) {
      labels += label.name + "=" + label.value + ";";
    }
    return labels;
  };
  EXPECT_EQ(labels_of("rules: []\n"), std::nullopt);
  EXPECT_EQ(labels_of("stackdriver: {}\n"), "");
  EXPECT_EQ(labels_of("stackdriver: {clusterLabels: ~}\n"), "");
  EXPECT_EQ(labels_of("stackdriver:\n  clusterLabels:\n    project_id: p\n"
                      "    cluster: 5\n"),
            "project_id=p;cluster=5;");
}

}  // namespace
}  // namespace sextant::config
