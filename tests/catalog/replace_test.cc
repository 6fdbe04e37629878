// The configuration changes while the program runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.h"

namespace sextant::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string PodRule(const std::string& series, const std::string& query) {
  return "- seriesQuery: '" + series +
         "{pod!=\"\"}'\n  resources: {overrides: {pod: {resource: pod}}}\n"
         "  metricsQuery: '" +
         query + "'\n";
}

std::string Question(const std::string& series) {
  return "values __name__ " + series + "{pod!=\"\",pod!=\"\"}";
}

model::Labels PodSeries(const std::string& name) {
  return {{"__name__", name}, {"pod", "web-0"}};
}

std::shared_ptr<const rules::RuleSet> Compiled(const World& world,
                                               const std::string& text) {
  return CompileRuleText(text, world.refresher.rules()->resources);
}

Started<bool> Replace(World& world, const std::string& text) {
  return LaunchTask(world.loop,
                    Finished(world.refresher.Replace(Compiled(world, text))));
}

TEST(Replace, KeepsWhatIsKnownOfRulesThatAreTheSame) {
  World world("rules:\n" + PodRule("a", "x") + PodRule("b", "x"));
  world.backend.series = {PodSeries("a"), PodSeries("b"), PodSeries("c")};
  world.Round();
  const auto before = world.refresher.RuleStates();
  world.clock.Advance(std::chrono::seconds(7));
  world.backend.asked.clear();
  // b has moved up, a is gone, c is new.
  const Started<bool> replaced =
      Replace(world, "rules:\n" + PodRule("b", "x") + PodRule("c", "x"));
  EXPECT_TRUE(replaced.Ended());
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/b = b of rules[0]", "pods/c = c of rules[1]"));
  EXPECT_THAT(world.backend.asked, ElementsAre(Question("c")));
  const auto after = world.refresher.RuleStates();
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].path, "rules[0]");
  EXPECT_EQ(after[0].last_success, before[1].last_success);
  EXPECT_EQ(after[0].metrics, 1u);
  EXPECT_EQ(after[1].last_success, world.clock.Now());
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_discovery_errors_total{rule=\"rules[1]\"} 0"));
}

TEST(Replace, TakesEffectAtOnceAndAsksAfterwards) {
  World world("rules:\n" + PodRule("a", "x") + PodRule("b", "x"));
  world.backend.series = {PodSeries("a"), PodSeries("b")};
  world.Round();
  const std::uint64_t generation = world.refresher.generation();
  const std::shared_ptr<const Catalog> old = world.refresher.Current();
  world.backend.hanging = {""};
  // Of b another query is wanted.
  const Started<bool> replaced =
      Replace(world, "rules:\n" + PodRule("a", "x") + PodRule("b", "y"));
  EXPECT_FALSE(replaced.Ended());
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[0]"));
  EXPECT_GT(world.refresher.generation(), generation);
  EXPECT_FALSE(world.refresher.RuleStates()[1].asked);
  // A request that is under way keeps its snapshot.
  EXPECT_EQ(old->custom().size(), 2u);
  world.backend.Release();
  world.clock.Settle();
  EXPECT_TRUE(replaced.Ended());
  EXPECT_THAT(world.Listing(),
              ElementsAre("pods/a = a of rules[0]", "pods/b = b of rules[1]"));
}

TEST(Replace, DropsTheAnswersForRulesThatAreGone) {
  World world("rules:\n" + PodRule("a", "x") + PodRule("b", "x"));
  world.backend.series = {PodSeries("a"), PodSeries("b")};
  world.backend.hanging = {""};
  Started<bool> round =
      LaunchTask(world.loop, Finished(world.refresher.RunOnce()));
  Started<bool> lookup = world.LookUp("pods", "a");
  // b is asked about already: its answer is for the new rules too.
  const Started<bool> replaced = Replace(world, "rules:\n" + PodRule("b", "x"));
  world.backend.Release();
  world.clock.Settle();
  EXPECT_TRUE(round.Ended());
  EXPECT_TRUE(lookup.Ended());
  EXPECT_TRUE(replaced.Ended());
  EXPECT_THAT(world.Listing(), ElementsAre("pods/b = b of rules[0]"));
  EXPECT_EQ(world.refresher.RuleStates().size(), 1u);
}

