// The queries that an engine sends: shared, timed, given up, split.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_rules.h"
#include "support/result_matchers.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(EngineQueries, AsksOnceForAllWhoWantTheSame) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.backend.answer_to_others = Vector({{{{"pod", "web-0"}}, 1}});
  world.backend.hanging = {kHitsOfWeb0};
  Started<World::CustomAnswer> hasty =
      world.Start(Pod("web-0"), std::chrono::seconds(2));
  Started<World::CustomAnswer> patient =
      world.Start(Pod("web-0"), std::chrono::seconds(20));
  EXPECT_EQ(world.backend.Count(std::string("query ") + kHitsOfWeb0), 1u);
  world.clock.Advance(std::chrono::seconds(2));
  ASSERT_TRUE(hasty.answer().has_value());
  EXPECT_THAT(*hasty.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded, kTimeout));
  EXPECT_FALSE(patient.Ended());
  world.backend.Release();
  world.clock.Settle();
  ASSERT_TRUE(patient.answer().has_value());
  EXPECT_THAT(*patient.answer(), IsOk());
  EXPECT_EQ(world.backend.cancelled, 0u);
}

// The slowest queries are those that are given up: they count.
TEST(EngineQueries, TimesTheQueriesOfARuleFailuresAndThoseGivenUpIncluded) {
  World world(kRules);
  world.backend.series = AllSeries();
  const std::string name = "sextant_rule_query_duration_seconds";
  world.backend.failing.insert(
      {kHitsOfWeb0, {ErrorCode::kUnavailable, "down", ""}});
  static_cast<void>(world.Ask(Pod("web-0")));
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr(name + "_count{rule=\"rules[0]\"} 1\n"));
  world.backend.failing.clear();
  world.backend.hanging = {kHitsOfWeb0};
  const auto hasty = world.Start(Pod("web-0"), std::chrono::seconds(2));
  const auto patient = world.Start(Pod("web-0"), std::chrono::seconds(3));
  world.clock.Advance(std::chrono::seconds(3));
  ASSERT_TRUE(patient.Ended());
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr(name + "_sum{rule=\"rules[0]\"} 3\n" + name +
                        "_count{rule=\"rules[0]\"} 2\n"));
}

TEST(EngineQueries, CancelsAQueryThatNobodyWaitsFor) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.backend.hanging = {kHitsOfWeb0};
  Started<World::CustomAnswer> gone = world.Start(Pod("web-0"));
  Started<World::CustomAnswer> late =
      world.Start(Pod("web-0"), std::chrono::seconds(3));
  gone.Cancel();
  world.clock.Settle();
  EXPECT_EQ(world.backend.waiting, 1u);
  world.clock.Advance(std::chrono::seconds(3));
  EXPECT_EQ(world.backend.waiting, 0u);
  EXPECT_EQ(world.backend.cancelled, 1u);
}

TEST(EngineQueries, SplitsALongListOfNamesWhereThatIsProvedHarmless) {
  Engine::Options options;
  options.max_query_bytes = 80;
  World world(kRules, options);
  world.backend.series = AllSeries();
  world.lister.names =
      std::vector<std::string>{"alpha", "bravo", "chuck", "delta", "eagle"};
  world.backend.answer_to_others =
      Vector({{{{"pod", "alpha"}}, 1}, {{{"pod", "eagle"}}, 5}});
  const auto items = world.Ask(Pod("*"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items),
              ElementsAre("Pod shop/alpha = 1000m", "Pod shop/eagle = 5000m"));
  std::vector<std::string> queries;
  for (const std::string& asked : world.backend.asked) {
    if (asked.starts_with("query ")) queries.push_back(asked.substr(6));
  }
  const std::string start = "sum(rate(hits_total{namespace=\"shop\",pod=";
  EXPECT_THAT(queries,
              ElementsAre(start + "~\"alpha|bravo\"}[2m])) by (pod)",
                          start + "~\"chuck|delta|eagle\"}[2m])) by (pod)"));
}

TEST(EngineQueries, LeavesAQueryWholeThatCannotBeSplit) {
  Engine::Options options;
  options.max_query_bytes = 20;
  World world(R"(
rules:
- seriesQuery: 'm'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: 'topk(3, <<.Series>>{<<.LabelMatchers>>})'
)",
              options);
  world.backend.series = {
      {{"__name__", "m"}, {"namespace", "shop"}, {"pod", "a"}}};
  world.lister.names = std::vector<std::string>{"a", "b"};
  EXPECT_THAT(world.Ask(Pod("*", "m")), IsOk());
  EXPECT_EQ(
      world.backend.Count("query topk(3, m{namespace=\"shop\",pod=~\"a|b\"})"),
      1u);
}

TEST(EngineQueries, FailsAsAWholeWhenAPartFails) {
  Engine::Options options;
  options.max_query_bytes = 80;
  World world(kRules, options);
  world.backend.series = AllSeries();
  world.lister.names =
      std::vector<std::string>{"alpha", "bravo", "chuck", "delta"};
  world.backend.failing.insert(
      {"sum(rate(hits_total{namespace=\"shop\",pod=~\"chuck|delta\"}[2m])) by "
       "(pod)",
       {ErrorCode::kUnavailable, "down", ""}});
  EXPECT_THAT(world.Ask(Pod("*")),
              FailsWith(ErrorCode::kInternal, kCannotFetch));
}

}  // namespace
}  // namespace sextant::query
