#include "sextant/base/single_flight.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "sextant/base/spawn.h"
#include "support/fake_clock.h"

namespace sextant {
namespace {

using std::chrono::seconds;

// What a test's Tasks share; passed by reference, so that no Task depends on
// the lambda that made it.
struct World {
  boost::asio::io_context loop;
  FakeClock clock{loop};
  SingleFlight<std::string, int> flights;
  int started = 0;
  int finished = 0;
  std::vector<int> answers;
  int late = 0;
};

Task<int> Fetch(World& w) {
  ++w.started;
  co_await w.clock.SleepUntil(w.clock.Now() + seconds(2));
  ++w.finished;
  co_return 42;
}

Task<void> Ask(World& w, Duration patience) {
  auto asked = w.flights.Do("up", [&w] { return Fetch(w); });
  const std::optional<int> answer =
      co_await Before(w.clock, w.clock.Now() + patience, std::move(asked));
  if (answer) {
    w.answers.push_back(*answer);
  } else {
    ++w.late;
  }
}

TEST(SingleFlight, CallersOfOneKeyShareOneAnswer) {
  World w;
  for (int i = 0; i < 3; ++i) {
    Spawn(w.loop.get_executor(), Ask(w, seconds(9)));
  }

  w.clock.Advance(seconds(1));
  EXPECT_EQ(w.flights.InFlight(), 1U);
  EXPECT_TRUE(w.answers.empty());

  w.clock.Advance(seconds(1));
  EXPECT_EQ(w.answers, (std::vector<int>{42, 42, 42}));
  EXPECT_EQ(w.started, 1);
  EXPECT_EQ(w.flights.InFlight(), 0U);
}

TEST(SingleFlight, EachWaiterKeepsItsOwnDeadline) {
  World w;
  Spawn(w.loop.get_executor(), Ask(w, seconds(1)));
  Spawn(w.loop.get_executor(), Ask(w, seconds(9)));
  w.clock.Advance(seconds(1));
  EXPECT_EQ(w.late, 1);
  w.clock.Advance(seconds(1));
  EXPECT_EQ(w.answers, (std::vector<int>{42}));
  EXPECT_EQ(w.started, 1);
}

TEST(SingleFlight, TheLastToLeaveStopsTheWork) {
  World w;
  Spawn(w.loop.get_executor(), Ask(w, seconds(1)));
  Running second = Spawn(w.loop.get_executor(), Ask(w, seconds(9)));
  w.clock.Advance(seconds(1));
  EXPECT_EQ(w.flights.InFlight(), 1U);

  second.Cancel();
  w.clock.Settle();
  EXPECT_TRUE(second.Ended());
  EXPECT_EQ(w.flights.InFlight(), 0U);
  w.clock.Advance(seconds(9));
  EXPECT_EQ(w.finished, 0);
}

TEST(SingleFlight, WhoComesAfterTheLastHasLeftStartsAnew) {
  World w;
  Running first = Spawn(w.loop.get_executor(), Ask(w, seconds(9)));
  w.clock.Advance(seconds(1));
  first.Cancel();
  w.clock.Settle();
  Spawn(w.loop.get_executor(), Ask(w, seconds(9)));
  w.clock.Advance(seconds(2));
  EXPECT_EQ(w.started, 2);
  EXPECT_EQ(w.answers, (std::vector<int>{42}));
}

}  // namespace
}  // namespace sextant
