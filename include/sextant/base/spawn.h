// Starting Tasks, and bounding how long one waits for them.  Loop only.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
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

// Runs `task` and gives its value, or nothing if `when` comes first: the task
// is then cancelled and has unwound before this returns.
template <typename T>
Task<std::optional<T>> Before(Clock& clock, TimePoint when, Task<T> task) {
  namespace asio = boost::asio;
  // Task<void> inside: asio wants results that can be made from nothing.
  std::optional<T> value;
  const auto run = [](Task<T> inner, std::optional<T>& out) -> Task<void> {
    out.emplace(co_await std::move(inner));
  };
  auto executor = co_await asio::this_coro::executor;
  auto race = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, run(std::move(task), value), asio::deferred),
      asio::co_spawn(executor, clock.SleepUntil(when), asio::deferred));
  auto [order, task_failure, clock_failure] = co_await race.async_wait(
      asio::experimental::wait_for_one(), asio::use_awaitable);
  // When the caller is cancelled both have unwound, and so does this.
  const std::exception_ptr failure =
      order[0] == 0 ? task_failure : clock_failure;
  if (failure) std::rethrow_exception(failure);
  co_return value;
}

// Runs `step(i)` for every i below `count`, at most `at_once` at a time, and
// returns when all have ended.
Task<void> ForEach(std::size_t count, std::size_t at_once,
                   std::function<Task<void>(std::size_t)> step);

}  // namespace sextant
