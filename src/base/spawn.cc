#include "sextant/base/spawn.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace sextant {

bool IsCancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

void Running::Cancel() {
  // Held by value: unwinding may drop the handle this was called through.
  const std::shared_ptr<State> state = state_;
  if (!state || state->ended) return;
  // Called while the loop does not run (from a destructor, say), asio would
  // put off its part until the Task may have ended and the signal be gone.
  boost::asio::dispatch(state->executor, [state] {
    if (state->ended) return;
    state->signal.emit(boost::asio::cancellation_type::terminal);
  });
}

Running Spawn(boost::asio::any_io_executor executor, Task<void> task,
              std::function<void()> at_end) {
  Running running;
  running.state_ = std::make_shared<Running::State>();
  running.state_->executor = executor;
  boost::asio::co_spawn(
      executor, std::move(task),
      boost::asio::bind_cancellation_slot(
          running.state_->signal.slot(),
          [state = running.state_,
           at_end = std::move(at_end)](const std::exception_ptr& failure) {
            state->ended = true;
            if (failure && !IsCancellation(failure)) {
              std::rethrow_exception(failure);
            }
            if (at_end) at_end();
          }));
  return running;
}

Task<void> ForEach(std::size_t count, std::size_t at_once,
                   std::function<Task<void>(std::size_t)> step) {
  if (count == 1) {
    co_await step(0);
    co_return;
  }
  struct Shared {
    explicit Shared(const boost::asio::any_io_executor& executor)
        : all_ended(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer all_ended;  // cancelled when the last one ends
    std::size_t next = 0;
    std::size_t lanes = 0;
    std::function<Task<void>(std::size_t)> step;
  };
  auto executor = co_await boost::asio::this_coro::executor;
  auto shared = std::make_shared<Shared>(executor);
  shared->step = std::move(step);
  const auto lane = [](std::shared_ptr<Shared> s,
                       std::size_t end) -> Task<void> {
    while (s->next < end) co_await s->step(s->next++);
  };

  // Cancels the lanes when this Task itself unwinds.
  struct Lanes {
    std::vector<Running> running;
    ~Lanes() {
      for (Running& r : running) r.Cancel();
    }
  } lanes;
  shared->lanes = std::min(at_once, count);
  const std::size_t started = shared->lanes;
  for (std::size_t i = 0; i < started; ++i) {
    lanes.running.push_back(Spawn(executor, lane(shared, count), [shared] {
      if (--shared->lanes == 0) shared->all_ended.cancel();
    }));
  }
  while (shared->lanes > 0) {
    co_await shared->all_ended.async_wait(
        boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

}  // namespace sextant
