#include "sextant/query/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine_rules.h"
#include "support/result_matchers.h"

namespace sextant::query {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Engine, AnswersForOneObject) {
  World world(kRules);
  world.backend.series = AllSeries();
  const TimePoint then = world.clock.Now() - std::chrono::milliseconds(7);
  world.backend.answers[kHitsOfWeb0] =
      Vector({{{{"pod", "web-0"}}, 1.5}}, then);
  const auto items = world.Ask(Pod("web-0"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Pod shop/web-0 = 1500m"));
  EXPECT_EQ(items->front().time, then);
  EXPECT_THAT(world.backend.times, ElementsAre(world.clock.Now()));
  EXPECT_THAT(world.lister.requests, IsEmpty());
}

// A custom resource is installed while the program runs.
TEST(Engine, LooksForAResourceThatTheClusterMayHaveGot) {
  const model::Resource queue{"kueue.x-k8s.io", "v1",         "localqueues",
                              "localqueue",     "LocalQueue", true};
  const auto later = CompileRuleText(
      kRules, std::make_shared<const model::ResourceTable>(
                  model::ResourceTable::BuiltIn().With({queue})));
  World* made = nullptr;
  int looks = 0;
  Engine::Options options;
  options.look_for_resources = [&](TimePoint) -> Task<void> {
    if (++looks == 2) co_await made->refresher.Replace(later);
  };
  World world(kRules, options);
  made = &world;
  world.backend.series = {{{"__name__", "waiting_total"},
                           {"namespace", "shop"},
                           {"localqueue", "gpu"}}};
  world.backend.answers
      ["sum(rate(waiting_total{namespace=\"shop\",localqueue="
       "\"gpu\"}[2m])) by (localqueue)"] =
      Vector({{{{"localqueue", "gpu"}}, 2}});
  CustomRequest request = Pod("gpu", "waiting_per_second");
  request.resource = "localqueues.kueue.x-k8s.io";
  EXPECT_THAT(world.Ask(request),
              FailsWith(ErrorCode::kNotFound, HasSubstr("waiting")));
  const auto items = world.Ask(request);
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("LocalQueue shop/gpu = 2000m"));
  // It is known now.
  EXPECT_THAT(world.Ask(request), IsOk());
  EXPECT_EQ(looks, 2);
}

TEST(Engine, AnswersForAllObjectsInTheListersOrder) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.lister.names = std::vector<std::string>{"a", "b", "c"};
  world.backend.answers
      ["sum(rate(hits_total{namespace=\"shop\",pod=~\"a|b|c\"}[2m])) by "
       "(pod)"] = Vector({{{{"pod", "c"}}, 3},
                          {{{"pod", "zzz"}}, 9},
                          {{}, 7},
                          {{{"pod", "a"}}, 1}});
  CustomRequest request = Pod("*");
  request.object_selector = *model::Selector::Parse("app=web");
  const auto items = world.Ask(request);
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items),
              ElementsAre("Pod shop/a = 1000m", "Pod shop/c = 3000m"));
  ASSERT_EQ(world.lister.requests.size(), 1u);
  const model::ListRequest& list = world.lister.requests[0];
  EXPECT_EQ(list.resource->plural, "pods");
  EXPECT_EQ(list.namespace_, "shop");
  EXPECT_EQ(list.selector.ToString(), "app=web");
  EXPECT_EQ(list.label, "pod");
  EXPECT_THAT(list.series, HasSubstr("hits_total"));
}

