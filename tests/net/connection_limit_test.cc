#include "net/connection_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "support/launch_task.h"

namespace sextant::net {
namespace {

using Use = ConnectionLimit::Use;

class ConnectionLimitTest : public ::testing::Test {
 protected:
  Started<bool> Begin(Use& use) {
    return LaunchTask(loop_, Finished(use.Begin()));
  }

  void Settle() {
    loop_.restart();
    loop_.poll();
  }

  boost::asio::io_context loop_;
};

TEST_F(ConnectionLimitTest, WhoComesTooLateWaitsInTheOrderOfArrival) {
  const ConnectionLimit limit(1);
  std::optional<Use> first(std::in_place, limit, "a");
  std::optional<Use> second(std::in_place, limit, "a");
  std::optional<Use> third(std::in_place, limit, "a");
  const auto one = Begin(*first);
  const auto two = Begin(*second);
  const auto three = Begin(*third);
  EXPECT_TRUE(one.Ended());
  EXPECT_FALSE(two.Ended());

  first.reset();
  // Comes before those who wait have run.
  Use late(limit, "a");
  const auto four = Begin(late);
  EXPECT_TRUE(two.Ended());
  EXPECT_FALSE(three.Ended());
  EXPECT_FALSE(four.Ended());

  second.reset();
  Settle();
  EXPECT_TRUE(three.Ended());
  EXPECT_FALSE(four.Ended());

  third.reset();
  Settle();
  EXPECT_TRUE(four.Ended());
}

TEST_F(ConnectionLimitTest, EachServerHasItsOwn) {
  const ConnectionLimit limit(1);
  Use a(limit, "a");
  Use b(limit, "b");
  EXPECT_TRUE(Begin(a).Ended());
  EXPECT_TRUE(Begin(b).Ended());
}

TEST_F(ConnectionLimitTest, WhoGivesUpTakesNoPlace) {
  const ConnectionLimit limit(1);
  std::optional<Use> first(std::in_place, limit, "a");
  std::optional<Use> gone(std::in_place, limit, "a");
  Use last(limit, "a");
  const auto one = Begin(*first);
  auto two = Begin(*gone);
  const auto three = Begin(last);

  two.Cancel();
  Settle();
  EXPECT_EQ(two.answer(), std::nullopt);
  gone.reset();
  EXPECT_FALSE(three.Ended());
  first.reset();
  Settle();
  EXPECT_TRUE(three.Ended());
}

// Its turn comes when it is cancelled already and has not yet unwound.
TEST_F(ConnectionLimitTest, ATurnThatComesTooLatePassesOn) {
  const ConnectionLimit limit(1);
  std::optional<Use> first(std::in_place, limit, "a");
  std::optional<Use> gone(std::in_place, limit, "a");
  Use last(limit, "a");
  const auto one = Begin(*first);
  auto two = Begin(*gone);
  const auto three = Begin(last);

  two.Cancel();
  first.reset();
  Settle();
  EXPECT_EQ(two.answer(), std::nullopt);
  gone.reset();
  Settle();
  EXPECT_TRUE(three.Ended());
}

TEST_F(ConnectionLimitTest, AUseMayOutliveItsLimit) {
  auto limit = std::make_unique<ConnectionLimit>(1);
  Use use(*limit, "a");
  EXPECT_TRUE(Begin(use).Ended());
  limit.reset();
}

}  // namespace
}  // namespace sextant::net
