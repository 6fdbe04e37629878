#include "sextant/base/spawn.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <vector>

#include "sextant/base/event.h"

namespace sextant {

namespace asio = boost::asio;

struct Running::State {
  asio::any_io_executor executor;
  asio::cancellation_signal signal;
  bool ended = false;
};

bool Running::Ended() const { return !state_ || state_->ended; }

bool IsCancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
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
  asio::dispatch(state->executor, [state] {
    if (state->ended) return;
    state->signal.emit(asio::cancellation_type::terminal);
  });
}

Running Spawn(asio::any_io_executor executor, Task<void> task,
              std::function<void()> at_end) {
  Running running;
  running.state_ = std::make_shared<Running::State>();
  running.state_->executor = executor;
  asio::co_spawn(executor, std::move(task),
                 asio::bind_cancellation_slot(
                     running.state_->signal.slot(),
                     [state = running.state_, at_end = std::move(at_end)](
                         const std::exception_ptr& failure) {
                       state->ended = true;
                       if (failure && !IsCancellation(failure)) {
                         std::rethrow_exception(failure);
                       }
                       if (at_end) at_end();
                     }));
  return running;
}

namespace {

// A task and a moment.  Shared with what may outlive the wait by a moment: the
// alarm, and the handlers of cancellation.
struct Race {
  asio::cancellation_signal stop;
  Clock::Alarm alarm;
  bool ended = false;
  bool late = false;
};

Task<void> Run(Task<void> task, std::shared_ptr<Race> race) {
  struct Ending {
    Race& race;
    ~Ending() {
      race.ended = true;
      race.alarm.reset();
    }
  } const ending{*race};
  co_await std::move(task);
}

}  // namespace

// Not by parallel_group and SleepUntil(): that makes three Tasks of one, and
// ends one of them with exceptions each time.
Task<bool> EndsBefore(Clock& clock, TimePoint when, Task<void> task) {
  const auto start = [](auto handler, asio::any_io_executor loop,
                        Task<void> inner, std::shared_ptr<Race> race,
                        Clock* timekeeper, TimePoint limit) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign(
          [race](asio::cancellation_type type) { race->stop.emit(type); });
    }
    asio::co_spawn(
        loop, Run(std::move(inner), race),
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
  if (!failure) co_return true;
  if (race->late && IsCancellation(failure)) co_return false;
  std::rethrow_exception(failure);
}

Task<void> ForEach(std::size_t count, std::size_t at_once,
                   std::function<Task<void>(std::size_t)> step) {
  if (count == 1) {
    co_await step(0);
    co_return;
  }
  struct Shared {
    explicit Shared(const asio::any_io_executor& executor)
        : all_ended(executor) {}
    Event all_ended;
    std::size_t next = 0;
    std::size_t lanes = 0;
    std::function<Task<void>(std::size_t)> step;
  };
  auto executor = co_await asio::this_coro::executor;
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
      if (--shared->lanes == 0) shared->all_ended.Notify();
    }));
  }
  while (shared->lanes > 0) co_await shared->all_ended.Wait();
}

}  // namespace sextant
