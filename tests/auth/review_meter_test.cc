#include "auth/review_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace sextant::auth {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(ReviewMeter, ShowsEveryResultFromTheStart) {
  obs::Metrics metrics;
  const ReviewMeter meter("token", {"known", "unknown"}, metrics);
  const std::string text = metrics.Text();
  for (const char* result : {"known", "unknown", "error"}) {
    EXPECT_THAT(text, HasSubstr("sextant_review_duration_seconds_count{"
                                "kind=\"token\",result=\"" +
                                std::string(result) + "\"} 0\n"));
  }
}

// Once when they begin to fail, and once when they go well again.
TEST(ReviewMeter, LogsThatReviewsFailAndThatTheyDoNotAnyMore) {
  obs::Metrics metrics;
  ReviewMeter meter("access", {"allowed"}, metrics);
  testing::internal::CaptureStderr();
  meter.Reviewed("allowed", milliseconds(1));
  for (int i = 0; i < 3; ++i) {
    meter.Failed({ErrorCode::kUnavailable, "no route", "10.0.0.1"},
                 milliseconds(1));
  }
  for (int i = 0; i < 3; ++i) meter.Reviewed("allowed", milliseconds(1));
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string failing =
      "WARN reviews fail; until they go well, callers are refused kind=access "
      "error=\"no route\" detail=10.0.0.1\n";
  const std::string well = "INFO reviews go well again kind=access\n";
  ASSERT_THAT(log, HasSubstr(failing));
  ASSERT_THAT(log, HasSubstr(well));
  EXPECT_EQ(log.find(failing), log.rfind(failing));
  EXPECT_EQ(log.find(well), log.rfind(well));
  EXPECT_THAT(metrics.Text(),
              HasSubstr("sextant_review_duration_seconds_count{"
                        "kind=\"access\",result=\"error\"} 3\n"));
}

}  // namespace
}  // namespace sextant::auth
