// Discovery on backends that take no pattern of metric names.

#include "catalog/catalogue_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sextant/backend/every_series.h"
#include "world.h"

namespace sextant::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kList =
    std::string("values __name__ ") + backend::kEverySeries;

constexpr char kResources[] =
    "  resources:\n"
    "    overrides: {namespace: {resource: namespace}, pod: {resource: pod}}\n"
    "  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by "
    "(<<.GroupBy>>)'\n";

std::string Rules(const std::string& series_query,
                  const std::string& more = "") {
  return "rules:\n- seriesQuery: '" + series_query + "'\n" + kResources + more;
}

model::Labels PodSeries(const std::string& name) {
  return {{"__name__", name}, {"namespace", "shop"}, {"pod", "web-0"}};
}

void SpeakAs(World& world, const char* dialect) {
  world.backend.recognition = {backend::FindDialect(dialect), "the test"};
}

std::size_t CountOf(const FakeBackend& backend, const std::string& start) {
  std::size_t count = 0;
  for (const std::string& asked : backend.asked) {
    count += asked.starts_with(start) ? 1 : 0;
  }
  return count;
}

TEST(CatalogueReader, AsksForTheLabelsOfTheNamesThatARuleCanTake) {
  for (const char* dialect : {"google", "azure"}) {
    SCOPED_TRACE(dialect);
    World world(Rules(R"({__name__=~"^http_.*",pod!=""})"));
    SpeakAs(world, dialect);
    world.backend.series = {
        PodSeries("http_a"),
        {{"__name__", "http_b"}, {"namespace", "shop"}},  // of no pod
        PodSeries("other"),
        {{"__name__", "compute.googleapis.com/cpu"}}};
    EXPECT_TRUE(world.Round());
    EXPECT_THAT(world.Listing(),
                ElementsAre("namespaces/http_a = http_a of rules[0]",
                            "pods/http_a = http_a of rules[0]"));
    // Exact names only, and nothing that is not wanted.
    EXPECT_THAT(world.backend.asked,
                ElementsAre(kList, R"(names {__name__="http_a",pod!=""})",
                            R"(names {__name__="http_b",pod!=""})"));
  }
}

TEST(CatalogueReader, RemembersNothingOfABackendThatIsAnotherNow) {
  const std::string rules = Rules(R"({__name__=~"^http_.*",pod!=""})");
  World world(rules);
  SpeakAs(world, "google");
  world.backend.series = {PodSeries("http_a")};
  EXPECT_TRUE(world.Round());
  // One list has been read, and another is on the way when that happens.
  const auto replace = [&world](const std::string& text) {
    return LaunchTask(world.loop,
                      Finished(world.refresher.Replace(CompileRuleText(
                          text, world.refresher.rules()->resources))));
  };
  world.backend.hanging = {backend::kEverySeries};
  const auto first = replace("backends: [{name: b, url: http://b}]\n" + rules);
  const auto second = replace("backends: [{name: b, url: http://c}]\n" + rules);
  world.backend.series = {PodSeries("http_b")};
  world.backend.Release();
  world.clock.Settle();
  EXPECT_TRUE(world.Round());
  EXPECT_THAT(world.Listing(),
              ElementsAre("namespaces/http_b = http_b of rules[0]",
                          "pods/http_b = http_b of rules[0]"));
}

TEST(CatalogueReader, NeedsNoListForAnExactName) {
  World world(Rules("http_a{pod!=\"\"}"));
  SpeakAs(world, "google");
  world.backend.series = {PodSeries("http_a"), PodSeries("http_b")};
  EXPECT_TRUE(world.Round());
  EXPECT_THAT(world.Listing(),
              ElementsAre("namespaces/http_a = http_a of rules[0]",
                          "pods/http_a = http_a of rules[0]"));
  EXPECT_THAT(world.backend.asked,
              ElementsAre(R"(names {__name__="http_a",pod!=""})"));
}

TEST(CatalogueReader, ReadsTheListOnceForAllRulesAndForSomeMinutes) {
  World world(Rules(R"({__name__=~"^a_.*"})") +
              Rules(R"({__name__=~"^b_.*"})").substr(7) +
              "externalRules:\n- seriesQuery: '{__name__=~\"^c_.*\"}'\n" +
              kResources);
  SpeakAs(world, "google");
  world.backend.series = {PodSeries("a_x"), PodSeries("b_x"), PodSeries("c_x")};
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.backend.Count(kList), 1u);
  EXPECT_THAT(world.Listing(), ElementsAre("namespaces/a_x = a_x of rules[0]",
                                           "namespaces/b_x = b_x of rules[1]",
                                           "pods/a_x = a_x of rules[0]",
                                           "pods/b_x = b_x of rules[1]",
                                           "c_x = c_x of externalRules[0]"));
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.backend.Count(kList), 1u);
  // But each round looks at the labels again.
  EXPECT_EQ(CountOf(world.backend, "names"), 6u);
  world.clock.Advance(std::chrono::minutes(10));
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.backend.Count(kList), 2u);
}

