#include "kube/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fake_watches.h"
#include "fixture.h"
#include "sextant/base/spawn.h"

namespace sextant::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using State = Reflector::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kPath[] = "/api/v1/namespaces/shop/pods";

// A reflector that has listed web-0 at version 7 and watches from there.
struct World {
  explicit World(bool start = true) {
    server.lists.Answer(
        kPath, ListReply("7", {ObjectJson("shop", "web-0", "app=web")}));
    if (start) Start();
  }
  ~World() {
    running.Cancel();
    clock.Settle();
  }

  void Start() {
    running = Spawn(loop.get_executor(), Reflector::Run(reflector));
    clock.Settle();
  }

  // "-": there is no store to rely on.
  std::vector<std::string> Names(const std::string& selector = "") const {
    const auto store = reflector->Good();
    if (!store) return {"-"};
    model::ListRequest request;
    request.selector = *model::Selector::Parse(selector);
    return store->Names(request);
  }

  FakeWatch& watch() { return *server.open.at(0); }

  std::uint64_t Ends(const std::string& reason) {
    return metrics.Counter("sextant_kube_watch_restarts_total", "",
                           {{"reason", reason}});
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeWatchServer server{clock};
  Client client{At("https://kube"), server, [] { return ""; }, clock};
  obs::Metrics metrics;
  std::shared_ptr<WatchWorld> shared =
      std::make_shared<WatchWorld>(WatchWorld{client, clock, metrics, {}, {}});
  std::shared_ptr<Reflector> reflector = std::make_shared<Reflector>(
      shared, Collection{"", "v1", "pods", true, "shop"});
  Running running;
};

std::string Pod(const std::string& name, const std::string& labels,
                const std::string& version) {
  return ObjectJson("shop", name, labels, version);
}

TEST(Reflector, ListsThenFollowsWhatHappens) {
  World world(false);
  EXPECT_EQ(world.reflector->state(), State::kListing);
  EXPECT_THAT(world.Names(), ElementsAre("-"));
  world.Start();
  EXPECT_EQ(world.reflector->state(), State::kWatching);
  EXPECT_THAT(world.Names(), ElementsAre("web-0"));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.watch().path(), kPath);
  EXPECT_EQ(world.watch().Parameter("resourceVersion"), "7");
  EXPECT_EQ(world.watch().Parameter("allowWatchBookmarks"), "true");
  EXPECT_EQ(world.watch().Parameter("timeoutSeconds"), "120");

  world.watch().Send(EventJson("ADDED", Pod("web-1", "app=web", "8")) +
                     EventJson("MODIFIED", Pod("web-0", "app=old", "9")));
  EXPECT_THAT(world.Names(), ElementsAre("web-0", "web-1"));
  EXPECT_THAT(world.Names("app=web"), ElementsAre("web-1"));
  world.watch().Send(EventJson("DELETED", Pod("web-1", "app=web", "10")));
  EXPECT_THAT(world.Names("app=web"), IsEmpty());
  EXPECT_EQ(world.reflector->objects(), 1u);
}

TEST(Reflector, GoesOnWhereAWatchEnded) {
  World world;
  world.watch().Send(EventJson("ADDED", Pod("web-1", "", "8")));
  world.watch().Send(EventJson("BOOKMARK", Pod("", "", "20")));
  world.watch().End();
  world.clock.Settle();
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.watch().Parameter("resourceVersion"), "20");
  EXPECT_THAT(world.server.asked,
              ElementsAre(kPath, std::string(kPath) + "?watch",
                          std::string(kPath) + "?watch"));
  EXPECT_EQ(world.Ends("ended"), 1u);
  EXPECT_THAT(world.Names(), ElementsAre("web-0", "web-1"));
}

TEST(Reflector, KeepsTheStoreForAMinuteWhileItsWatchFails) {
  World world;
  world.watch().Send(EventJson("BOOKMARK", Pod("", "", "20")));
  world.server.refuse_watches = true;
  world.server.watches.Answer(kPath, StatusReply(503, "starting"));
  world.server.lists.Answer(kPath, StatusReply(503, "starting"));
  world.watch().Break();
  world.clock.Advance(seconds(59));
  EXPECT_THAT(world.Names(), ElementsAre("web-0"));
  EXPECT_EQ(world.reflector->state(), State::kWatching);
  world.clock.Advance(seconds(2));
  EXPECT_THAT(world.Names(), ElementsAre("-"));
  EXPECT_EQ(world.reflector->state(), State::kFailing);

  // The server is back: a list, since the failures were many.
  world.server.refuse_watches = false;
  world.server.lists.Answer(kPath, ListReply("30", {Pod("web-9", "", "")}));
  world.clock.Advance(seconds(31));
  EXPECT_THAT(world.Names(), ElementsAre("web-9"));
  EXPECT_EQ(world.reflector->state(), State::kWatching);
  EXPECT_EQ(world.watch().Parameter("resourceVersion"), "30");
}

TEST(Reflector, AWatchThatBreaksIsBegunAgainWhereItStopped) {
  World world;
  world.watch().Send(EventJson("ADDED", Pod("web-1", "", "8")));
  world.watch().Break();
  world.clock.Settle();
  EXPECT_THAT(world.server.open, IsEmpty());
  world.clock.Advance(seconds(1));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.watch().Parameter("resourceVersion"), "8");
  EXPECT_EQ(world.Ends("broken"), 1u);
  EXPECT_THAT(world.Names(), ElementsAre("web-0", "web-1"));
  // It is open, and so may be for good.
  world.clock.Advance(seconds(90));
  EXPECT_THAT(world.Names(), ElementsAre("web-0", "web-1"));
}

