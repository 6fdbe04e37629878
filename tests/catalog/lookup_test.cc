// A request asks for a metric that the catalog lacks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.h"

namespace sextant::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kRules[] = R"(
rules:
- seriesQuery: '{__name__=~"a_.*"}'
  resources:
    overrides: {namespace: {resource: namespace}, pod: {resource: pod}}
  name: {matches: '^a_', as: 'a_'}
  metricsQuery: 'x'
- seriesQuery: 'hits_total{job!=""}'
  resources: {template: '<<.Resource>>'}
  name: {matches: '^(.*)_total$', as: '${1}_per_second'}
  metricsQuery: 'y'
externalRules:
- seriesQuery: 'queue_depth'
  resources: {namespaced: false}
  metricsQuery: 'z'
)";

const std::string kHitsOfPods =
    "values __name__ hits_total{job!=\"\",pod!=\"\"}";

model::Labels Hits() {
  return {{"__name__", "hits_total"}, {"job", "web"}, {"pod", "web-0"}};
}

TEST(Lookup, FindsAMetricThatIsNewerThanTheLastRound) {
  World world(kRules);
  world.Round();
  world.clock.Advance(std::chrono::seconds(1));
  world.backend.asked.clear();
  world.backend.series = {Hits()};
  Started<bool> lookup = world.LookUp("pods", "hits_per_second");
  EXPECT_EQ(lookup.answer(), true);
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/hits_per_second = hits_total of rules[1]"));
  // Only the rule that could have it, and only the label that was asked for.
  EXPECT_THAT(world.backend.asked, ElementsAre(kHitsOfPods));
}

TEST(Lookup, FindsExternalMetrics) {
  World world(kRules);
  world.backend.series = {{{"__name__", "queue_depth"}}};
  EXPECT_EQ(world.LookUpExternal("queue_depth").answer(), true);
  EXPECT_THAT(world.Listing(),
              ElementsAre("queue_depth = queue_depth of externalRules[0]"));
  EXPECT_THAT(world.backend.asked, ElementsAre("values __name__ queue_depth"));
}

TEST(Lookup, AsksNobodyForANameThatNoRuleCanMake) {
  World world(kRules);
  EXPECT_EQ(world.LookUp("pods", "hits_per_minute").answer(), false);
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST(Lookup, AsksNobodyForAResourceThatNoLabelNames) {
  World world(kRules);
  EXPECT_EQ(world.LookUp("nodes", "a_").answer(), false);
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST(Lookup, RemembersForAMomentThatThereIsNothing) {
  World world(kRules);
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), false);
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), false);
  EXPECT_EQ(world.backend.Count(kHitsOfPods), 1u);
  world.clock.Advance(std::chrono::milliseconds(499));
  world.LookUp("pods", "hits_per_second");
  EXPECT_EQ(world.backend.Count(kHitsOfPods), 1u);
  world.backend.series = {Hits()};
  world.clock.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), true);
  EXPECT_EQ(world.backend.Count(kHitsOfPods), 2u);
}