TEST(Engine, AnswersForNamespacesAndNodes) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.backend
      .answers["sum(rate(hits_total{namespace=\"shop\"}[2m])) by (namespace)"] =
      Vector({{{{"namespace", "shop"}}, 2}});
  auto items = world.Ask(Root("namespaces", "shop", "hits_per_second"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Namespace shop = 2000m"));

  // HPAs know no other path for a node than one with their own namespace.
  world.backend.answers["sum(node_load{node=\"n1\"}) by (node)"] =
      Vector({{{{"node", "n1"}}, 4}});
  CustomRequest node = Root("nodes", "n1", "node_load");
  node.namespace_ = "shop";
  items = world.Ask(node);
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Node n1 = 4000m"));
}

TEST(Engine, SaysWhatIsMissing) {
  struct Row {
    CustomRequest request;
    ErrorCode code;
    std::string message;
  };
  const std::string no = "the server could not find the metric ";
  CustomRequest all_nodes = Root("nodes", "*", "node_load");
  all_nodes.namespace_ = "shop";
  CustomRequest teapot = Pod("web-0");
  teapot.resource = "teapots.example.com";
  CustomRequest all_teapots = teapot;
  all_teapots.name = "*";
  CustomRequest greater = Pod("web-0");
  greater.metric_selector = *model::Selector::Parse("code>400");
  const Row rows[] = {
      {teapot, ErrorCode::kNotFound,
       no + "hits_per_second for teapots.example.com"},
      {all_teapots, ErrorCode::kInternal,
       "Internal error occurred: unable to list matching resources"},
      {Root("pods", "web-0", "hits_per_second"), ErrorCode::kNotFound,
       no + "hits_per_second for pods"},
      {Root("pods", "*", "hits_per_second"), ErrorCode::kNotFound,
       no + "hits_per_second for pods"},
      {all_nodes, ErrorCode::kNotFound, no + "node_load for nodes"},
      {Pod("web-0", "nope"), ErrorCode::kNotFound, no + "nope for pods"},
      {Pod("web-0", "nsless"), ErrorCode::kNotFound, no + "nsless for pods"},
      {greater, ErrorCode::kNotFound, no + "hits_per_second for pods"},
      {Pod("*"), ErrorCode::kNotFound, no + "hits_per_second for pods"},
      {Pod("web-0"), ErrorCode::kNotFound,
       no + "hits_per_second for pods web-0"},
  };
  World world(kRules);
  world.backend.series = AllSeries();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message + " (" + row.request.name + ")");
    const auto items = world.Ask(row.request);
    EXPECT_THAT(items, FailsWith(row.code, row.message));
    EXPECT_NE(items.error().detail, "");
  }
}

TEST(Engine, LooksForAMetricThatTheCatalogLacks) {
  World world(kRules);
  RunTask(world.loop, Finished(world.refresher.RunOnce()));
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_THAT(world.Ask(Pod("web-0")), Not(IsOk()));
  world.clock.Advance(std::chrono::seconds(1));
  world.backend.series = AllSeries();
  world.backend.answers[kHitsOfWeb0] = Vector({{{{"pod", "web-0"}}, 1}});
  EXPECT_THAT(world.Ask(Pod("web-0")), IsOk());
}

