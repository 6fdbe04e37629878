#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "sextant/base/clock.h"

namespace sextant {

// A clock that moves only when told to.  Advance() wakes the sleepers whose
// time has come, in the order of their times.  It begins at the epoch.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(boost::asio::io_context& loop) : loop_(loop) {}

  TimePoint Now() const override { return now_; }

  Task<void> SleepUntil(TimePoint when) override {
    if (when <= now_) co_return;
    boost::asio::steady_timer timer(
        loop_, boost::asio::steady_timer::time_point::max());
    const Sleeper sleeper(sleepers_, when, timer);
    co_await timer.async_wait(
        boost::asio::as_tuple(boost::asio::use_awaitable));
    // Woken by Advance() and stopped by a cancellation look the same.
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) {
      throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
  }

  Alarm SetAlarm(const boost::asio::any_io_executor& loop, TimePoint when,
                 std::function<void()> ring) override {
    auto alarm = std::make_shared<Ringer>(sleepers_, when, loop);
    alarm->timer.async_wait([still_set = std::weak_ptr<void>(alarm),
                             ring = std::move(ring)](const auto&) {
      if (still_set.lock()) ring();
    });
    if (when <= now_) alarm->timer.cancel();
    return alarm;
  }

  // What is ready runs before the time moves, and what it wakes runs after.
  void Advance(Duration by) {
    Settle();
    now_ += by;
    for (auto& [when, timer] : *sleepers_) {
      if (when > now_) break;
      timer->cancel();
    }
    Settle();
  }

  // Runs everything that can run without time passing.
  void Settle() {
    loop_.restart();
    loop_.poll();
  }

 private:
  using Sleepers = std::multimap<TimePoint, boost::asio::steady_timer*>;

  // Leaves the list however the Task ends.
  class Sleeper {
   public:
    Sleeper(std::shared_ptr<Sleepers> sleepers, TimePoint when,
            boost::asio::steady_timer& timer)
        : sleepers_(std::move(sleepers)),
          at_(sleepers_->emplace(when, &timer)) {}
    ~Sleeper() { sleepers_->erase(at_); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

   private:
    const std::shared_ptr<Sleepers> sleepers_;
    const Sleepers::iterator at_;
  };

  struct Ringer {
    Ringer(std::shared_ptr<Sleepers> sleepers, TimePoint when,
           const boost::asio::any_io_executor& loop)
        : timer(loop, boost::asio::steady_timer::time_point::max()),
          sleeper(std::move(sleepers), when, timer) {}
    boost::asio::steady_timer timer;
    const Sleeper sleeper;
  };

  boost::asio::io_context& loop_;
  TimePoint now_{};
  // Shared, because a loop destroys the Tasks that it still has, after the
  // clock.
  std::shared_ptr<Sleepers> sleepers_ = std::make_shared<Sleepers>();
};

}  // namespace sextant
