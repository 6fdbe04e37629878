#include "sextant/backend/guarded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "backend/circuit.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::backend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

struct World {
  GuardedBackend::Options Options() {
    GuardedBackend::Options options;
    options.name = "shop";
    options.timeout = seconds(10);
    options.most_in_flight = 2;
    options.failures = 3;
    return options;
  }

  auto Launch(const std::string& promql, Duration patience = seconds(60)) {
    return LaunchTask(loop, guard.Query(promql, {}, clock.Now() + patience));
  }
  Result<model::QueryResult> Ask(const std::string& promql) {
    return *RunTask(loop, guard.Query(promql, {}, clock.Now() + seconds(60)));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend server{clock};
  obs::Metrics metrics;
  GuardedBackend guard{Options(), server, clock, metrics};
};

TEST(GuardedBackendTest, AQuestionHasTheTimeOfItsBackendAtMost) {
  World world;
  ASSERT_THAT(world.Ask("up"), IsOk());
  EXPECT_EQ(world.server.deadlines.back(), TimePoint(seconds(10)));
  ASSERT_TRUE(
      RunTask(world.loop, world.guard.Query("up", {}, TimePoint(seconds(4)))));
  EXPECT_EQ(world.server.deadlines.back(), TimePoint(seconds(4)));
}

TEST(GuardedBackendTest, ThoseBeyondTheLimitWaitForTheirTurn) {
  World world;
  world.server.hanging = {""};
  const auto a = world.Launch("a");
  const auto b = world.Launch("b");
  const auto c = world.Launch("c");
  const auto d = world.Launch("d");
  EXPECT_EQ(world.server.asked.size(), 2U);
  EXPECT_EQ(world.guard.waiting(), 2U);
  world.server.Release();
  world.clock.Settle();
  EXPECT_THAT(world.server.asked, ::testing::ElementsAre("query a", "query b",
                                                         "query c", "query d"));
  for (const auto* one : {&a, &b, &c, &d}) EXPECT_TRUE(one->Ended());
  EXPECT_EQ(world.guard.in_flight(), 0U);
  EXPECT_EQ(world.guard.waiting(), 0U);
}

TEST(GuardedBackendTest, WhoWaitsInVainOrLeavesGivesItsPlaceBack) {
  World world;
  world.server.hanging = {"a", "b"};
  auto a = world.Launch("a");
  auto b = world.Launch("b");
  auto late = world.Launch("late", seconds(2));
  auto gone = world.Launch("gone");
  gone.Cancel();
  world.clock.Advance(seconds(3));
  ASSERT_TRUE(late.answer());
  EXPECT_THAT(*late.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded, HasSubstr("shop")));
  EXPECT_TRUE(gone.Ended());
  EXPECT_EQ(world.guard.waiting(), 0U);
  a.Cancel();
  b.Cancel();
  world.clock.Settle();
  EXPECT_EQ(world.guard.in_flight(), 0U);
  EXPECT_THAT(world.Ask("after"), IsOk());
}

TEST(GuardedBackendTest, TooManyThatWaitAreTurnedAway) {
  World world;
  world.server.hanging = {""};
  using Asked = decltype(world.Launch("up"));
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < 2 + GuardedBackend::kMostWaiting; ++i) {
    asked.push_back(world.Launch("up"));
  }
  EXPECT_THAT(world.Ask("one more"),
              FailsWith(ErrorCode::kUnavailable,
                        "the backend \"shop\" has 2 questions to answer, and "
                        "100 wait for their turn; raise maxInFlight if it can "
                        "answer more"));
  world.server.Release();
  world.clock.Settle();
}