TEST(Reflector, PausesGrowWhileItFails) {
  World world;
  world.server.refuse_watches = true;
  world.server.watches.Answer(kPath, StatusReply(500, "no"));
  world.server.lists.Answer(kPath, StatusReply(400, "no"));
  world.watch().Break();
  std::vector<std::int64_t> at;  // seconds of the attempts
  std::size_t asked = world.server.asked.size();
  for (int second = 1; second <= 100; ++second) {
    world.clock.Advance(seconds(1));
    if (world.server.asked.size() > asked) at.push_back(second);
    asked = world.server.asked.size();
  }
  EXPECT_THAT(at, ElementsAre(1, 3, 7, 15, 31, 61, 91));
}

TEST(Reflector, ListsAgainWhenItsVersionIsGone) {
  for (const bool as_event : {true, false}) {
    SCOPED_TRACE(as_event ? "an ERROR event" : "status 410");
    World world;
    world.server.lists.Answer(kPath, ListReply("50", {Pod("web-5", "", "")}));
    if (as_event) {
      world.watch().Send(EventJson(
          "ERROR", R"({"kind":"Status","code":410,"reason":"Gone"})"));
    } else {
      world.server.refuse_watches = true;
      world.server.watches.Answer(kPath, StatusReply(410, "too old"));
      world.watch().Break();
      world.clock.Advance(seconds(1));
      world.server.refuse_watches = false;
    }
    EXPECT_THAT(world.Names(), ElementsAre("web-0"));
    world.clock.Advance(seconds(2));
    EXPECT_THAT(world.Names(), ElementsAre("web-5"));
    ASSERT_EQ(world.server.open.size(), 1u);
    EXPECT_EQ(world.watch().Parameter("resourceVersion"), "50");
    EXPECT_EQ(world.Ends("expired"), 1u);
  }
}

TEST(Reflector, NoticesAWatchThatHasGoneSilent) {
  World world;
  world.watch().Send(EventJson("BOOKMARK", Pod("", "", "20")));
  // As long as the server may let it be: 120 seconds, and ten.
  world.clock.Advance(seconds(129));
  EXPECT_THAT(world.Names(), ElementsAre("web-0"));
  EXPECT_EQ(world.Ends("silent"), 0u);
  world.clock.Advance(seconds(1));
  EXPECT_EQ(world.Ends("silent"), 1u);
  EXPECT_THAT(world.Names(), ElementsAre("-"));
  // That the next one is open shows nothing, but what it sends does.
  world.clock.Advance(seconds(60));
  ASSERT_EQ(world.server.open.size(), 1u);
  EXPECT_EQ(world.watch().Parameter("resourceVersion"), "20");
  EXPECT_THAT(world.Names(), ElementsAre("-"));
  world.watch().Send(EventJson("BOOKMARK", Pod("", "", "21")));
  EXPECT_THAT(world.Names(), ElementsAre("web-0"));
}

TEST(Reflector, AWatchThatEndsAtOnceIsAFailure) {
  World world;
  world.server.refuse_watches = true;
  world.server.watches.Answer(kPath, {.status = 200, .body = ""});
  world.watch().End();
  world.clock.Settle();
  const std::size_t asked = world.server.asked.size();
  world.clock.Advance(milliseconds(900));
  EXPECT_EQ(world.server.asked.size(), asked);
  world.clock.Advance(milliseconds(100));
  EXPECT_EQ(world.server.asked.size(), asked + 1);
}

TEST(Reflector, TextThatIsNoWatchIsAFailure) {
  World world;
  world.watch().Send("<html>");
  world.clock.Settle();
  EXPECT_EQ(world.Ends("broken"), 1u);
  world.clock.Advance(seconds(1));
  EXPECT_EQ(world.server.open.size(), 1u);
}

TEST(Reflector, WithoutTheRightToWatchItTriesAgainInFiveMinutes) {
  World world(false);
  world.server.refuse_watches = true;
  world.server.watches.Answer(kPath, StatusReply(403, "no"));
  world.Start();
  EXPECT_EQ(world.reflector->state(), State::kRefused);
  EXPECT_THAT(world.Names(), ElementsAre("-"));
  EXPECT_EQ(world.reflector->objects(), 0u);
  EXPECT_THAT(world.shared->refused, ElementsAre("pods"));
  world.clock.Advance(seconds(299));
  EXPECT_EQ(world.server.asked.size(), 2u);
  world.server.refuse_watches = false;
  world.clock.Advance(seconds(1));
  EXPECT_EQ(world.reflector->state(), State::kWatching);
  EXPECT_THAT(world.Names(), ElementsAre("web-0"));
}

TEST(Reflector, WithoutTheRightToListItTriesAgainInFiveMinutes) {
  World world(false);
  world.server.lists.Answer(kPath, StatusReply(403, "no"));
  world.Start();
  EXPECT_EQ(world.reflector->state(), State::kRefused);
  // Who asks for objects is told; the log is not.
  EXPECT_THAT(world.shared->refused, IsEmpty());
  world.clock.Advance(seconds(299));
  EXPECT_EQ(world.server.asked.size(), 1u);
}

TEST(Reflector, CountsHowLongItsListsTake) {
  World world;
  EXPECT_THAT(
      world.metrics.Text(),
      HasSubstr(
          "sextant_kube_list_duration_seconds_count{purpose=\"watch\"} 1\n"));
}

TEST(Reflector, AWatchIsAskedToEndAfterUpToHalfAsLongAgain) {
  World world(false);
  world.shared->jitter = [] { return 0.5; };
  world.Start();
  EXPECT_EQ(world.watch().Parameter("timeoutSeconds"), "150");
}

}  // namespace
}  // namespace sextant::kube