TEST(CatalogueReader, AMissDoesNotAskForEverythingAgain) {
  World world(Rules(R"({__name__=~"^a_.*"})"));
  SpeakAs(world, "google");
  world.backend.series = {PodSeries("a_x"), PodSeries("a_y")};
  EXPECT_TRUE(world.Round());
  const std::size_t asked = world.backend.asked.size();
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.LookUp("pods", "a_none").answer(), false);
  EXPECT_EQ(world.backend.asked.size(), asked);
}

TEST(CatalogueReader, AMetricWithAnExactNameIsFoundAsSoonAsItHasASample) {
  World world(Rules("a_new"));
  SpeakAs(world, "google");
  EXPECT_TRUE(world.Round());
  EXPECT_THAT(world.Listing(), IsEmpty());
  world.backend.series = {PodSeries("a_new")};
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.LookUp("pods", "a_new").answer(), true);
  EXPECT_THAT(world.Listing(), ElementsAre("pods/a_new = a_new of rules[0]"));
}

TEST(CatalogueReader, RefusesARuleThatFitsTooMuchOfTheList) {
  World world(Rules("{pod!=\"\"}"));
  SpeakAs(world, "google");
  for (int i = 0; i < 501; ++i) {
    world.backend.series.push_back(PodSeries("m" + std::to_string(i)));
  }
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.refresher.RuleStates()[0].error,
            "the seriesQuery fits 501 names of metrics, and this backend must "
            "be asked about each; write a pattern of __name__ that fits 500 at "
            "most");
  EXPECT_EQ(world.backend.asked.size(), 1u);
}

TEST(CatalogueReader, SaysThatASelectorItCannotReadIsOfNoUse) {
  World world(Rules("{__name__=~\"^a_.*\"} or b"));
  SpeakAs(world, "azure");
  EXPECT_TRUE(world.Round());
  EXPECT_THAT(world.refresher.RuleStates()[0].error,
              HasSubstr("takes only exact names of metrics"));
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST(CatalogueReader, AFailureForOneNameKeepsWhatWasKnown) {
  World world(Rules(R"({__name__=~"^a_.*"})"));
  SpeakAs(world, "google");
  world.backend.series = {PodSeries("a_x"), PodSeries("a_y")};
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.Listing().size(), 4u);
  world.backend.failing.insert(
      {R"({__name__="a_y"})",
       {ErrorCode::kUnavailable, "RESOURCE_EXHAUSTED: quota", ""}});
  EXPECT_TRUE(world.Round());
  EXPECT_EQ(world.Listing().size(), 4u);
  EXPECT_EQ(world.refresher.RuleStates()[0].error, "RESOURCE_EXHAUSTED: quota");
}

// A backend that is recognised by the first question that it is asked.
class LateBackend final : public backend::Backend {
 public:
  explicit LateBackend(FakeBackend& inner) : inner_(inner) {}

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, backend::SeriesMatch match,
      TimePoint deadline) override {
    Recognise();
    return inner_.LabelValues(label, std::move(match), deadline);
  }
  Task<Result<std::vector<std::string>>> LabelNames(
      backend::SeriesMatch match, TimePoint deadline) override {
    Recognise();
    return inner_.LabelNames(std::move(match), deadline);
  }
  Task<Result<Done>> Series(backend::SeriesMatch match, TimePoint deadline,
                            backend::SeriesSink sink) override {
    return inner_.Series(std::move(match), deadline, std::move(sink));
  }
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override {
    return inner_.Query(promql, time, deadline);
  }
  backend::Recognition recognised() const override {
    return inner_.recognised();
  }

 private:
  void Recognise() {
    inner_.recognition = {backend::FindDialect("google"), "its buildinfo"};
  }

  FakeBackend& inner_;
};

TEST(CatalogueReader, IsUsedAtOnceForABackendThatIsRecognisedMeanwhile) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  FakeBackend fake(clock);
  LateBackend late(fake);
  fake.series = {PodSeries("a_x")};
  obs::Metrics metrics;
  Refresher refresher({}, CompileRuleText(Rules(R"({__name__=~"^a_.*"})")),
                      late, clock, metrics);
  ASSERT_TRUE(RunTask(loop, Finished(refresher.RunOnce())));
  EXPECT_EQ(refresher.Current()->custom().size(), 2u);
  EXPECT_EQ(fake.asked.back(), R"(names {__name__="a_x"})");
}

}  // namespace
}  // namespace sextant::catalog
