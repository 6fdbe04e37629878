#include "sextant/base/time_text.h"

#include <gtest/gtest.h>

#include <chrono>

#include "support/result_matchers.h"

namespace sextant {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(GoDuration, ReadsWhatGoReads) {
  const struct {
    const char* text;
    milliseconds want;
  } cases[] = {
      {"0", seconds(0)},
      {"10m0s", minutes(10)},
      {"1h30m", minutes(90)},
      {"1.5h", minutes(90)},
      {"300ms", milliseconds(300)},
      {"-2s", seconds(-2)},
      {"+.5s", milliseconds(500)},
      {"1500us", milliseconds(1)},
      {"2000000ns", milliseconds(2)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto duration = ParseGoDuration(c.text);
    ASSERT_THAT(duration, IsOk());
    EXPECT_EQ(*duration, c.want);
  }
}

TEST(GoDuration, RefusesWithGosWords) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", R"(time: invalid duration "")"},
      {"abc", R"(time: invalid duration "abc")"},
      {"60", R"(time: missing unit in duration "60")"},
      {"1d", R"(time: unknown unit "d" in duration "1d")"},
      {".s", R"(time: invalid duration ".s")"},
      {"99999999999h", R"(time: invalid duration "99999999999h")"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(ParseGoDuration(c.text),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

TEST(GoDuration, RefusesWhatNoNumberHolds) {
  EXPECT_THAT(ParseGoDuration("0." + std::string(6000, '1') + "s"),
              FailsWith(ErrorCode::kInvalidArgument,
                        ::testing::StartsWith("time: invalid duration")));
}

TEST(GoDuration, IsWrittenAsGoWritesIt) {
  const struct {
    milliseconds duration;
    const char* want;
  } cases[] = {
      {seconds(0), "0s"},
      {minutes(5), "5m0s"},
      {minutes(90), "1h30m0s"},
      {hours(24), "24h0m0s"},
      {milliseconds(300), "300ms"},
      {milliseconds(1500), "1.5s"},
      {milliseconds(61050), "1m1.05s"},
      {seconds(-2), "-2s"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(FormatGoDuration(c.duration), c.want);
  }
}

TEST(PrometheusDuration, ReadsUnitsInOrder) {
  const struct {
    const char* text;
    milliseconds want;
  } cases[] = {
      {"0", seconds(0)},       {"5m", minutes(5)},
      {"1h30m", minutes(90)},  {"1d", hours(24)},
      {"1w2d", hours(24 * 9)}, {"1m500ms", milliseconds(60500)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto duration = ParsePrometheusDuration(c.text);
    ASSERT_THAT(duration, IsOk());
    EXPECT_EQ(*duration, c.want);
  }
}

TEST(PrometheusDuration, RefusesWithItsWords) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "empty duration string"},
      {"60", R"(not a valid duration string: "60")"},
      {"1.5m", R"(unknown unit "." in duration "1.5m")"},
      {"1m1h", R"(not a valid duration string: "1m1h")"},
      {"1m1m", R"(not a valid duration string: "1m1m")"},
      {"-1m", R"(not a valid duration string: "-1m")"},
      {"999999999999y", "duration out of range"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(ParsePrometheusDuration(c.text),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

TEST(Times, AreWrittenAsEachProtocolWants) {
  const TimePoint time{milliseconds(1712345678901)};
  EXPECT_EQ(FormatRfc3339(time), "2024-04-05T19:34:38Z");
  EXPECT_EQ(FormatRfc3339Millis(time), "2024-04-05T19:34:38.901Z");
  EXPECT_EQ(FormatUnixSeconds(time), "1712345678.901");
  EXPECT_EQ(FormatUnixSeconds(TimePoint{milliseconds(1712345678900)}),
            "1712345678.9");
  EXPECT_EQ(FormatUnixSeconds(TimePoint{milliseconds(1712345678000)}),
            "1712345678");
  EXPECT_EQ(FormatUnixSeconds(TimePoint{milliseconds(10)}), "0.01");
}

TEST(Times, AreReadBackInUtcOnly) {
  const std::int64_t whole = 1712345678;  // "2024-04-05T19:34:38Z"
  const struct {
    const char* text;
    std::optional<std::int64_t> seconds;
  } cases[] = {
      {"2024-04-05T19:34:38Z", whole},
      {"2024-04-05T19:34:38.901Z", whole},
      {"2024-04-05T19:34:38+00:00", whole},
      {"2024-02-29T00:00:00Z", 1709164800},
      {"1969-12-31T23:59:59Z", -1},
      {"2024-04-05T19:34:60Z", whole + 22},  // a leap second
      {"2024-04-05T19:34:38", std::nullopt},
      {"2024-04-05T19:34:38.Z", std::nullopt},
      {"2024-04-05T19:34:38+02:00", std::nullopt},
      {"2024-04-05T19:34:38Z ", std::nullopt},
      {"2024-04-05 19:34:38Z", std::nullopt},
      {"2023-02-29T00:00:00Z", std::nullopt},
      {"2024-04-05T24:00:00Z", std::nullopt},
      {"2024-04-05T19:60:00Z", std::nullopt},
      {"2024-4-5T19:34:38Z", std::nullopt},
      {"-024-04-05T19:34:38Z", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::optional<TimePoint> want;
    if (c.seconds) want = TimePoint(std::chrono::seconds(*c.seconds));
    EXPECT_EQ(ParseRfc3339Utc(c.text), want);
  }
}

}  // namespace
}  // namespace sextant
