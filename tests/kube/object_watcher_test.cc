#include "sextant/kube/object_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fake_watches.h"
#include "fixture.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using model::ObjectMetadata;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kShop[] = "/api/v1/namespaces/shop/pods";
constexpr char kBank[] = "/api/v1/namespaces/bank/pods";
constexpr char kAll[] = "/api/v1/pods";

// An ObjectWatcher whose API server has the pods web-0 and db-0 in the
// namespace shop and web-0 in the namespace bank.
struct World {
  explicit World(ObjectWatcher::Options options = {})
      : watcher(std::move(options), client, clock, metrics) {
    const std::string web = ObjectJson("shop", "web-0", "app=web");
    const std::string db = ObjectJson("shop", "db-0", "app=db");
    const std::string bank = ObjectJson("bank", "web-0", "app=web");
    server.lists.Answer(kShop, ListReply("7", {web, db}));
    server.lists.Answer(kBank, ListReply("7", {bank}));
    server.lists.Answer(kAll, ListReply("7", {web, db, bank}));
  }
  ~World() {
    watcher.Stop();
    clock.Settle();
  }

  model::ListRequest Request(const std::string& namespace_,
                             const std::string& selector = "") {
    model::ListRequest request;
    request.resource = &pods;
    request.namespace_ = namespace_;
    request.selector = *model::Selector::Parse(selector);
    request.deadline = clock.Now() + seconds(10);
    return request;
  }

  Started<Result<std::vector<std::string>>> Start(
      const std::string& namespace_, const std::string& selector = "") {
    return LaunchTask(loop, watcher.List(Request(namespace_, selector)));
  }
  std::vector<std::string> Names(const std::string& namespace_,
                                 const std::string& selector = "") {
    const auto answer = Start(namespace_, selector).answer();
    if (!answer) return {"(waits)"};
    return *answer ? **answer
                   : std::vector<std::string>{answer->error().message};
  }
  std::size_t Asked() {
    const std::size_t asked = server.asked.size();
    server.asked.clear();
    return asked;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeWatchServer server{clock};
  Client client{At("https://kube"), server, [] { return ""; }, clock};
  obs::Metrics metrics;
  ObjectWatcher watcher;
  model::Resource pods{"", "v1", "pods", "pod", "Pod", true};
  model::Resource nodes{"", "v1", "nodes", "node", "Node", false};
};

TEST(ObjectWatcher, AnswersFromMemoryOnceItWatches) {
  World world;
  EXPECT_THAT(world.Names("shop", "app=web"), ElementsAre("web-0"));
  // The question's own list had the selector; the watch's had not.
  EXPECT_EQ(world.server.lists.requests.at(0).url.query + "|" +
                world.server.lists.requests.at(1).url.query,
            "limit=500|labelSelector=app%3Dweb&limit=500");
  world.Asked();
  EXPECT_THAT(world.Names("shop", "app=db"), ElementsAre("db-0"));
  EXPECT_THAT(world.Names("shop"), ElementsAre("db-0", "web-0"));
  ASSERT_EQ(world.server.open.size(), 1u);
  world.server.open[0]->Send(
      EventJson("ADDED", ObjectJson("shop", "web-1", "app=web", "8")));
  EXPECT_THAT(world.Names("shop", "app=web"), ElementsAre("web-0", "web-1"));
  EXPECT_EQ(world.Asked(), 0u);
}

TEST(ObjectWatcher, GivesObjectsWithTheirLabels) {
  World world;
  const auto answer =
      LaunchTask(world.loop, world.watcher.ListMetadata(world.Request("")))
          .answer();
  ASSERT_THAT(*answer, IsOk());
  EXPECT_THAT(**answer,
              ElementsAre(ObjectMetadata{{"bank", "web-0"}, {{"app", "web"}}},
                          ObjectMetadata{{"shop", "db-0"}, {{"app", "db"}}},
                          ObjectMetadata{{"shop", "web-0"}, {{"app", "web"}}}));
}

TEST(ObjectWatcher, FindsOneObjectByItsName) {
  World world;
  model::ListRequest request = world.Request("shop");
  request.name = "db-0";
  for (const char* where : {"a list", "the watch"}) {
    SCOPED_TRACE(where);
    const auto answer =
        LaunchTask(world.loop, world.watcher.ListMetadata(request)).answer();
    ASSERT_THAT(*answer, IsOk());
    EXPECT_THAT(**answer,
                ElementsAre(ObjectMetadata{{"shop", "db-0"}, {{"app", "db"}}}));
  }
  EXPECT_EQ(world.server.lists.requests.at(1).url.query,
            "fieldSelector=metadata.name%3Ddb-0&limit=500");
}

TEST(ObjectWatcher, WatchesWhatHasNoNamespace) {
  World world;
  world.server.lists.Answer("/api/v1/nodes",
                            ListReply("7", {ObjectJson("", "node-0")}));
  // An HPA asks for them in its own namespace.
  model::ListRequest request = world.Request("shop");
  request.resource = &world.nodes;
  request.namespace_.clear();
  for (const char* where : {"a list", "the watch"}) {
    SCOPED_TRACE(where);
    const auto answer =
        LaunchTask(world.loop, world.watcher.List(request)).answer();
    ASSERT_THAT(*answer, IsOk());
    EXPECT_THAT(**answer, ElementsAre("node-0"));
  }
  EXPECT_THAT(
      world.server.asked,
      ElementsAre("/api/v1/nodes", "/api/v1/nodes?watch", "/api/v1/nodes"));
}

TEST(ObjectWatcher, NeverAsksForANameThatIsAPath) {
  World world;
  for (const char* name : {"..", ".", "a/b", "a%2fb"}) {
    EXPECT_THAT(world.Names(name), IsEmpty()) << name;
  }
  EXPECT_EQ(world.Asked(), 0u);
}

// A list that takes its time: the server's answer is a watch that ends.
TEST(ObjectWatcher, EqualQuestionsShareAListEachWithItsOwnDeadline) {
  World world;
  FakeReply busy = StatusReply(429, "later");
  world.server.lists.AnswerInTurn(kShop, {busy, busy, busy, busy, busy, busy});
  model::ListRequest soon = world.Request("shop", "app=web");
  soon.deadline = world.clock.Now() + std::chrono::milliseconds(400);
  const auto first = LaunchTask(world.loop, world.watcher.List(soon));
  const auto second = world.Start("shop", "app=web");
  const auto other = world.Start("shop", "app=db");
  // The watch's own list, and one for each selector.
  EXPECT_EQ(world.Asked(), 3u);
  world.clock.Advance(std::chrono::milliseconds(400));
  ASSERT_TRUE(first.answer());
  EXPECT_THAT(*first.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded,
                        "listing pods in namespace \"shop\": the API server "
                        "has not answered in time"));
  EXPECT_FALSE(second.answer());
  world.server.lists.Answer(
      kShop, ListReply("7", {ObjectJson("shop", "web-0", "app=web")}));
  world.clock.Advance(seconds(1));
  ASSERT_TRUE(second.answer());
  EXPECT_THAT(**second.answer(), ElementsAre("web-0"));
  EXPECT_THAT(**other.answer(), IsEmpty());
}

