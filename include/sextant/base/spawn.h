// Starting Tasks, and bounding how long one waits for them.  Loop only.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/task.h"

namespace sextant {

// A Task that runs by itself and can be told to stop.  The handle may be
// dropped: the Task then runs to its end.  Cancel() may be called from inside
// the Task itself, and after its end.
class Running {
 public:
  Running() = default;

  // Makes the Task unwind at its current co_await.
  void Cancel();

  bool Ended() const { return !state_ || state_->ended; }

 private:
  friend Running Spawn(boost::asio::any_io_executor, Task<void>,
                       std::function<void()>);
  struct State {
    boost::asio::any_io_executor executor;
    boost::asio::cancellation_signal signal;
    bool ended = false;
  };
  std::shared_ptr<State> state_;
};

// Starts `task` on `executor`.  `at_end`, if given, runs when the Task has
// ended or unwound.  An exception other than that of cancellation is a bug and
// ends the program.
Running Spawn(boost::asio::any_io_executor executor, Task<void> task,
              std::function<void()> at_end = {});

// Is it what a cancelled Task unwinds with?
bool IsCancellation(const std::exception_ptr& failure);

// Runs `task` and gives its value, or nothing if `when` comes first: the task
// is then cancelled and has unwound before this returns.  So it has when this
// Task itself is cancelled: `task` may refer to what its caller has.
template <typename T>
Task<std::optional<T>> Before(Clock& clock, TimePoint when, Task<T> task) {
  namespace asio = boost::asio;
  // Shared with what may outlive this frame by a moment: the alarm, and the
  // handlers of cancellation.
  struct Race {
    asio::cancellation_signal stop;
    Clock::Alarm alarm;
    // Task<void> inside: asio wants results that can be made from nothing.
    std::optional<T> value;
    bool ended = false;
    bool late = false;
  };
  const auto run = [](Task<T> inner, std::shared_ptr<Race> race) -> Task<void> {
    struct Ending {
      Race& race;
      ~Ending() {
        race.ended = true;
        race.alarm.reset();
      }
    } const ending{*race};
    race->value.emplace(co_await std::move(inner));
  };
  // Not by parallel_group and SleepUntil(): that makes three Tasks of one, and
  // ends one of them with exceptions each time.
  const auto start = [run](auto handler, asio::any_io_executor loop,
                           Task<T> inner, std::shared_ptr<Race> race,
                           Clock* timekeeper, TimePoint limit) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign(
          [race](asio::cancellation_type type) { race->stop.emit(type); });
    }
    asio::co_spawn(
        loop, run(std::move(inner), race),
        asio::bind_cancellation_slot(
            race->stop.slot(), [race, done = std::move(handler)](
                                   const std::exception_ptr& failure) mutable {
              std::move(done)(failure);
            }));
    // A task that had nothing to wait for has ended, and its caller may have.
    if (race->ended) return;
    race->alarm =
        timekeeper->SetAlarm(loop, limit, [weak = std::weak_ptr<Race>(race)] {
          const std::shared_ptr<Race> running = weak.lock();
          if (!running) return;
          running->late = true;
          running->stop.emit(asio::cancellation_type::terminal);
        });
  };
  const auto race = std::make_shared<Race>();
  const asio::any_io_executor loop = co_await asio::this_coro::executor;
  constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
  const auto [failure] =
      co_await asio::async_initiate<decltype(kToken), void(std::exception_ptr)>(
          start, kToken, loop, std::move(task), race, &clock, when);
  if (failure && !(race->late && IsCancellation(failure))) {
    std::rethrow_exception(failure);
  }
  co_return std::move(race->value);
}

// Runs `step(i)` for every i below `count`, at most `at_once` at a time, and
// returns when all have ended.
Task<void> ForEach(std::size_t count, std::size_t at_once,
                   std::function<Task<void>(std::size_t)> step);

}  // namespace sextant