TEST(GuardedBackendTest, AfterSeveralFailuresItIsNotAskedUntilAProbeSucceeds) {
  World world;
  world.server.failing[""] = {ErrorCode::kUnavailable, "connection refused",
                              ""};
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(world.Ask("up"),
                FailsWith(ErrorCode::kUnavailable, "connection refused"));
  }
  const std::string refusal =
      "the backend \"shop\" has failed several times in a row and is asked "
      "only now and then until it answers; its last failure: connection "
      "refused";
  // Not asked, and then the probe, which is told the same.
  EXPECT_THAT(world.Ask("up"), FailsWith(ErrorCode::kUnavailable, refusal));
  EXPECT_EQ(world.server.asked.size(), 3U);
  world.clock.Advance(seconds(1));
  EXPECT_THAT(world.Ask("up"), FailsWith(ErrorCode::kUnavailable, refusal));
  EXPECT_EQ(world.server.asked.size(), 4U);
  // Twice the pause now.
  world.clock.Advance(seconds(1));
  EXPECT_THAT(world.Ask("up"), FailsWith(ErrorCode::kUnavailable, refusal));
  EXPECT_EQ(world.server.asked.size(), 4U);
  world.clock.Advance(seconds(1));
  world.server.failing.clear();
  EXPECT_THAT(world.Ask("up"), IsOk());
  EXPECT_THAT(world.Ask("up"), IsOk());
  EXPECT_TRUE(world.guard.circuit_closed());
  EXPECT_EQ(world.guard.failure(), "");
}

TEST(GuardedBackendTest, OneProbeAtATimeAndAnotherWhenItIsGivenUp) {
  World world;
  world.server.failing[""] = {ErrorCode::kUnavailable, "gone", ""};
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(world.Ask("up"));
  world.server.failing.clear();
  world.server.hanging = {"probe"};
  world.clock.Advance(seconds(1));
  auto probe = world.Launch("probe");
  EXPECT_EQ(world.server.waiting, 1U);
  EXPECT_THAT(world.Ask("up"),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("several times")));
  probe.Cancel();
  world.clock.Settle();
  EXPECT_THAT(world.Ask("up"), IsOk());
  EXPECT_TRUE(world.guard.circuit_closed());
}

TEST(GuardedBackendTest, OnlyWhatSaysThatTheServerIsIllIsAFailure) {
  const struct {
    const char* text;
    ErrorCode code;
    bool opens;
  } kCases[] = {
      {"no connection, 5xx", ErrorCode::kUnavailable, true},
      {"late", ErrorCode::kDeadlineExceeded, true},
      {"a query that is refused", ErrorCode::kInvalidArgument, false},
      {"an answer that is too large", ErrorCode::kTooLarge, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    World world;
    world.server.failing[""] = {c.code, "no", ""};
    for (int i = 0; i < 5; ++i) ASSERT_FALSE(world.Ask("up"));
    EXPECT_EQ(world.guard.circuit_closed(), !c.opens);
    EXPECT_EQ(world.server.asked.size(), c.opens ? 3U : 5U);
  }
}

TEST(GuardedBackendTest, WhoHasNoPatienceSaysNothingOfTheServer) {
  World world;
  world.server.hanging = {""};
  for (int i = 0; i < 4; ++i) {
    const auto asked = world.Launch("up", seconds(1));
    world.clock.Advance(seconds(2));
    EXPECT_TRUE(asked.Ended());
  }
  EXPECT_TRUE(world.guard.circuit_closed());
}

TEST(CircuitTest, ThePauseGrowsToItsLimitAndBeginsAnewAfterASuccess) {
  Circuit circuit({1, seconds(1), seconds(5)});
  TimePoint now{};
  EXPECT_TRUE(circuit.Failed(now, "x"));
  for (const int pause : {1, 2, 4, 5, 5}) {
    SCOPED_TRACE(pause);
    now += seconds(pause) - milliseconds(1);
    EXPECT_EQ(circuit.Enter(now), Circuit::Pass::kRefused);
    now += milliseconds(1);
    EXPECT_EQ(circuit.Enter(now), Circuit::Pass::kProbe);
    EXPECT_EQ(circuit.Enter(now), Circuit::Pass::kRefused);
    EXPECT_FALSE(circuit.Failed(now, "x"));
  }
  now += seconds(5);
  EXPECT_EQ(circuit.Enter(now), Circuit::Pass::kProbe);
  circuit.Succeeded();
  EXPECT_EQ(circuit.Enter(now), Circuit::Pass::kUsual);
  EXPECT_TRUE(circuit.Failed(now, "x"));
  EXPECT_EQ(circuit.Enter(now + seconds(1)), Circuit::Pass::kProbe);
}

}  // namespace
}  // namespace sextant::backend
