#include "auth/expiring_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace sextant::auth {
namespace {

TimePoint At(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

TEST(ExpiringCache, KeepsAnEntryForItsTime) {
  ExpiringCache<int> cache(10, std::chrono::seconds(10));
  cache.Put("a", 1, At(100));
  EXPECT_EQ(cache.Find("a", At(100)), 1);
  EXPECT_EQ(cache.Find("a", At(109)), 1);
  EXPECT_EQ(cache.Find("b", At(109)), std::nullopt);
  EXPECT_EQ(cache.Find("a", At(110)), std::nullopt);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(ExpiringCache, KeepsAnEntryNoLongerWhenTheClockIsSetBack) {
  ExpiringCache<int> cache(10, std::chrono::seconds(10));
  cache.Put("a", 1, At(100));
  EXPECT_EQ(cache.Find("a", At(99)), std::nullopt);
}

TEST(ExpiringCache, ReplacesAnEntry) {
  ExpiringCache<int> cache(10, std::chrono::seconds(10));
  cache.Put("a", 1, At(100));
  cache.Put("a", 2, At(105));
  EXPECT_EQ(cache.Find("a", At(112)), 2);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(ExpiringCache, ForgetsWhatWasNotAskedForTheLongest) {
  ExpiringCache<int> cache(2, std::chrono::seconds(10));
  cache.Put("a", 1, At(0));
  cache.Put("b", 2, At(0));
  EXPECT_EQ(cache.Find("a", At(1)), 1);
  cache.Put("c", 3, At(1));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.Find("a", At(1)), 1);
  EXPECT_EQ(cache.Find("b", At(1)), std::nullopt);
  EXPECT_EQ(cache.Find("c", At(1)), 3);
}

TEST(ExpiringCache, KeepsNothingForNoTime) {
  ExpiringCache<int> cache(2, Duration::zero());
  cache.Put("a", 1, At(0));
  EXPECT_EQ(cache.Find("a", At(0)), std::nullopt);
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace sextant::auth
