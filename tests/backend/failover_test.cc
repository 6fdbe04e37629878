#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "sextant/backend/several.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::backend {
namespace {

using std::chrono::seconds;

struct Pair {
  Result<model::QueryResult> Ask() {
    return *RunTask(loop, pair.Query("up", {}, clock.Now() + seconds(20)));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend a{clock};
  FakeBackend b{clock};
  obs::Metrics metrics;
  FailoverBackend pair{"pair", {{"a", &a}, {"b", &b}}, clock, metrics};
};

TEST(FailoverBackendTest, TheSecondIsAskedOnlyWhenTheFirstFails) {
  const struct {
    const char* text;
    std::optional<ErrorCode> first;
    std::size_t asks_second;
    bool answers;
  } kCases[] = {
      {"an answer", std::nullopt, 0, true},
      {"down", ErrorCode::kUnavailable, 1, true},
      {"late", ErrorCode::kDeadlineExceeded, 1, true},
      {"refused", ErrorCode::kInvalidArgument, 0, false},
      {"too large", ErrorCode::kTooLarge, 0, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Pair pair;
    if (c.first) pair.a.failing[""] = {*c.first, "no", ""};
    pair.b.answer_to_others = Vector({{{{"from", "b"}}, 1}});
    EXPECT_EQ(static_cast<bool>(pair.Ask()), c.answers);
    EXPECT_EQ(pair.b.asked.size(), c.asks_second);
  }
}

TEST(FailoverBackendTest, AFirstThatHangsLeavesHalfOfTheTime) {
  Pair pair;
  pair.a.hanging = {""};
  const auto asked =
      LaunchTask(pair.loop, pair.pair.Query("up", {}, TimePoint(seconds(20))));
  pair.clock.Advance(seconds(9));
  EXPECT_FALSE(asked.Ended());
  pair.clock.Advance(seconds(1));
  ASSERT_TRUE(asked.answer());
  EXPECT_THAT(*asked.answer(), IsOk());
  EXPECT_EQ(pair.b.deadlines.back(), TimePoint(seconds(20)));
}

TEST(FailoverBackendTest, WhenAllFailEachIsNamed) {
  Pair pair;
  pair.a.failing[""] = {ErrorCode::kUnavailable, "connection refused", ""};
  pair.b.failing[""] = {ErrorCode::kDeadlineExceeded, "late", ""};
  EXPECT_THAT(pair.Ask(), FailsWith(ErrorCode::kDeadlineExceeded,
                                    "a: connection refused; b: late"));
}

TEST(FailoverBackendTest, TheFirstIsAskedAgainOnceItIsBack) {
  Pair pair;
  pair.a.failing[""] = {ErrorCode::kUnavailable, "down", ""};
  ASSERT_THAT(pair.Ask(), IsOk());
  pair.a.failing.clear();
  ASSERT_THAT(pair.Ask(), IsOk());
  EXPECT_EQ(pair.b.asked.size(), 1U);
  EXPECT_THAT(pair.metrics.Text(),
              ::testing::HasSubstr(
                  "sextant_backend_failovers_total{backend=\"pair\"} 1\n"));
}

TEST(FailoverBackendTest, ListsFailOverToo) {
  Pair pair;
  pair.a.failing[""] = {ErrorCode::kUnavailable, "down", ""};
  pair.b.series = {{{"__name__", "up"}, {"pod", "x"}}};
  const TimePoint deadline(seconds(9));
  const SeriesMatch match{"up", {}, {}};
  const auto values =
      RunTask(pair.loop, pair.pair.LabelValues("pod", match, deadline));
  ASSERT_TRUE(values && *values);
  EXPECT_THAT(**values, ::testing::ElementsAre("x"));
  const auto names = RunTask(pair.loop, pair.pair.LabelNames(match, deadline));
  ASSERT_TRUE(names && *names);
  EXPECT_THAT(**names, ::testing::ElementsAre("__name__", "pod"));
  std::size_t series = 0;
  const auto read = RunTask(
      pair.loop,
      pair.pair.Series(match, deadline, [&series](const auto&) -> Result<Done> {
        ++series;
        return Done{};
      }));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(series, 1U);
}

}  // namespace
}  // namespace sextant::backend
