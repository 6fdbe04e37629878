// Mistakes in a file of rules: which, where, and what to write instead.

#include <gtest/gtest.h>

#include <string>

#include "sextant/config/metrics_config.h"

namespace sextant::config {
namespace {

std::string ErrorsOf(const std::string& text) {
  Problems problems;
  ParseMetricsConfig("f", text, problems);
  return problems.ErrorText();
}

TEST(MetricsConfigMistakes, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"rulez: []\n",
       "f:1:1: rulez: the file has no key \"rulez\"; did you mean \"rules\"?"},
      {"Rules: []\n",
       "f:1:1: Rules: the file has no key \"Rules\"; write \"rules\": letter "
       "case matters"},
      {"rules:\n- SeriesQuery: a\n",
       "f:2:3: rules[0].SeriesQuery: a rule has no key \"SeriesQuery\"; write "
       "\"seriesQuery\": letter case matters"},
      {"rules:\n- seriesQuery: a\n  foo: bar\n",
       "f:3:3: rules[0].foo: a rule has no key \"foo\"; known here: "
       "seriesQuery, seriesFilters, resources, name, metricsQuery, nan, "
       "backend"},
      {"rules:\n- name:\n    matches: a\n    metricsQuery: b\n",
       "f:4:5: rules[0].name.metricsQuery: name has no key \"metricsQuery\"; "
       "it "
       "belongs to a rule: check the indentation"},
      {"rules: [{seriesFilters: [{isnot: a, was: b}]}]\n",
       "f:1:27: rules[0].seriesFilters[0].isnot: a filter has no key "
       "\"isnot\"; write \"isNot\": letter case matters\n"
       "f:1:37: rules[0].seriesFilters[0].was: a filter has no key \"was\"; "
       "did you mean \"is\"?"},
      {"rules: [{resources: {overrides: {x: {resource: pod, kind: Pod}}}}]\n",
       "f:1:53: rules[0].resources.overrides.x.kind: an override has no key "
       "\"kind\"; known here: group, resource"},
      {"resourceRules: {cpu: {container: x}, mem: {}}\n",
       "f:1:23: resourceRules.cpu.container: a resource rule has no key "
       "\"container\"; known here: containerQuery, nodeQuery, resources, "
       "containerLabel\n"
       "f:1:38: resourceRules.mem: resourceRules has no key \"mem\"; known "
       "here: cpu, memory, window, backend"},
      {"rules:\n- seriesQuery: [a]\n",
       "f:2:16: rules[0].seriesQuery: must be a text, not a list"},
      {"rules: [{name: {as: {a: b}}}]\n",
       "f:1:21: rules[0].name.as: must be a text, not a map"},
      {"rules: 5\n",
       "f:1:8: rules: must be a list of rules, not \"5\"; begin each item with "
       "a dash"},
      {"rules: {a: b}\n",
       "f:1:8: rules: must be a list of rules, not a map; begin each item with "
       "a dash"},
      {"rules: [a, [b]]\n",
       "f:1:9: rules[0]: a rule must be a map, not \"a\"; known keys: "
       "seriesQuery, seriesFilters, resources, name, metricsQuery, nan, "
       "backend\n"
       "f:1:12: rules[1]: a rule must be a map, not a list; known keys: "
       "seriesQuery, seriesFilters, resources, name, metricsQuery, nan, "
       "backend"},
      {"rules: [{seriesFilters: {is: a}}]\n",
       "f:1:25: rules[0].seriesFilters: must be a list of filters, not a map; "
       "begin each item with a dash"},
      {"rules: [{name: x}]\n",
       "f:1:16: rules[0].name: name must be a map, not \"x\"; known keys: "
       "matches, as"},
      {"rules: [{resources: {overrides: [pod]}}]\n",
       "f:1:33: rules[0].resources.overrides: must be a map of labels to "
       "resources, not a list; write LABEL: {resource: NAME}"},
      {"rules: [{resources: {overrides: {pod: pod}}}]\n",
       "f:1:39: rules[0].resources.overrides.pod: an override must be a map, "
       "not \"pod\"; known keys: group, resource"},
      {"rules: [{resources: {namespaced: maybe}}]\n",
       "f:1:34: rules[0].resources.namespaced: must be true or false, not "
       "\"maybe\""},
      {"rules: [{resources: {namespaced: 'true'}}]\n",
       "f:1:34: rules[0].resources.namespaced: must be true or false, not the "
       "text \"true\"; leave the quotes out"},
      {"rules: [{resources: {namespaced: [a]}}]\n",
       "f:1:34: rules[0].resources.namespaced: must be true or false, not a "
       "list"},
      {"rules: [{nan: 0}]\n",
       "f:1:15: rules[0].nan: must be zero or none, not \"0\"; zero: not a "
       "number counts as 0; none: it counts as no value"},
      {"resourceRules: {window: 1.5m}\n",
       "f:1:25: resourceRules.window: unknown unit \".\" in duration \"1.5m\"; "
       "write it like 5m or 1h30m: whole numbers with the units y w d h m s "
       "ms, largest first"},
      {"resourceRules: {window: ''}\n",
       "f:1:25: resourceRules.window: empty duration string; write it like 5m "
       "or 1h30m: whole numbers with the units y w d h m s ms, largest first"},
      {"resourceRules: {window: {}}\n",
       "f:1:25: resourceRules.window: must be a duration, not a map; write it "
       "like 5m or 1h30m"},
      {"resourceRules: []\n",
       "f:1:16: resourceRules: resourceRules must be a map, not a list; known "
       "keys: cpu, memory, window, backend"},
      {"- seriesQuery: a\n",
       "f:1:1: the file must be a map, not a list; put \"rules:\" above a list "
       "of rules"},
      {"rules\n",
       "f:1:1: the file must be a map, not \"rules\"; known keys: rules, "
       "externalRules, resourceRules, stackdriver, "
       "backends"},
      {"rules:\n  seriesQuery: a\n",
       "f:2:3: rules: must be a list of rules, not one rule; begin each rule "
       "with a dash: \"- seriesQuery: ...\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ErrorsOf(c.text), c.want);
  }
}

TEST(MetricsConfigMistakes, ReportsEveryMistakeOfTheFile) {
  EXPECT_EQ(
      ErrorsOf("rules:\n"
               "- seriesQuery: a\n"
               "  seriesQuery: b\n"
               "  nan: maybe\n"
               "  resources: {namespaced: maybe}\n"
               "externalRules: 5\n"
               "resourceRules: {window: 60}\n"
               "more: !x y\n"),
      "f:3:3: rules[0].seriesQuery: \"seriesQuery\" is given twice, first on "
      "line 2; remove one of the two\n"
      "f:4:8: rules[0].nan: must be zero or none, not \"maybe\"; zero: not a "
      "number counts as 0; none: it counts as no value\n"
      "f:5:27: rules[0].resources.namespaced: must be true or false, not "
      "\"maybe\"\n"
      "f:6:16: externalRules: must be a list of rules, not \"5\"; begin each "
      "item with a dash\n"
      "f:7:25: resourceRules.window: not a valid duration string: \"60\"; "
      "write it like 5m or 1h30m: whole numbers with the units y w d h m s "
      "ms, largest first\n"
      "f:8:1: more: the file has no key \"more\"; known here: rules, "
      "externalRules, resourceRules, stackdriver, backends\n"
      "f:8:7: more: the tag \"!x\" means nothing here; leave the tag out");
}

constexpr const char* kHelm =
    "these are values of the prometheus-adapter Helm chart, not the "
    "configuration that the chart makes of them; write the list under "
    "rules.custom as rules, rules.external as externalRules, rules.resource "
    "as resourceRules, and leave the other values out (the chart's "
    "rules.default has no counterpart: write those rules out)";

// The kinds of mistakes found in published configurations.
TEST(MetricsConfigMistakes, ExplainsTheDefectsSeenInTheWild) {
  const std::string helm = kHelm;
  const struct {
    std::string what;
    std::string text;
    std::string want;
  } cases[] = {
      {"a rule that is indented too little",
       "rules:\n  - seriesQuery: a\n    metricsQuery: b\n - seriesQuery: c\n",
       "f:4:2: this is neither a key of the map nor its end; check the "
       "indentation, and the quotes of the line before; quotes inside a quoted "
       "text are written \\\""},
      {"metricsQuery outside its rule",
       "rules:\n- seriesQuery: a\n  name:\n    as: b\nmetricsQuery: c\n",
       "f:5:1: metricsQuery: the file has no key \"metricsQuery\"; it belongs "
       "to a rule: check the indentation"},
      {"metricsQuery between a rule and the list",
       "rules:\n  - seriesQuery: a\n    name:\n      as: b\n   metricsQuery: "
       "c\n",
       "f:5:4: this is neither an item of the list nor its end; check the "
       "indentation, and that each item begins with a dash"},
      {"rules as one map, with a habit of the chart",
       "rules:\n  default: false\n  seriesQuery: a\n  metricsQuery: b\n",
       "f:1:1: rules: " + helm +
           "\nf:2:3: rules: must be a list of rules, not one rule; begin each "
           "rule with a dash: \"- seriesQuery: ...\""},
      {"a level of the chart's values",
       "rules:\n  custom:\n  - seriesQuery: a\n    nam: {as: b}\n",
       "f:1:1: rules: " + helm +
           "\nf:4:5: rules.custom[0].nam: a rule has no key \"nam\"; did you "
           "mean \"name\"?"},
      {"the chart's values as a whole",
       "prometheus:\n  url: http://prometheus\n  port: 9090\nreplicas: 2\n"
       "rules:\n  default: true\n",
       "f:5:1: rules: " + helm},
      {"the chart's values without rules",
       "prometheus:\n  url: http://prometheus\n", "f:1:1: prometheus: " + helm},
      {"resources twice in a rule",
       "rules:\n- seriesQuery: a\n  resources: {template: b}\n"
       "  resources: {template: c}\n",
       "f:4:3: rules[0].resources: \"resources\" is given twice, first on line "
       "3; remove one of the two"},
      {"a ConfigMap around it",
       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
       "  config.yaml: |\n    rules: []\n",
       "f:2:1: kind: this is a Kubernetes object (\"ConfigMap\"), not the "
       "configuration inside it; keep only the text under "
       "data[\"config.yaml\"], without its indentation"},
      {"an object without data", "apiVersion: v1\nkind: Secret\n",
       "f:2:1: kind: this is a Kubernetes object (\"Secret\"), not the "
       "configuration inside it; give the configuration itself"},
      {"a file of Prometheus' rules", "groups:\n- name: x\n  rules: []\n",
       "f:1:1: groups: this is a file of Prometheus' recording or alerting "
       "rules; give the file that names series by seriesQuery and "
       "metricsQuery"},
      {"double quotes inside double quotes",
       "rules:\n- seriesQuery: a\n  metricsQuery: \"x{a!=\"POD\"}\"\n",
       "f:3:24: this is neither a key of the map nor its end; check the "
       "indentation, and the quotes of the line before; quotes inside a quoted "
       "text are written \\\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(ErrorsOf(c.text), c.want);
  }
}

TEST(MetricsConfigMistakes, StillReadsTheRulesOfPastedValues) {
  Problems problems;
  const MetricsConfig config = ParseMetricsConfig(
      "f",
      "rules:\n  default: ~\n  custom: [{seriesQuery: a}]\n"
      "  external: [{seriesQuery: b}]\n  resource: {window: 5m}\n",
      problems);
  EXPECT_EQ(problems.ErrorText(), std::string("f:1:1: rules: ") + kHelm);
  EXPECT_EQ(config.rules.at(0).path, "rules.custom[0]");
  EXPECT_EQ(config.external_rules.at(0).path, "rules.external[0]");
  ASSERT_TRUE(config.resource_rules);
  EXPECT_EQ(config.resource_rules->window, std::chrono::minutes(5));
}

TEST(MetricsConfigMistakes, ReportsMistakesInStackdriver) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"stackdriver:\nrules: []\n",
       "f:1:1: stackdriver: has no value; write \"stackdriver: {}\", or leave "
       "the key out"},
      {"stackdriver: true\n",
       "f:1:14: stackdriver: stackdriver must be a map, not \"true\"; known "
       "keys: clusterLabels, serviceMetrics, backend"},
      {"stackdriver: {projectID: p}\n",
       "f:1:15: stackdriver.projectID: stackdriver has no key \"projectID\"; "
       "known here: clusterLabels, serviceMetrics, backend"},
      {"stackdriver: {backend: shop}\n",
       "f:1:24: stackdriver.backend: there is no backend \"shop\"; known: "
       "default"},
      {"clusterLabels: {cluster: c}\n",
       "f:1:1: clusterLabels: the file has no key \"clusterLabels\"; it "
       "belongs to stackdriver: check the indentation"},
      {"stackdriver: {clusterLabels: [c]}\n",
       "f:1:30: stackdriver.clusterLabels: must be a map of labels to values, "
       "not a list; write for example {cluster: shop, location: "
       "europe-west1}"},
      {"stackdriver: {clusterLabels: {cluster: [c]}}\n",
       "f:1:40: stackdriver.clusterLabels.cluster: must be the value of the "
       "label, not a list"},
      {"stackdriver: {clusterLabels: {cluster: ''}}\n",
       "f:1:40: stackdriver.clusterLabels.cluster: must be the value of the "
       "label, not \"\""},
      {"stackdriver: {clusterLabels: {pod: x}}\n",
       "f:1:31: stackdriver.clusterLabels.pod: this label does not tell "
       "clusters apart; name one that all series of this cluster have"},
      {"stackdriver: {serviceMetrics: [x]}\n",
       "f:1:31: stackdriver.serviceMetrics: must be a map of metrics to kinds, "
       "not a list; write for example {pubsub.googleapis.com|subscription|"
       "num_undelivered_messages: gauge}"},
      {"stackdriver: {serviceMetrics: {x.googleapis.com/y: gauge}}\n",
       "f:1:32: stackdriver.serviceMetrics.x.googleapis.com/y: is no name of a "
       "metric of one of Google's services; write it as HPAs do, as in "
       "pubsub.googleapis.com|subscription|num_undelivered_messages; names "
       "that begin with prometheus.googleapis.com| need no entry"},
      {"stackdriver: {serviceMetrics: {a|b: GAUGE}}\n",
       "f:1:37: stackdriver.serviceMetrics.a|b: must be gauge, counter or "
       "histogram, not \"GAUGE\"; what Google's list of metrics calls GAUGE "
       "is a gauge, CUMULATIVE and DELTA are counters, and DISTRIBUTION is a "
       "histogram"},
      {"stackdriver: {clusterLabels: {'': x}}\n",
       "f:1:31: stackdriver.clusterLabels.: a label needs a name; name one "
       "that all series of this cluster have"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ErrorsOf(c.text), c.want);
  }
}

TEST(MetricsConfigMistakes, MessagesDoNotGrowWithTheFile) {
  const std::string large(100'000, 'x');
  EXPECT_LT(ErrorsOf(large + ": 1").size(), 1000U);
  EXPECT_LT(ErrorsOf("rules: " + large).size(), 1000U);
  EXPECT_LT(
      ErrorsOf("rules: [{resources: {overrides: {? " + large + " : {a: 1}}}}]")
          .size(),
      1000U);
}

}  // namespace
}  // namespace sextant::config
