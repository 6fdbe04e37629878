#include "sextant/catalog/refresher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "world.h"

namespace sextant::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPods[] = R"(
rules:
- seriesQuery: 'http_requests_total{namespace!=""}'
  resources:
    overrides: {namespace: {resource: namespace}, pod: {resource: pod}}
  name: {matches: '^(.*)_total$', as: '${1}_per_second'}
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
)";

model::Labels Series(const std::string& name, model::Labels labels = {}) {
  labels["__name__"] = name;
  return labels;
}

model::Labels PodSeries(const std::string& name) {
  return Series(name, {{"namespace", "shop"}, {"pod", "web-0"}});
}

TEST(Refresher, ListsMetricsByTheLabelsThatTheirSeriesCarry) {
  World world(kPods);
  world.backend.series = {PodSeries("http_requests_total"),
                          PodSeries("something_else")};
  EXPECT_FALSE(world.refresher.FirstRoundEnded());
  EXPECT_THAT(world.Listing(), IsEmpty());

  EXPECT_TRUE(world.Round());
  EXPECT_TRUE(world.refresher.FirstRoundEnded());
  EXPECT_THAT(
      world.Listing(),
      ElementsAre(
          "namespaces/http_requests_per_second = http_requests_total of "
          "rules[0]",
          "pods/http_requests_per_second = http_requests_total of rules[0]"));
  EXPECT_THAT(
      world.backend.asked,
      ElementsAre("values __name__ "
                  "http_requests_total{namespace!=\"\",namespace!=\"\"}",
                  "values __name__ "
                  "http_requests_total{namespace!=\"\",pod!=\"\"}"));
}

TEST(Refresher, TellsWhatEachRuleHasFoundWhoeverServesIt) {
  World world(std::string(kPods) + R"(
externalRules:
- {seriesQuery: queue, metricsQuery: x, resources: {namespaced: false}}
)");
  world.backend.series = {PodSeries("http_requests_total")};
  world.backend.failing.insert(
      {"queue", {ErrorCode::kUnavailable, "down", ""}});
  world.Round();
  const std::vector<RuleFindings> findings = world.refresher.Findings();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule->path(), "rules[0]");
  EXPECT_EQ(findings[0].error, "");
  ASSERT_EQ(findings[0].series.size(), 1U);
  EXPECT_EQ(findings[0].series[0].name, "http_requests_total");
  EXPECT_EQ(findings[0].series[0].metric, "http_requests_per_second");
  EXPECT_EQ(findings[0].series[0].resources.size(), 2U);
  EXPECT_EQ(findings[1].rule->path(), "externalRules[0]");
  EXPECT_EQ(findings[1].error, "down");
  EXPECT_TRUE(findings[1].series.empty());
}

TEST(Refresher, BoundsEveryQuestionInTime) {
  Refresher::Options options;
  options.max_age = std::chrono::minutes(7);
  options.request_timeout = std::chrono::seconds(3);
  World world(kPods, options);
  world.clock.Advance(std::chrono::hours(1));
  world.Round();
  const TimePoint now = world.clock.Now();
  ASSERT_EQ(world.backend.matches.size(), 2u);
  for (const backend::SeriesMatch& match : world.backend.matches) {
    EXPECT_EQ(match.start, now - std::chrono::minutes(7));
    EXPECT_EQ(match.end, now);
  }
  EXPECT_THAT(world.backend.deadlines,
              ElementsAre(now + std::chrono::seconds(3),
                          now + std::chrono::seconds(3)));
}

TEST(Refresher, TakesTheLabelsThatATemplateMakesResources) {
  World world(R"(
rules:
- seriesQuery: '{namespace!=""}'
  resources: {template: 'kube_<<.Resource>>'}
  metricsQuery: 'x'
)");
  world.backend.series = {Series("m", {{"namespace", "n"},
                                       {"kube_node", "a"},
                                       {"kube_deployment", "d"},
                                       {"kube_teapot", "t"},
                                       {"pod", "p"}})};
  world.Round();
  EXPECT_THAT(world.Listing(), ElementsAre("deployments.apps/m = m of rules[0]",
                                           "nodes/m = m of rules[0]"));
  EXPECT_THAT(
      world.backend.asked,
      ElementsAre("names {namespace!=\"\"}",
                  "values __name__ {namespace!=\"\",kube_deployment!=\"\"}",
                  "values __name__ {namespace!=\"\",kube_node!=\"\"}"));
}

