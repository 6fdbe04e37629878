// The names of custom-metrics-stackdriver-adapter, without a rule for each.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "sextant/query/engine.h"
#include "support/result_matchers.h"
#include "world.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRules[] = R"(
rules:
- seriesQuery: '{namespace!=""}'
  resources: {template: '<<.Resource>>'}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
stackdriver: {}
)";

// A rule that says itself what such a metric is.
constexpr char kOwnRule[] = R"(
rules:
- seriesQuery: 'renamed'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  name: {as: 'prometheus.googleapis.com|$0|gauge'}
  metricsQuery: 'max(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
stackdriver: {}
)";

constexpr char kName[] =
    "prometheus.googleapis.com|vllm:num_requests_running|gauge";

CustomRequest Pods(const std::string& name, const std::string& metric = kName,
                   const std::string& resource = "pods") {
  CustomRequest request;
  request.resource = resource;
  request.namespace_ = "default";
  request.name = name;
  request.metric = metric;
  return request;
}

ExternalRequest Request(const std::string& metric,
                        const std::string& selector = "") {
  ExternalRequest request;
  request.namespace_ = "default";
  request.metric = metric;
  request.selector = *model::Selector::Parse(selector);
  return request;
}

struct StackdriverNames : testing::Test {
  StackdriverNames() {
    world.lister.names = std::vector<std::string>{"vllm-0", "vllm-1"};
    world.backend.series = {{{"__name__", "vllm:num_requests_running"},
                             {"namespace", "default"},
                             {"pod", "vllm-0"}}};
  }
  World world{kRules};
};

TEST_F(StackdriverNames, AMetricIsAnsweredByOneQueryAndNothingElse) {
  const std::string query =
      "sum by (namespace,pod) (vllm:num_requests_running{namespace=\"default\","
      "pod=~\"vllm-0|vllm-1\"})";
  world.backend.answers[query] =
      Vector({{{{"namespace", "default"}, {"pod", "vllm-0"}}, 8},
              {{{"namespace", "default"}, {"pod", "vllm-1"}}, 4.0005}});
  const auto items = world.Ask(Pods("*"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Pod default/vllm-0 = 8000m",
                                         "Pod default/vllm-1 = 4000m"));
  EXPECT_THAT(world.backend.asked, ElementsAre("query " + query));
  EXPECT_EQ(world.lister.requests.at(0).label, "pod");
}