TEST(Replace, ARequestThatWasLookingIsServedByTheNewRules) {
  World world("rules:\n" + PodRule("a", "x"));
  world.backend.series = {PodSeries("a")};
  world.backend.hanging = {""};
  Started<bool> lookup = world.LookUp("pods", "a");
  const Started<bool> replaced =
      Replace(world, "rules:\n" + PodRule("b", "x") + PodRule("a", "y"));
  world.backend.Release();
  world.clock.Settle();
  EXPECT_EQ(lookup.answer(), true);
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[1]"));
}

TEST(Replace, ListsWhatWasKnownUntilOtherResourcesWereAskedAbout) {
  World world("rules:\n" + PodRule("a", "x"));
  world.backend.series = {PodSeries("a")};
  world.Round();
  world.backend.asked.clear();
  world.backend.hanging = {""};
  const Started<bool> replaced = LaunchTask(
      world.loop, Finished(world.refresher.Replace(
                      CompileRuleText("rules:\n" + PodRule("a", "x")))));
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[0]"));
  EXPECT_THAT(world.backend.asked, ElementsAre(Question("a")));
}

TEST(Replace, OtherBackendsAreAskedAboutRulesThatAreTheSame) {
  const std::string rules = "rules:\n" + PodRule("a", "x");
  World world(rules);
  world.backend.series = {PodSeries("a")};
  world.Round();
  world.backend.asked.clear();
  world.backend.hanging = {""};
  const Started<bool> replaced =
      Replace(world, "backends: [{name: b, url: http://b}]\n" + rules);
  // What was known is listed until they have answered.
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[0]"));
  EXPECT_THAT(world.backend.asked, ElementsAre(Question("a")));
  world.backend.series.clear();
  world.backend.Release();
  world.clock.Settle();
  EXPECT_THAT(world.Listing(), IsEmpty());
}

TEST(Replace, ForgetsTheMetricsOfResourcesThatHaveGone) {
  const std::string rules =
      "rules:\n- seriesQuery: a\n  resources: {template: <<.Resource>>}\n"
      "  metricsQuery: x\n";
  World world(rules);
  world.backend.series = {
      {{"__name__", "a"}, {"pod", "web-0"}, {"job", "web"}}};
  world.Round();
  ASSERT_THAT(world.Listing(), ElementsAre("jobs.batch/a = a of rules[0]",
                                           "pods/a = a of rules[0]"));
  world.backend.hanging = {""};
  const auto only_pods = std::make_shared<const model::ResourceTable>(
      model::ResourceTable::Build({{"", "v1", "pods", "pod", "Pod", true}}));
  const Started<bool> replaced = LaunchTask(
      world.loop,
      Finished(world.refresher.Replace(CompileRuleText(rules, only_pods))));
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[0]"));
}

TEST(Replace, AsksTogetherForRulesThatNowShareASeriesQuery) {
  World world("rules:\n" + PodRule("a", "x"));
  world.backend.series = {PodSeries("a")};
  world.Round();
  world.backend.asked.clear();
  Replace(world, "rules:\n" + PodRule("a", "x") + PodRule("a", "y"));
  EXPECT_THAT(world.backend.asked, ElementsAre(Question("a")));
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[1]"));
  world.backend.asked.clear();
  Replace(world, "rules:\n" + PodRule("a", "x"));
  EXPECT_THAT(world.backend.asked, IsEmpty());
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a = a of rules[0]"));
}

}  // namespace
}  // namespace sextant::catalog