TEST(Refresher, ListsExternalMetricsByNameAlone) {
  World world(R"(
externalRules:
- seriesQuery: '{__name__=~"queue_.*"}'
  resources: {namespaced: false}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
)");
  world.backend.series = {Series("queue_depth"), Series("queue_age")};
  world.Round();
  EXPECT_THAT(world.Listing(),
              ElementsAre("queue_age = queue_age of externalRules[0]",
                          "queue_depth = queue_depth of externalRules[0]"));
  EXPECT_THAT(world.backend.asked,
              ElementsAre("values __name__ {__name__=~\"queue_.*\"}"));
}

TEST(Refresher, AsksOnceForRulesThatShareASeriesQuery) {
  World world(R"(
rules:
- seriesQuery: '{pod!=""}'
  seriesFilters: [{isNot: _total$}]
  resources: {overrides: {pod: {resource: pod}}}
  metricsQuery: 'x'
- seriesQuery: '{pod!=""}'
  resources: {overrides: {pod: {resource: pod}}}
  name: {matches: '^(.*)_total$'}
  metricsQuery: 'y'
)");
  world.backend.series = {PodSeries("gauge"), PodSeries("hits_total")};
  world.Round();
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/gauge = gauge of rules[0]",
                          "pods/hits = hits_total of rules[1]"));
  EXPECT_THAT(world.backend.asked,
              ElementsAre("values __name__ {pod!=\"\",pod!=\"\"}"));
}

constexpr char kTwoRules[] = R"(
rules:
- seriesQuery: 'a{pod!=""}'
  resources: {overrides: {pod: {resource: pod}}}
  metricsQuery: 'x'
- seriesQuery: 'b{pod!=""}'
  resources: {overrides: {pod: {resource: pod}}}
  metricsQuery: 'y'
)";

TEST(Refresher, KeepsTheLastGoodPartOfARuleThatFails) {
  World world(kTwoRules);
  world.backend.series = {PodSeries("a")};
  world.Round();
  world.backend.series = {PodSeries("b")};
  world.backend.failing.insert(
      {"a{pod!=\"\",pod!=\"\"}", {ErrorCode::kUnavailable, "no route", ""}});
  world.Round();
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/a = a of rules[0]", "pods/b = b of rules[1]"));
  std::vector<RuleState> states = world.refresher.RuleStates();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].path, "rules[0]");
  EXPECT_EQ(states[0].series_query, "a{pod!=\"\"}");
  EXPECT_TRUE(states[0].asked);
  EXPECT_EQ(states[0].error, "no route");
  EXPECT_EQ(states[0].metrics, 1u);
  EXPECT_EQ(states[1].error, "");
  EXPECT_EQ(states[1].last_success, world.clock.Now());
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_discovery_errors_total{rule=\"rules[0]\"} 1"));
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_discovery_errors_total{rule=\"rules[1]\"} 0"));

  world.backend.failing.clear();
  world.Round();
  EXPECT_THAT(world.Listing(), ElementsAre("pods/b = b of rules[1]"));
  states = world.refresher.RuleStates();
  EXPECT_EQ(states[0].error, "");
  EXPECT_EQ(states[0].metrics, 0u);
}

TEST(Refresher, TellsWhenTheLastRoundEnded) {
  World world(kTwoRules);
  const std::string line = "sextant_catalog_last_round_timestamp_seconds ";
  EXPECT_THAT(world.metrics.Text(), Not(HasSubstr("\n" + line)));
  world.clock.Advance(std::chrono::milliseconds(1500));
  world.Round();
  EXPECT_THAT(world.metrics.Text(), HasSubstr("\n" + line + "1.5\n"));
  // Also a round in which a rule failed: its own metrics say that.
  world.backend.failing.insert({"", {ErrorCode::kUnavailable, "down", ""}});
  world.clock.Advance(std::chrono::seconds(7));
  world.Round();
  EXPECT_THAT(world.metrics.Text(), HasSubstr("\n" + line + "8.5\n"));
}

TEST(Refresher, EndsTheFirstRoundWhenEverythingFails) {
  World world(kTwoRules);
  world.backend.failing.insert({"", {ErrorCode::kUnavailable, "down", ""}});
  EXPECT_FALSE(world.refresher.RuleStates()[0].asked);
  EXPECT_TRUE(world.Round());
  EXPECT_TRUE(world.refresher.FirstRoundEnded());
  EXPECT_EQ(world.refresher.RuleStates()[1].error, "down");
  EXPECT_EQ(world.refresher.RuleStates()[1].last_success, std::nullopt);
  EXPECT_EQ(world.refresher.generation(), 0u);
}

