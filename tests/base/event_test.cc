#include "sextant/base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/launch_task.h"

namespace sextant {
namespace {

Task<bool> WaitOnce(Event& event) {
  co_await event.Wait();
  co_return true;
}

Task<bool> WaitFor(Event& event, const bool& there) {
  while (!there) co_await event.Wait();
  co_return true;
}

TEST(Event, WakesAllThatWaitAndNobodyThatComesLater) {
  boost::asio::io_context loop;
  Event event(loop.get_executor());
  const auto first = LaunchTask(loop, WaitOnce(event));
  const auto second = LaunchTask(loop, WaitOnce(event));
  EXPECT_FALSE(first.Ended());
  event.Notify();
  const auto third = LaunchTask(loop, WaitOnce(event));
  EXPECT_EQ(first.answer(), true);
  EXPECT_EQ(second.answer(), true);
  EXPECT_FALSE(third.Ended());
  event.Notify();
  loop.restart();
  loop.poll();
  EXPECT_EQ(third.answer(), true);
}

TEST(Event, ATaskThatIsCancelledUnwindsAtItsNextWait) {
  boost::asio::io_context loop;
  Event event(loop.get_executor());
  const bool there = false;
  auto waiting = LaunchTask(loop, WaitFor(event, there));
  waiting.Cancel();
  loop.restart();
  loop.poll();
  EXPECT_TRUE(waiting.Ended());
  EXPECT_EQ(waiting.answer(), std::nullopt);
}

}  // namespace
}  // namespace sextant
