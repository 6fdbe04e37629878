#include "cloud/renewed.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;

// Secrets "1", "2", ... that last an hour, from a server that takes its time.
struct Fixture {
  Task<Result<Renewed<std::string>::Lease>> Fetch() {
    ++asked;
    if (takes.count() > 0) co_await clock.SleepUntil(clock.Now() + takes);
    if (failure) co_return *failure;
    co_return Renewed<std::string>::Lease{std::to_string(asked),
                                          clock.Now() + lasts};
  }
  Task<Result<std::string>> Get() { return secret.Get(deadline); }
  std::string Value() {
    const auto value = RunTask(loop, Get());
    if (!value) return "(waits)";
    return *value ? **value : value->error().message;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  int asked = 0;
  Duration takes{};
  Duration lasts = 1h;
  std::optional<Error> failure;
  TimePoint deadline = TimePoint::max();
  Renewed<std::string> secret{[this](TimePoint) { return Fetch(); }, 5min,
                              clock};
};

const Error kDown{ErrorCode::kUnavailable, "down", ""};

TEST(Renewed, IsRenewedFiveMinutesBeforeItsEnd) {
  Fixture f;
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(55min - 1ms);
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(1ms);
  EXPECT_EQ(f.Value(), "2");
  EXPECT_EQ(f.Value(), "2");
}

TEST(Renewed, LastsHalfItsTimeAtLeast) {
  Fixture f;
  f.lasts = 1min;
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(29s);
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(1s);
  EXPECT_EQ(f.Value(), "2");
}

TEST(Renewed, AsksOnceForAllWhoWait) {
  Fixture f;
  f.takes = 1s;
  auto one = LaunchTask(f.loop, f.Get());
  auto two = LaunchTask(f.loop, f.Get());
  f.clock.Advance(1s);
  ASSERT_TRUE(one.answer() && two.answer());
  EXPECT_EQ(**one.answer(), "1");
  EXPECT_EQ(**two.answer(), "1");
  EXPECT_EQ(f.asked, 1);
}

TEST(Renewed, TheOldOneServesWhileTheServerIsDown) {
  Fixture f;
  EXPECT_EQ(f.Value(), "1");
  f.failure = kDown;
  f.clock.Advance(56min);
  EXPECT_EQ(f.Value(), "1");
  EXPECT_EQ(f.Value(), "1");
  EXPECT_EQ(f.asked, 2);
  f.clock.Advance(30s);
  EXPECT_EQ(f.Value(), "1");
  EXPECT_EQ(f.asked, 3);
  f.clock.Advance(4min);
  EXPECT_EQ(f.Value(), "down");
  f.failure.reset();
  EXPECT_EQ(f.Value(), "5");
}

TEST(Renewed, ASlowServerCostsTwoSecondsWhileTheOldOneIsGood) {
  Fixture f;
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(56min);
  f.takes = 1h;
  auto asking = LaunchTask(f.loop, f.Get());
  f.clock.Advance(2s - 1ms);
  EXPECT_FALSE(asking.Ended());
  f.clock.Advance(1ms);
  ASSERT_TRUE(asking.answer());
  EXPECT_EQ(**asking.answer(), "1");
}

TEST(Renewed, WithoutAGoodOneTheDeadlineOrTenSecondsCount) {
  for (const Duration limit : {Duration(3s), Duration(10s)}) {
    Fixture f;
    f.takes = 1h;
    if (limit < 10s) f.deadline = TimePoint(limit);
    auto asking = LaunchTask(f.loop, f.Get());
    f.clock.Advance(limit - 1ms);
    EXPECT_FALSE(asking.Ended());
    f.clock.Advance(1ms);
    ASSERT_TRUE(asking.answer());
    EXPECT_THAT(*asking.answer(),
                FailsWith(ErrorCode::kDeadlineExceeded,
                          "the credentials for the backend did not come in "
                          "time"));
  }
}

TEST(Renewed, WhatHasEndedAlreadyIsNoSecret) {
  for (const Duration lasts : {Duration(0), Duration(-1h)}) {
    Fixture f;
    f.lasts = lasts;
    EXPECT_EQ(f.Value(),
              "the credentials for the backend had ended when they came");
  }
}

TEST(Renewed, ARefusedOneIsDroppedButNotInItsFirstMinute) {
  Fixture f;
  const auto is_one = [](const std::string& value) { return value == "1"; };
  EXPECT_EQ(f.Value(), "1");
  f.clock.Advance(59s);
  EXPECT_FALSE(f.secret.Drop(is_one));
  f.clock.Advance(1s);
  EXPECT_TRUE(f.secret.Drop(is_one));
  EXPECT_EQ(f.Value(), "2");
  // Somebody else was refused with the first: the second is there for him.
  EXPECT_TRUE(f.secret.Drop(is_one));
  EXPECT_EQ(f.Value(), "2");
}

}  // namespace
}  // namespace sextant::cloud