// Whoever scales by "there is no such metric" must not hear it from a backend
// that is down.
TEST(Engine, DoesNotCallAMetricMissingThatTheBackendDidNotTellOf) {
  struct Row {
    ErrorCode backend;
    ErrorCode code;
    std::string message;
  };
  const std::string cannot = "Internal error occurred: unable to fetch metrics";
  const Row rows[] = {
      {ErrorCode::kUnavailable, ErrorCode::kInternal, cannot},
      {ErrorCode::kDeadlineExceeded, ErrorCode::kDeadlineExceeded,
       "Timeout: request did not complete within the allotted timeout"},
      // That will not pass: the rule is wrong, and others may be right.
      {ErrorCode::kInvalidArgument, ErrorCode::kNotFound,
       "the server could not find the metric hits_per_second for pods"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    World world(kRules);
    world.backend.failing.insert({"", Error{row.backend, "broken", ""}});
    for (int i = 0; i < 2; ++i) {  // asked, and from memory
      EXPECT_THAT(world.Ask(Pod("web-0")), FailsWith(row.code, row.message));
    }
    // A refusal is an answer: what was said before it counts no more.
    world.backend.failing.clear();
    world.backend.failing.insert(
        {"", Error{ErrorCode::kInvalidArgument, "no such path", ""}});
    world.clock.Advance(std::chrono::seconds(1));
    EXPECT_EQ(world.Ask(Pod("web-0")).error().code, ErrorCode::kNotFound);

    world.backend.failing.clear();
    world.backend.series = AllSeries();
    world.backend.answers[kHitsOfWeb0] = Vector({{{{"pod", "web-0"}}, 1}});
    world.clock.Advance(std::chrono::seconds(1));
    EXPECT_THAT(world.Ask(Pod("web-0")), IsOk());
  }
}

TEST(Engine, PassesOnWhyObjectsCannotBeListed) {
  struct Row {
    Error error;
    ErrorCode code;
    std::string message;
  };
  const Row rows[] = {
      {{ErrorCode::kUnavailable, "connection refused", ""},
       ErrorCode::kInternal,
       "Internal error occurred: unable to list matching resources"},
      {{ErrorCode::kInvalidArgument, "give me --standalone-objects", ""},
       ErrorCode::kInvalidArgument,
       "give me --standalone-objects"},
      {{ErrorCode::kDeadlineExceeded, "too slow", ""},
       ErrorCode::kDeadlineExceeded,
       kTimeout},
  };
  World world(kRules);
  world.backend.series = AllSeries();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.error.message);
    world.lister.names = row.error;
    EXPECT_THAT(world.Ask(Pod("*")), FailsWith(row.code, row.message));
    // Before the metric, as the peer: the list decides.
    EXPECT_THAT(world.Ask(Pod("*", "nope")), FailsWith(row.code, row.message));
  }
}

TEST(Engine, DoesNotWaitLongerForAListThanItsCaller) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.lister.hangs = true;
  Started<World::CustomAnswer> answer =
      world.Start(Pod("*"), std::chrono::seconds(5));
  world.clock.Advance(std::chrono::seconds(5));
  ASSERT_TRUE(answer.answer().has_value());
  EXPECT_THAT(*answer.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded, kTimeout));
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Engine, DecidesTheSevenStatesOfASample) {
  struct Row {
    std::string metric;
    double value;
    bool histogram;
    std::optional<std::int64_t> milli;
    std::string state;
  };
  const Row rows[] = {
      {"hits_per_second", 16.016, false, 16015, "value"},
      {"hits_per_second", -0.0005, false, 0, "value"},
      {"hits_per_second", kNan, false, 0, "nan_is_zero"},
      {"ratio", kNan, false, std::nullopt, "nan"},
      {"hits_per_second", kInf, false, std::nullopt, "infinite"},
      {"hits_per_second", -kInf, false, std::nullopt, "infinite"},
      {"hits_per_second", 1e18, false, std::nullopt, "overflow"},
      {"hits_per_second", 1, true, std::nullopt, "histogram"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.metric + " " + std::to_string(row.value));
    World world(kRules);
    world.backend.series = AllSeries();
    model::QueryResult answer = Vector({{{{"pod", "web-0"}}, row.value}});
    answer.samples[0].native_histogram = row.histogram;
    world.backend.answer_to_others = answer;
    world.lister.names = std::vector<std::string>{"web-0"};
    const auto named = world.Ask(Pod("web-0", row.metric));
    const auto listed = world.Ask(Pod("*", row.metric));
    ASSERT_THAT(listed, IsOk());
    if (row.milli) {
      ASSERT_THAT(named, IsOk());
      EXPECT_EQ(named->at(0).milli, *row.milli);
      EXPECT_EQ(listed->at(0).milli, *row.milli);
    } else {
      EXPECT_THAT(named, FailsWith(ErrorCode::kNotFound,
                                   "the server could not find the metric " +
                                       row.metric + " for pods web-0"));
      EXPECT_THAT(Lines(*listed), IsEmpty());
    }
    EXPECT_THAT(world.metrics.Text(),
                HasSubstr("state=\"" + row.state + "\"} 2"));
  }
}