TEST(ObjectWatcher, ANamespaceIsNotWatchedWhenAllAre) {
  World world;
  EXPECT_THAT(world.Names(""), ElementsAre("db-0", "web-0"));
  world.Asked();
  EXPECT_THAT(world.Names("shop", "app=web"), ElementsAre("web-0"));
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  EXPECT_EQ(world.Asked(), 0u);
  EXPECT_EQ(world.server.open.size(), 1u);
}

TEST(ObjectWatcher, ManyNamespacesBecomeOneWatch) {
  ObjectWatcher::Options options;
  options.max_namespaces = 1;
  World world(options);
  world.Names("shop");
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  EXPECT_THAT(world.server.asked,
              ElementsAre(kShop, std::string(kShop) + "?watch", kShop, kAll,
                          std::string(kAll) + "?watch", kBank));
  // That of the one namespace has nothing left to do.
  EXPECT_EQ(world.server.open.size(), 2u);
  world.clock.Advance(minutes(1));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.server.open[0]->path(), kAll);
}

TEST(ObjectWatcher, ManyNamespacesAreWatchedOneByOneIfAllMayNotBe) {
  ObjectWatcher::Options options;
  options.max_namespaces = 1;
  World world(options);
  world.server.lists.Answer(kAll, StatusReply(403, "no"));
  world.Names("shop");
  world.Names("bank");
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  world.Asked();
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  EXPECT_EQ(world.Asked(), 0u);
}

TEST(ObjectWatcher, GivesUpWatchesThatNobodyAsks) {
  World world;
  world.Names("shop");
  world.Names("bank");
  world.clock.Advance(minutes(6));
  EXPECT_THAT(world.Names("shop"), ElementsAre("db-0", "web-0"));
  world.clock.Advance(minutes(5));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.server.open[0]->path(), kShop);
  world.clock.Advance(minutes(5));
  EXPECT_THAT(world.server.open, IsEmpty());
}

TEST(ObjectWatcher, HasNoMoreWatchesThanItMay) {
  ObjectWatcher::Options options;
  options.max_watches = 1;
  World world(options);
  world.Names("shop");
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.server.open[0]->path(), kShop);
  // Nobody has asked for the other namespace for a minute.
  world.clock.Advance(minutes(1));
  world.Names("bank");
  world.clock.Settle();
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.server.open[0]->path(), kBank);
}

