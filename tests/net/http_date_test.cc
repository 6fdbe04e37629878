#include "sextant/net/http_date.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sextant::net {
namespace {

TEST(HttpDate, WritesTheFixedForm) {
  EXPECT_EQ(HttpDate(TimePoint{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(TimePoint(std::chrono::milliseconds(784111777999))),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(TimePoint(std::chrono::seconds(1709251199))),
            "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace sextant::net
