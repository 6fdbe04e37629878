#include "kube/backoff.h"

#include <gtest/gtest.h>

namespace sextant::kube {
namespace {

TEST(Backoff, PausesDoubleUpToTheirLimitAndBeginAnew) {
  Backoff backoff(std::chrono::seconds(5));
  for (const int pause : {1000, 2000, 4000, 5000, 5000}) {
    EXPECT_EQ(backoff.Next(0).count(), pause);
  }
  backoff.Reset();
  EXPECT_EQ(backoff.Next(0).count(), 1000);
  EXPECT_EQ(backoff.Next(0.5).count(), 3000);
}

}  // namespace
}  // namespace sextant::kube
