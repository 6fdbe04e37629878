#include "kube/retry.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace sextant::kube {
namespace {

Result<net::ClientResponse> Answered(int status, const char* retry_after) {
  net::ClientResponse response;
  response.status = status;
  if (retry_after != nullptr) response.headers.Add("retry-after", retry_after);
  return response;
}

Result<net::ClientResponse> Failed(ErrorCode code) {
  return Error{code, "connection refused", ""};
}

TEST(WaitBeforeRetry, OnlyWhatMayPassIsTriedAgain) {
  struct Case {
    const char* text;
    Result<net::ClientResponse> outcome;
    std::optional<int> milliseconds;
  };
  const Case cases[] = {
      {"no connection", Failed(ErrorCode::kUnavailable), 500},
      {"no time", Failed(ErrorCode::kDeadlineExceeded), std::nullopt},
      {"cannot be sent", Failed(ErrorCode::kInvalidArgument), std::nullopt},
      {"too large", Failed(ErrorCode::kTooLarge), std::nullopt},
      {"200", Answered(200, nullptr), std::nullopt},
      {"201 with a wish", Answered(201, "1"), std::nullopt},
      {"404", Answered(404, nullptr), std::nullopt},
      {"403", Answered(403, nullptr), std::nullopt},
      {"429", Answered(429, nullptr), 500},
      {"429 with a wish", Answered(429, "2"), 2000},
      {"429 with none", Answered(429, "0"), 0},
      {"500", Answered(500, nullptr), 500},
      // An aggregated API that is down: another attempt does not help.
      {"503", Answered(503, nullptr), std::nullopt},
      {"503 with a wish", Answered(503, "1"), 1000},
      {"504", Answered(504, nullptr), 500},
      {"a date", Answered(503, "Wed, 25 Nov 2026 18:00:00 GMT"), std::nullopt},
      {"a date and 429", Answered(429, "Wed, 25 Nov 2026 18:00:00 GMT"), 500},
      {"a negative wish", Answered(429, "-1"), 500},
      {"more than an hour", Answered(429, "86400"), 3600 * 1000},
      {"too large a number", Answered(429, "99999999999999999999"), 500},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<Duration> wait = WaitBeforeRetry(c.outcome, 1, 0);
    ASSERT_EQ(wait.has_value(), c.milliseconds.has_value());
    if (wait) {
      EXPECT_EQ(wait->count(), *c.milliseconds);
    }
  }
}

TEST(WaitBeforeRetry, PausesGrowAndSpreadAndEndAfterFiveAttempts) {
  struct Case {
    int attempt;
    double jitter;
    std::optional<int> milliseconds;
  };
  const Case cases[] = {
      {1, 0, 500},          {2, 0, 750},          {3, 0, 1125},
      {4, 0, 1688},         {1, 0.5, 550},        {4, 0.999, 2025},
      {5, 0, std::nullopt}, {6, 0, std::nullopt},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.attempt) + ", " + std::to_string(c.jitter));
    const std::optional<Duration> wait =
        WaitBeforeRetry(Failed(ErrorCode::kUnavailable), c.attempt, c.jitter);
    ASSERT_EQ(wait.has_value(), c.milliseconds.has_value());
    if (wait) {
      EXPECT_EQ(wait->count(), *c.milliseconds);
    }
  }
}

TEST(WaitBeforeRetry, TheServersWishIsSpreadToo) {
  EXPECT_EQ(WaitBeforeRetry(Answered(429, "10"), 4, 0.5),
            Duration(std::chrono::seconds(11)));
  EXPECT_EQ(WaitBeforeRetry(Answered(429, "10"), 5, 0.5), std::nullopt);
}

}  // namespace
}  // namespace sextant::kube
