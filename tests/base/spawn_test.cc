#include "sextant/base/spawn.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "support/fake_clock.h"
#include "support/run_task.h"

namespace sextant {
namespace {

using std::chrono::seconds;

struct World {
  boost::asio::io_context loop;
  FakeClock clock{loop};
  int running = 0;
  int most = 0;
  std::vector<std::size_t> done;
};

Task<void> Step(World& w, std::size_t i) {
  w.most = std::max(w.most, ++w.running);
  struct Leave {
    World& w;
    ~Leave() { --w.running; }
  } leave{w};
  co_await w.clock.SleepUntil(w.clock.Now() + seconds(1));
  w.done.push_back(i);
}

TEST(ForEach, RunsEveryStepAFewAtATime) {
  World w;
  Running all =
      Spawn(w.loop.get_executor(),
            ForEach(5, 2, [&w](std::size_t i) { return Step(w, i); }));
  w.clock.Advance(seconds(1));
  w.clock.Advance(seconds(1));
  EXPECT_FALSE(all.Ended());
  w.clock.Advance(seconds(1));
  EXPECT_TRUE(all.Ended());
  EXPECT_EQ(w.most, 2);
  EXPECT_EQ(w.done, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ForEach, OfNothingIsDoneAtOnce) {
  World w;
  Running all =
      Spawn(w.loop.get_executor(),
            ForEach(0, 2, [&w](std::size_t i) { return Step(w, i); }));
  w.clock.Settle();
  EXPECT_TRUE(all.Ended());
}

TEST(ForEach, StopsItsStepsWhenItIsCancelled) {
  World w;
  Running all =
      Spawn(w.loop.get_executor(),
            ForEach(5, 2, [&w](std::size_t i) { return Step(w, i); }));
  w.clock.Settle();
  EXPECT_EQ(w.running, 2);
  all.Cancel();
  w.clock.Settle();
  EXPECT_EQ(w.running, 0);
  EXPECT_TRUE(w.done.empty());
}

TEST(Spawn, TellsWhenTheTaskHasEnded) {
  World w;
  bool ended = false;
  Running step =
      Spawn(w.loop.get_executor(), Step(w, 7), [&ended] { ended = true; });
  w.clock.Settle();
  EXPECT_FALSE(ended);
  w.clock.Advance(seconds(1));
  EXPECT_TRUE(ended);
  step.Cancel();  // after the end: nothing happens
}

TEST(Spawn, MayBeCancelledWhileTheLoopDoesNotRun) {
  World w;
  Running step = Spawn(w.loop.get_executor(), Step(w, 7));
  w.clock.Settle();
  step.Cancel();
  step = Running();
  EXPECT_EQ(w.running, 1);
  w.clock.Settle();
  EXPECT_EQ(w.running, 0);
  EXPECT_TRUE(w.done.empty());
}

Task<void> Throw() {
  throw std::logic_error("a bug");
  co_return;
}

TEST(Spawn, LetsABugEndTheLoop) {
  World w;
  EXPECT_THROW(
      {
        Spawn(w.loop.get_executor(), Throw());
        w.loop.run();
      },
      std::logic_error);
}

Task<int> Slow(World& w) {
  co_await Step(w, 1);
  co_return 5;
}

TEST(Before, GivesTheValueOrNothing) {
  World w;
  std::optional<int> value;
  const auto ask = [](World& world, Duration patience,
                      std::optional<int>& out) -> Task<void> {
    out =
        co_await Before(world.clock, world.clock.Now() + patience, Slow(world));
  };
  Spawn(w.loop.get_executor(), ask(w, seconds(2), value));
  w.clock.Advance(seconds(1));
  EXPECT_EQ(value, 5);

  value = 7;
  Running late = Spawn(w.loop.get_executor(), ask(w, Duration(500), value));
  w.clock.Advance(Duration(500));
  EXPECT_TRUE(late.Ended());
  EXPECT_EQ(value, std::nullopt);
  EXPECT_EQ(w.running, 0);
}

TEST(Before, UnwindsItsTaskWhenItIsCancelled) {
  World w;
  bool went_on = false;
  const auto ask = [](World& world, bool& out) -> Task<void> {
    co_await Before(world.clock, world.clock.Now() + seconds(9), Slow(world));
    out = true;
  };
  Running asking = Spawn(w.loop.get_executor(), ask(w, went_on));
  w.clock.Settle();
  EXPECT_EQ(w.running, 1);
  asking.Cancel();
  w.clock.Settle();
  EXPECT_TRUE(asking.Ended());
  EXPECT_EQ(w.running, 0);
  EXPECT_FALSE(went_on);
  w.clock.Advance(seconds(9));  // its alarm is silent
}

TEST(Before, TakesWhatIsThereAtOnceHoweverLateItIs) {
  World w;
  std::optional<int> value;
  const auto at_once = []() -> Task<int> { co_return 5; };
  const auto ask = [](World& world, Task<int> task,
                      std::optional<int>& out) -> Task<void> {
    out = co_await Before(world.clock, world.clock.Now() - seconds(1),
                          std::move(task));
  };
  Spawn(w.loop.get_executor(), ask(w, at_once(), value));
  w.clock.Settle();
  EXPECT_EQ(value, 5);

  Spawn(w.loop.get_executor(), ask(w, Slow(w), value));
  w.clock.Settle();
  EXPECT_EQ(value, std::nullopt);
  EXPECT_EQ(w.running, 0);
}

TEST(Before, LetsABugThrough) {
  World w;
  const auto fail = []() -> Task<int> {
    co_await Throw();
    co_return 5;
  };
  const auto ask = [](World& world, Task<int> task) -> Task<void> {
    co_await Before(world.clock, world.clock.Now() + seconds(1),
                    std::move(task));
  };
  EXPECT_THROW(
      {
        Spawn(w.loop.get_executor(), ask(w, fail()));
        w.loop.run();
      },
      std::logic_error);
}

TEST(FakeClock, RingsAlarmsThatAreStillSet) {
  World w;
  std::vector<int> rung;
  const auto set = [&](int number) {
    return w.clock.SetAlarm(w.loop.get_executor(),
                            w.clock.Now() + seconds(number),
                            [&rung, number] { rung.push_back(number); });
  };
  const Clock::Alarm now = set(0);
  const Clock::Alarm second = set(1);
  Clock::Alarm dropped = set(1);
  EXPECT_TRUE(rung.empty());
  w.clock.Settle();
  EXPECT_EQ(rung, (std::vector<int>{0}));
  dropped.reset();
  w.clock.Advance(seconds(2));
  EXPECT_EQ(rung, (std::vector<int>{0, 1}));
}

}  // namespace
}  // namespace sextant