TEST(Refresher, PublishesARuleWithoutWaitingForAnotherThatHangs) {
  World world(kTwoRules);
  world.backend.series = {PodSeries("a"), PodSeries("b")};
  world.backend.hanging = {"a{pod!=\"\",pod!=\"\"}"};
  EXPECT_FALSE(world.Round());
  EXPECT_THAT(world.Listing(), ElementsAre("pods/b = b of rules[1]"));
  EXPECT_FALSE(world.refresher.FirstRoundEnded());
  world.clock.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(world.refresher.FirstRoundEnded());
  EXPECT_THAT(world.refresher.RuleStates()[0].error,
              HasSubstr("did not answer in time"));
}

TEST(Refresher, ReadsTheSeriesWhereLabelEndpointsKnowNoMatch) {
  World world(R"(
rules:
- seriesQuery: '{namespace!=""}'
  resources: {template: '<<.Resource>>'}
  metricsQuery: 'x'
externalRules:
- seriesQuery: 'queue_depth'
  resources: {namespaced: false}
  metricsQuery: 'x'
)");
  world.backend.refuses_label_endpoints = true;
  world.backend.series = {PodSeries("m"), PodSeries("m"),
                          Series("queue_depth")};
  world.Round();
  EXPECT_THAT(
      world.Listing(),
      ElementsAre("namespaces/m = m of rules[0]", "pods/m = m of rules[0]",
                  "queue_depth = queue_depth of externalRules[0]"));
  EXPECT_EQ(world.backend.Count("series {namespace!=\"\"}"), 1u);
  EXPECT_EQ(world.refresher.RuleStates()[0].error, "");
}

TEST(Refresher, ReadsTheSeriesOfASelectorThatIsNotUnderstood) {
  World world(R"(
rules:
- seriesQuery: '{__name__="m"} or {__name__="n"}'
  resources: {overrides: {pod: {resource: pod}}}
  metricsQuery: 'x'
)");
  world.Round();
  EXPECT_THAT(world.backend.asked,
              ElementsAre("series {__name__=\"m\"} or {__name__=\"n\"}"));
  EXPECT_THAT(world.refresher.RuleStates()[0].error, HasSubstr("parse error"));
}

constexpr char kOverlapping[] = R"(
rules:
- seriesQuery: '{__name__=~"x.*"}'
  resources: {overrides: {pod: {resource: pod}, namespace: {resource: namespace}}}
  name: {as: m}
  metricsQuery: 'x'
- seriesQuery: 'b'
  resources: {overrides: {namespace: {resource: namespace}}}
  name: {as: m}
  metricsQuery: 'y'
)";

TEST(Refresher, LetsLaterRulesAndLaterSeriesWin) {
  World world(kOverlapping);
  world.backend.series = {PodSeries("x1"), PodSeries("x2"), PodSeries("b")};
  world.Round();
  const std::vector<std::string> listing = world.Listing();
  EXPECT_THAT(listing, ElementsAre("namespaces/m = b of rules[1]",
                                   "pods/m = x2 of rules[0]"));
  EXPECT_EQ(world.refresher.RuleStates()[0].metrics, 1u);

  // The same world in another order is the same catalog.
  World other(kOverlapping);
  other.backend.series = world.backend.series;
  std::reverse(other.backend.series.begin(), other.backend.series.end());
  other.Round();
  EXPECT_EQ(other.Listing(), listing);
}

TEST(Refresher, WarnsOfAnOverlapOnce) {
  World world(kOverlapping);
  world.backend.series = {PodSeries("x1"), PodSeries("b")};
  testing::internal::CaptureStderr();
  world.Round();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("WARN series share a metric name; the later one is "
                        "served rule=rules[0] served=rules[1] "
                        "example=namespaces/m"));
  world.backend.series = {PodSeries("x1"), PodSeries("x2"), PodSeries("b")};
  testing::internal::CaptureStderr();
  world.Round();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              Not(HasSubstr("served=rules[1]")));
}

