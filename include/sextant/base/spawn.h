// Starting Tasks, and bounding how long one waits for them.  Loop only.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

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

  bool Ended() const;

 private:
  friend Running Spawn(boost::asio::any_io_executor, Task<void>,
                       std::function<void()>);
  struct State;
  std::shared_ptr<State> state_;
};

// Starts `task` on `executor`.  `at_end`, if given, runs when the Task has
// ended or unwound.  An exception other than that of cancellation is a bug and
// ends the program.
Running Spawn(boost::asio::any_io_executor executor, Task<void> task,
              std::function<void()> at_end = {});

// Is it what a cancelled Task unwinds with?
bool IsCancellation(const std::exception_ptr& failure);

// Runs `task` to its end: true.  If `when` comes first, the task is cancelled
// and has unwound before this returns: false.  So it has when this Task itself
// is cancelled: `task` may refer to what its caller has.
Task<bool> EndsBefore(Clock& clock, TimePoint when, Task<void> task);

// The same for a task with a value: nothing if `when` comes first.
template <typename T>
Task<std::optional<T>> Before(Clock& clock, TimePoint when, Task<T> task) {
  std::optional<T> value;
  const auto run = [](Task<T> inner, std::optional<T>& out) -> Task<void> {
    out.emplace(co_await std::move(inner));
  };
  co_await EndsBefore(clock, when, run(std::move(task), value));
  co_return std::move(value);
}

// Runs `step(i)` for every i below `count`, at most `at_once` at a time, and
// returns when all have ended.
Task<void> ForEach(std::size_t count, std::size_t at_once,
                   std::function<Task<void>(std::size_t)> step);

}  // namespace sextant