TEST(ObjectWatcher, SaysWhichRuleIsMissing) {
  World world;
  world.server.lists.Answer(kShop, StatusReply(403, "pods is forbidden"));
  EXPECT_THAT(
      *world.Start("shop").answer(),
      FailsWith(ErrorCode::kUnavailable,
                "sextant may not list pods in namespace \"shop\"; its "
                "ClusterRole needs the rule - {apiGroups: [\"\"], resources: "
                "[\"pods\"], verbs: [\"list\", \"watch\"]}"));
  // Once it has been given, the next question succeeds.
  world.server.lists.Answer(kShop,
                            ListReply("7", {ObjectJson("shop", "web-0")}));
  EXPECT_THAT(world.Names("shop"), ElementsAre("web-0"));
}

TEST(ObjectWatcher, AnswersByListsWithoutTheRightToWatch) {
  World world;
  world.server.refuse_watches = true;
  world.server.watches.Answer(kShop, StatusReply(403, "no"));
  EXPECT_THAT(world.Names("shop"), ElementsAre("db-0", "web-0"));
  world.Asked();
  EXPECT_THAT(world.Names("shop"), ElementsAre("db-0", "web-0"));
  EXPECT_THAT(world.server.asked, ElementsAre(kShop));
}

TEST(ObjectWatcher, AnswersByListsWhenItsWatchCannotBeReliedOn) {
  World world;
  world.Names("shop");
  world.server.refuse_watches = true;
  world.server.watches.Answer(kShop, StatusReply(500, "no"));
  world.server.lists.Answer(kShop, StatusReply(500, "down"));
  world.server.open.at(0)->Break();
  world.clock.Advance(seconds(59));
  EXPECT_THAT(world.Names("shop"), ElementsAre("db-0", "web-0"));
  world.clock.Advance(seconds(2));
  const auto answer = world.Start("shop");
  for (int i = 0; i < 5; ++i) world.clock.Advance(seconds(2));
  ASSERT_TRUE(answer.answer());
  EXPECT_THAT(*answer.answer(),
              FailsWith(ErrorCode::kUnavailable,
                        "listing pods in namespace \"shop\": down"));
}

// All watches fail when the API server goes: that is one event.
TEST(ObjectWatcher, SaysOnceThatTheApiServerIsDown) {
  World world;
  for (const char* place : {"shop", "bank"}) world.Names(place);
  world.server.refuse_watches = true;
  for (const char* path : {kShop, kBank}) {
    world.server.watches.Answer(path, StatusReply(503, "starting"));
  }
  testing::internal::CaptureStderr();
  const std::vector<std::shared_ptr<FakeWatch>> broken = world.server.open;
  for (const auto& watch : broken) watch->Break();
  world.clock.Advance(seconds(20));
  const std::string down = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(down.begin(), down.end(), '\n'), 1) << down;
  EXPECT_THAT(down, HasSubstr("error=starting"));

  testing::internal::CaptureStderr();
  world.server.refuse_watches = false;
  world.clock.Advance(seconds(31));
  ASSERT_EQ(world.server.open.size(), 2u);
  for (const auto& watch : world.server.open) {
    watch->Send(EventJson("BOOKMARK", ObjectJson("", "", "", "40")));
  }
  const std::string up = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(up.begin(), up.end(), '\n'), 1) << up;
  EXPECT_THAT(up, HasSubstr("watches=2"));
}

TEST(ObjectWatcher, ShowsItsWatchesAndObjects) {
  World world;
  world.server.lists.Answer("/api/v1/nodes", StatusReply(403, "no"));
  world.Names("shop");
  world.Names("bank");
  model::ListRequest request = world.Request("");
  request.resource = &world.nodes;
  LaunchTask(world.loop, world.watcher.List(request));
  const std::string text = world.metrics.Text();
  for (const char* line :
       {"sextant_kube_watches{resource=\"nodes\",state=\"refused\"} 1\n",
        "sextant_kube_watches{resource=\"pods\",state=\"watching\"} 2\n",
        "sextant_kube_objects{resource=\"nodes\"} 0\n",
        "sextant_kube_objects{resource=\"pods\"} 3\n",
        "sextant_kube_list_duration_seconds_count{purpose=\"request\"} 3\n",
        "sextant_kube_list_duration_seconds_count{purpose=\"watch\"} 3\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ObjectWatcher, AfterStopNothingIsWaitedFor) {
  World world;
  world.Names("shop");
  world.watcher.Stop();
  world.clock.Settle();
  EXPECT_THAT(world.server.open, IsEmpty());
  EXPECT_THAT(world.Names("bank"), ElementsAre("web-0"));
  EXPECT_THAT(world.server.open, IsEmpty());
  world.loop.restart();
  EXPECT_EQ(world.loop.run(), 0u);
}

}  // namespace
}  // namespace sextant::kube