TEST(StackdriverNamesTest, ARuleOfTheFileComesFirst) {
  World own(kOwnRule);
  own.backend.series = {
      {{"__name__", "renamed"}, {"namespace", "default"}, {"pod", "vllm-0"}}};
  own.backend.answer_to_others = Vector({{{{"pod", "vllm-0"}}, 1}});
  const auto items =
      own.Ask(Pods("vllm-0", "prometheus.googleapis.com|renamed|gauge"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Pod default/vllm-0 = 1000m"));
  // Also before discovery has seen its series.
  EXPECT_THAT(own.backend.asked,
              ElementsAre("values __name__ renamed{pod!=\"\"}",
                          "query max(renamed{namespace=\"default\",pod="
                          "\"vllm-0\"}) by (pod)"));
}

TEST_F(StackdriverNames, NodesAreAskedForWithoutNamespace) {
  world.lister.names = std::vector<std::string>{"n1"};
  CustomRequest request =
      Pods("*", "prometheus.googleapis.com|load|gauge", "nodes");
  request.namespace_.clear();
  world.backend.answers["sum by (node) (load{node=\"n1\"})"] =
      Vector({{{{"node", "n1"}}, 1.5}});
  const auto items = world.Ask(request);
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Node n1 = 1500m"));
}

TEST_F(StackdriverNames, WithoutASampleTheNameDecides) {
  // It has series, but none of these pods just now.
  const auto none = world.Ask(Pods("*"));
  ASSERT_THAT(none, IsOk());
  EXPECT_THAT(*none, IsEmpty());
  EXPECT_THAT(world.Ask(Pods("vllm-0")),
              FailsWith(ErrorCode::kNotFound,
                        "the server could not find the metric " +
                            std::string(kName) + " for pods vllm-0"));
  const std::string unknown = "prometheus.googleapis.com|nope|counter";
  EXPECT_THAT(
      world.Ask(Pods("*", unknown)),
      FailsWith(ErrorCode::kNotFound, "the server could not find the metric " +
                                          unknown + " for pods"));
  EXPECT_THAT(
      world.Ask(Request(unknown)),
      FailsWith(ErrorCode::kNotFound, "the server could not find the metric " +
                                          unknown + " for namespaces"));
  const auto external = world.Ask(Request(kName, "metric.labels.pod=x"));
  ASSERT_THAT(external, IsOk());
  EXPECT_THAT(*external, IsEmpty());
}

TEST_F(StackdriverNames, ABackendThatDoesNotSayWhatExistsIsNoFault) {
  const std::string name = "prometheus.googleapis.com|nope|gauge";
  world.backend.failing["{__name__=\"nope\"}"] = {ErrorCode::kUnavailable,
                                                  "down", ""};
  const auto items = world.Ask(Request(name));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(*items, IsEmpty());
}

TEST_F(StackdriverNames, NamesAndObjectsThatItDoesNotHaveAreNotFound) {
  const auto not_found = [](const std::string& metric,
                            const std::string& resource) {
    return FailsWith(
        ErrorCode::kNotFound,
        "the server could not find the metric " + metric + " for " + resource);
  };
  const std::string gouge = "prometheus.googleapis.com|up|gouge";
  EXPECT_THAT(world.Ask(Pods("*", gouge)), not_found(gouge, "pods"));
  EXPECT_THAT(world.Ask(Pods("x", kName, "services")),
              not_found(kName, "services"));
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST_F(StackdriverNames, ASelectorThatItCannotMapIsABadRequest) {
  CustomRequest request = Pods("*");
  request.metric_selector = *model::Selector::Parse("engine=0");
  EXPECT_THAT(world.Ask(request),
              FailsWith(ErrorCode::kInvalidArgument,
                        "Metric label: \"engine\" is not allowed"));
  EXPECT_THAT(world.Ask(Request(kName, "!metric.labels.k")),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("operator DoesNotExist")));
  EXPECT_THAT(world.Ask(Request("prometheus.googleapis.com|t|histogram")),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("distributions are not supported")));
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST_F(StackdriverNames, AnExternalMetricHasOneItemASeries) {
  world.backend.answers["vllm:num_requests_running{model=\"a\"}"] = Vector(
      {{{{"__name__", "vllm:num_requests_running"},
         {"namespace", "other"},
         {"job", "vllm"},
         {"model", "a"}},
        3},
       {{{"namespace", "nan"}}, std::numeric_limits<double>::quiet_NaN()}});
  const auto items = world.Ask(Request(kName, "metric.labels.model=a"));
  ASSERT_THAT(items, IsOk());
  ASSERT_EQ(items->size(), 1u);  // what is not a number is no value
  EXPECT_EQ(items->at(0).milli, 3000);
  EXPECT_EQ(items->at(0).labels,
            (model::Labels{{"metric.labels.model", "a"},
                           {"resource.labels.job", "vllm"},
                           {"resource.labels.namespace", "other"},
                           {"resource.type", "prometheus_target"}}));
}

TEST_F(StackdriverNames, ANameThatIsLikeAPieceOfTheQueryIsOnlyAName) {
  const auto items =
      world.Ask(Request("prometheus.googleapis.com|) or |counter"));
  EXPECT_TRUE(!items || items->empty());
  EXPECT_EQ(world.backend.asked.front(),
            "query rate({__name__=\") or \",}[1m]) or "
            "rate({__name__=\") or \",}[5m])");
}

TEST_F(StackdriverNames, AllOfThemAreOneRuleInMetrics) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(world.Ask(
        Request("prometheus.googleapis.com|m" + std::to_string(i) + "|gauge")));
  }
  const std::string text = world.metrics.Text();
  EXPECT_THAT(text, HasSubstr("sextant_rule_requests_total{outcome=\"no_series"
                              "\",rule=\"stackdriver\"} 50\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("m49")));
}

Trace Explain(World& world, CustomRequest request) {
  Trace trace;
  const auto started = LaunchTask(
      world.loop,
      world.engine.Custom(std::move(request),
                          world.clock.Now() + std::chrono::seconds(9), &trace));
  EXPECT_TRUE(started.Ended());
  return trace;
}

TEST_F(StackdriverNames, ExplainShowsTheRuleThatWasMade) {
  world.backend.answer_to_others =
      Vector({{{{"namespace", "default"}, {"pod", "vllm-0"}}, 8}});
  const Trace trace = Explain(world, Pods("vllm-0"));
  EXPECT_EQ(trace.cause, Cause::kValue);
  ASSERT_EQ(trace.rules.size(), 2u);
  EXPECT_EQ(trace.rules[0].path, "stackdriver");
  EXPECT_TRUE(trace.rules[0].chosen);
  EXPECT_EQ(trace.rules[0].series, "vllm:num_requests_running");
  EXPECT_EQ(trace.rules[0].label, "pod");
  EXPECT_EQ(trace.rules[0].series_query,
            "{__name__=\"vllm:num_requests_running\"}");
  EXPECT_EQ(trace.rules[0].reason,
            "the metric's name says that it is made of "
            "vllm:num_requests_running");
}

TEST_F(StackdriverNames, ExplainSaysWhyThereIsNoSuchMetric) {
  const Trace nameless =
      Explain(world, Pods("*", "prometheus.googleapis.com|nope|counter"));
  EXPECT_EQ(nameless.cause, Cause::kNoSeries);
  EXPECT_FALSE(nameless.rules.at(0).chosen);
  EXPECT_EQ(nameless.rules.at(0).reason, "no series is called nope");
  EXPECT_THAT(Advise(nameless),
              testing::Contains(HasSubstr("Nothing called nope was scraped")));

  const Trace wrong =
      Explain(world, Pods("*", "prometheus.googleapis.com|up|gouge"));
  EXPECT_THAT(wrong.rules.at(0).reason,
              HasSubstr("\"gouge\" is no kind of metric"));

  EXPECT_THAT(Advise(wrong),
              testing::Contains(
                  HasSubstr("Change what is asked for: \"gouge\" is no kind")));

  const Trace refused =
      Explain(world, Pods("*", "prometheus.googleapis.com|t|histogram"));
  EXPECT_EQ(refused.cause, Cause::kBadQuery);
  EXPECT_THAT(Advise(refused),
              ElementsAre(HasSubstr("Change what is asked for: distributions "
                                    "are not supported")));

  World off("rules: []\n");
  off.lister.names = std::vector<std::string>{"vllm-0"};
  const Trace without = Explain(off, Pods("*"));
  EXPECT_THAT(
      Advise(without),
      testing::Contains(HasSubstr("write \"stackdriver: {}\" into the")));
}

}  // namespace
}  // namespace sextant::query
