#include "app/command_loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <sstream>
#include <string>

namespace sextant::app {
namespace {

std::string Doing() { return "asking"; }

TEST(CommandLoop, RunsATaskToItsEnd) {
  std::ostringstream err;
  CommandLoop loop(err);
  bool done = false;
  const auto task = [](Clock& clock, bool& ended) -> Task<void> {
    co_await clock.SleepUntil(clock.Now() + std::chrono::milliseconds(1));
    ended = true;
  };
  EXPECT_TRUE(loop.Run(Doing, task(loop.clock(), done)));
  EXPECT_TRUE(done);
  // Again, for the next file.
  EXPECT_TRUE(loop.Run(Doing, task(loop.clock(), done)));
  EXPECT_EQ(err.str(), "");
}

TEST(CommandLoop, UnwindsTheTaskWhenASignalBreaksItOff) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SCOPED_TRACE(signal);
    std::ostringstream err;
    CommandLoop loop(err);
    bool unwound = false;
    const auto task = [](Clock& clock, int which, bool& ended) -> Task<void> {
      struct Ending {
        bool& ended;
        ~Ending() { ended = true; }
      } const ending{ended};
      // The loop takes signals by the time that a Task runs.
      std::raise(which);
      co_await clock.SleepUntil(clock.Now() + std::chrono::hours(1));
    };
    EXPECT_FALSE(loop.Run(Doing, task(loop.clock(), signal, unwound)));
    EXPECT_TRUE(unwound);
  }
}

}  // namespace
}  // namespace sextant::app