TEST(Engine, TakesTheLastOfSeveralSamplesAndSaysSoOnce) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.backend.answer_to_others =
      Vector({{{{"pod", "web-0"}, {"x", "1"}}, 3},
              {{{"pod", "web-0"}, {"x", "2"}}, 4}});
  testing::internal::CaptureStderr();
  const auto items = world.Ask(Pod("web-0"));
  ASSERT_THAT(items, IsOk());
  EXPECT_THAT(Lines(*items), ElementsAre("Pod shop/web-0 = 4000m"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("several samples for one object"));
  testing::internal::CaptureStderr();
  EXPECT_THAT(world.Ask(Pod("web-0")), IsOk());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_rule_samples_total{rule=\"rules[0]\",state="
                        "\"overwritten\"} 2"));
}

TEST(Engine, IgnoresAndCountsSamplesThatAreNoObjectsOfTheRequest) {
  struct Row {
    std::string what;
    model::Labels labels;
    std::string state;
  };
  const Row rows[] = {
      {"no label", {{"namespace", "shop"}}, "no_label"},
      {"an empty label", {{"namespace", "shop"}, {"pod", ""}}, "no_label"},
      {"another namespace",
       {{"namespace", "other"}, {"pod", "web-0"}},
       "other_namespace"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    World world(kRules);
    world.backend.series = AllSeries();
    world.lister.names = std::vector<std::string>{"web-0"};
    // Last, where it would win over the good one.
    world.backend.answer_to_others = Vector(
        {{{{"pod", "web-0"}, {"namespace", "shop"}}, 1}, {row.labels, 2}});
    for (const std::string name : {"web-0", "*"}) {
      const auto items = world.Ask(Pod(name, "ratio"));
      ASSERT_THAT(items, IsOk());
      EXPECT_THAT(Lines(*items), ElementsAre("Pod shop/web-0 = 1000m"));
    }
    EXPECT_THAT(world.metrics.Text(),
                AllOf(HasSubstr("state=\"" + row.state + "\"} 2"),
                      HasSubstr("state=\"value\"} 2"),
                      HasSubstr("state=\"overwritten\"} 0")));

    // Alone, it is no value.
    world.backend.answer_to_others = Vector({{row.labels, 2}});
    EXPECT_THAT(world.Ask(Pod("web-0", "ratio")),
                FailsWith(ErrorCode::kNotFound,
                          "the server could not find the metric ratio for "
                          "pods web-0"));
  }
}

TEST(Engine, DoesNotGuessFromAnswersThatAreNoVector) {
  World world(kRules);
  world.backend.series = AllSeries();
  for (const auto type :
       {model::QueryResult::Type::kScalar, model::QueryResult::Type::kMatrix}) {
    model::QueryResult answer;
    answer.type = type;
    world.backend.answer_to_others = answer;
    EXPECT_THAT(world.Ask(Pod("web-0")),
                FailsWith(ErrorCode::kInternal, kCannotFetch));
  }
  model::QueryResult null;
  null.null = true;
  world.backend.answer_to_others = null;
  EXPECT_THAT(world.Ask(Pod("web-0")),
              FailsWith(ErrorCode::kNotFound, HasSubstr("for pods web-0")));
}

TEST(Engine, HidesTheBackendsErrorFromClientsAndKeepsItForTheLog) {
  World world(kRules);
  world.backend.series = AllSeries();
  world.backend.failing.insert(
      {kHitsOfWeb0,
       {ErrorCode::kUnavailable, "503 from http://prometheus", "refused"}});
  const auto items = world.Ask(Pod("web-0"));
  EXPECT_THAT(items, FailsWith(ErrorCode::kInternal, kCannotFetch));
  EXPECT_EQ(items.error().detail,
            std::string("503 from http://prometheus; query: ") + kHitsOfWeb0 +
                "; refused");
  world.backend.failing.clear();
  world.backend.failing.insert(
      {kHitsOfWeb0, {ErrorCode::kDeadlineExceeded, "too slow", ""}});
  EXPECT_THAT(world.Ask(Pod("web-0")),
              FailsWith(ErrorCode::kDeadlineExceeded, kTimeout));
}

}  // namespace
}  // namespace sextant::query