TEST(Lookup, RemembersWhatARoundHasJustAsked) {
  World world(kRules);
  world.Round();
  world.backend.asked.clear();
  EXPECT_EQ(world.LookUpExternal("queue_depth").answer(), false);
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST(Lookup, LeavesASlowBackendAloneForLonger) {
  World world(kRules);
  world.backend.hanging = {"queue_depth"};
  Started<bool> lookup = world.LookUpExternal("queue_depth");
  world.clock.Advance(std::chrono::seconds(2));
  world.backend.Release();
  world.clock.Settle();
  EXPECT_EQ(lookup.answer(), false);
  world.clock.Advance(std::chrono::seconds(20) - std::chrono::milliseconds(1));
  world.LookUpExternal("queue_depth");
  EXPECT_EQ(world.backend.asked.size(), 1u);
  world.clock.Advance(std::chrono::milliseconds(1));
  world.LookUpExternal("queue_depth");
  EXPECT_EQ(world.backend.asked.size(), 2u);
}

TEST(Lookup, IsSharedByAllWhoMissTheSame) {
  World world(kRules);
  world.backend.series = {Hits()};
  world.backend.hanging = {""};
  Started<bool> first = world.LookUp("pods", "hits_per_second");
  Started<bool> second = world.LookUp("pods", "hits_per_second");
  EXPECT_EQ(world.backend.Count(kHitsOfPods), 1u);
  world.backend.Release();
  world.clock.Settle();
  EXPECT_EQ(first.answer(), true);
  EXPECT_EQ(second.answer(), true);
}

TEST(Lookup, EndsAtTheCallersDeadline) {
  World world(kRules);
  world.backend.hanging = {""};
  Started<bool> patient = world.LookUp("pods", "hits_per_second");
  Started<bool> hasty =
      world.LookUp("pods", "hits_per_second", std::chrono::seconds(2));
  world.clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(hasty.answer(), false);
  EXPECT_FALSE(patient.Ended());
  EXPECT_EQ(world.backend.cancelled, 0u);
  // The question's own deadline.
  world.clock.Advance(std::chrono::seconds(28));
  EXPECT_EQ(patient.answer(), false);
}

TEST(Lookup, IsCancelledWithItsLastWaiter) {
  World world(kRules);
  world.backend.hanging = {""};
  Started<bool> first = world.LookUp("pods", "hits_per_second");
  Started<bool> second = world.LookUp("pods", "hits_per_second");
  first.Cancel();
  world.clock.Settle();
  EXPECT_EQ(world.backend.waiting, 1u);
  second.Cancel();
  world.clock.Settle();
  EXPECT_EQ(world.backend.waiting, 0u);
  EXPECT_EQ(world.backend.cancelled, 1u);
}

TEST(Lookup, IsNotAskedAgainBecauseNobodyHadThePatienceToWait) {
  World world(kRules);
  world.backend.hanging = {""};
  Started<bool> impatient = world.LookUp("pods", "hits_per_second");
  impatient.Cancel();
  world.clock.Settle();
  EXPECT_EQ(world.backend.cancelled, 1u);
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), false);
  EXPECT_EQ(world.backend.waiting, 0u);
}

TEST(Lookup, DoesNotWaitForARoundThatHangs) {
  World world(kRules);
  world.backend.series = {Hits()};
  world.backend.hanging = {"{__name__=~\"a_.*\",namespace!=\"\"}",
                           "hits_total{job!=\"\"}", "queue_depth"};
  EXPECT_FALSE(world.Round());
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), true);
  EXPECT_FALSE(world.refresher.FirstRoundEnded());
}

TEST(Lookup, IsNotUndoneByTheOlderAnswerOfARound) {
  World world(kRules);
  // The round learns the labels, and is then held up.
  world.backend.hanging = {"hits_total{job!=\"\"}"};
  Started<bool> round =
      LaunchTask(world.loop, Finished(world.refresher.RunOnce()));
  world.backend.series = {Hits()};
  EXPECT_EQ(world.LookUp("pods", "hits_per_second").answer(), true);
  world.backend.series.clear();
  world.backend.Release();
  world.clock.Settle();
  EXPECT_TRUE(round.Ended());
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/hits_per_second = hits_total of rules[1]"));
}

TEST(Lookup, RemovesNothing) {
  World world(kRules);
  world.backend.series = {Hits()};
  world.Round();
  world.backend.series = {{{"__name__", "a_b"}, {"pod", "web-0"}}};
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.LookUp("pods", "a_").answer(), true);
  EXPECT_THAT(world.Listing(),
              ElementsAre("jobs.batch/hits_per_second = hits_total of rules[1]",
                          "pods/a_ = a_b of rules[0]",
                          "pods/hits_per_second = hits_total of rules[1]"));
}

}  // namespace
}  // namespace sextant::catalog