TEST(Refresher, SaysAFailureOnceAndItsEndOnce) {
  World world(kTwoRules);
  world.backend.failing.insert(
      {"a{pod!=\"\",pod!=\"\"}", {ErrorCode::kUnavailable, "no route", ""}});
  testing::internal::CaptureStderr();
  world.Round();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("WARN discovery failed; what was known of these rules "
                        "is kept rules=rules[0]"));
  testing::internal::CaptureStderr();
  world.Round();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  world.backend.failing.clear();
  testing::internal::CaptureStderr();
  world.Round();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("INFO discovery works again rules=rules[0]"));
}

TEST(Refresher, CountsCatalogsOnlyWhenTheyDiffer) {
  World world(kTwoRules);
  world.backend.series = {PodSeries("a")};
  world.Round();
  const std::uint64_t first = world.refresher.generation();
  const auto catalog = world.refresher.Current();
  world.Round();
  EXPECT_EQ(world.refresher.generation(), first);
  EXPECT_EQ(world.refresher.Current(), catalog);
  world.backend.series.push_back(PodSeries("b"));
  world.Round();
  EXPECT_GT(world.refresher.generation(), first);
}

TEST(Refresher, IsBackASecondAfterABackendThatWasDown) {
  World world(kTwoRules);
  world.backend.series = {PodSeries("a"), PodSeries("b")};
  world.backend.failing.insert({"", {ErrorCode::kUnavailable, "down", ""}});
  Started<bool> run = LaunchTask(world.loop, Finished(world.refresher.Run()));
  EXPECT_EQ(world.backend.asked.size(), 2u);
  // Of a backend that is down one question is enough.
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.asked.size(), 3u);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.asked.size(), 4u);

  world.backend.failing.clear();
  EXPECT_THAT(world.Listing(), IsEmpty());
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/a = a of rules[0]", "pods/b = b of rules[1]"));
  const std::size_t asked = world.backend.asked.size();
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.asked.size(), asked);
  run.Cancel();
  world.clock.Settle();
}

TEST(Refresher, AsksARuleThatIsTooSlowNoMoreThanHalfOfTheTime) {
  World world(kTwoRules);
  world.backend.hanging = {"a{pod!=\"\",pod!=\"\"}"};
  Started<bool> run = LaunchTask(world.loop, Finished(world.refresher.Run()));
  const std::string slow = "values __name__ a{pod!=\"\",pod!=\"\"}";
  world.clock.Advance(std::chrono::seconds(30));  // its deadline
  EXPECT_EQ(world.backend.Count(slow), 1u);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.Count(slow), 2u);
  world.clock.Advance(std::chrono::seconds(30));  // its deadline
  world.clock.Advance(std::chrono::seconds(29));
  EXPECT_EQ(world.backend.Count(slow), 2u);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.Count(slow), 3u);
  run.Cancel();
  world.clock.Settle();
}

TEST(Refresher, LeavesARuleThatTheBackendRefusesUntilTheNextRound) {
  World world(kTwoRules);
  world.backend.failing.insert({"", {ErrorCode::kInvalidArgument, "bad", ""}});
  Started<bool> run = LaunchTask(world.loop, Finished(world.refresher.Run()));
  const std::size_t asked = world.backend.asked.size();
  world.clock.Advance(std::chrono::minutes(9));
  EXPECT_EQ(world.backend.asked.size(), asked);
  world.clock.Advance(std::chrono::minutes(1));
  EXPECT_GT(world.backend.asked.size(), asked);
  run.Cancel();
  world.clock.Settle();
}

TEST(Refresher, StartsTheNextRoundAnIntervalAfterTheEndOfTheLast) {
  Refresher::Options options;
  options.interval = std::chrono::minutes(5);
  World world(R"(
externalRules:
- {seriesQuery: a, metricsQuery: x, resources: {namespaced: false}}
)",
              options);
  world.backend.hanging = {""};
  Started<bool> run = LaunchTask(world.loop, Finished(world.refresher.Run()));
  EXPECT_EQ(world.backend.asked.size(), 1u);
  world.clock.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(world.refresher.FirstRoundEnded());
  // The rule that failed is asked again a second later, the others wait.
  world.backend.hanging.clear();
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.asked.size(), 2u);
  world.clock.Advance(std::chrono::minutes(5) - std::chrono::seconds(2));
  EXPECT_EQ(world.backend.asked.size(), 2u);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.backend.asked.size(), 3u);
  run.Cancel();
  world.clock.Settle();
  EXPECT_TRUE(run.Ended());
}

}  // namespace
}  // namespace sextant::catalog
