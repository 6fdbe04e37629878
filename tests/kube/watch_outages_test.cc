#include "kube/watch_outages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

namespace sextant::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TimePoint At(int second) { return TimePoint(std::chrono::seconds(second)); }

std::string LogOf(const std::function<void()>& what) {
  testing::internal::CaptureStderr();
  what();
  return testing::internal::GetCapturedStderr();
}

std::ptrdiff_t Lines(const std::string& log) {
  return std::count(log.begin(), log.end(), '\n');
}

TEST(WatchOutages, AreOneLineAtTheBeginningAndOneAtTheEnd) {
  WatchOutages outages;
  const std::string down = LogOf([&outages] {
    for (int i = 0; i < 64; ++i) {
      const std::string pods =
          "pods in namespace \"n" + std::to_string(i) + "\"";
      outages.Fails(pods, "watching " + pods + ": connection refused", At(10));
    }
  });
  EXPECT_EQ(Lines(down), 1) << down;
  EXPECT_THAT(down, AllOf(HasSubstr("WARN"), HasSubstr("namespace \\\"n0\\\""),
                          HasSubstr("connection refused")));
  const std::string up = LogOf([&outages] {
    for (int i = 0; i < 64; ++i) {
      outages.Works("pods in namespace \"n" + std::to_string(i) + "\"", At(75));
    }
  });
  EXPECT_EQ(Lines(up), 1) << up;
  EXPECT_THAT(up, AllOf(HasSubstr("watches=64"), HasSubstr("after=65s")));
}

// An outage of one kind of object must not hide that of all.
TEST(WatchOutages, EachReasonIsAnOutageOfItsOwn) {
  WatchOutages outages;
  const std::string log = LogOf([&outages] {
    outages.Fails("gadgets.example.com", "watching gadgets.example.com: gone",
                  At(0));
    outages.Fails("pods", "connection refused", At(5));
    outages.Fails("nodes", "connection refused", At(5));
  });
  EXPECT_EQ(Lines(log), 2) << log;
  const std::string up = LogOf([&outages] {
    outages.Works("pods", At(9));
    outages.Works("nodes", At(9));
  });
  EXPECT_THAT(up, AllOf(HasSubstr("watches=2"), HasSubstr("after=4s")));
}

TEST(WatchOutages, AWatchThatIsGivenUpIsNotSaidToWork) {
  WatchOutages outages;
  EXPECT_EQ(Lines(LogOf([&outages] {
              outages.Fails("pods", "refused", At(0));
              outages.Ends("pods", At(1));
              outages.Ends("pods", At(2));
              outages.Works("pods", At(3));
            })),
            1);
  // The next one is news again.
  EXPECT_EQ(
      Lines(LogOf([&outages] { outages.Fails("pods", "refused", At(4)); })), 1);
}

}  // namespace
}  // namespace sextant::kube
