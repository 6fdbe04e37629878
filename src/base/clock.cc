#include "sextant/base/clock.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace sextant {

TimePoint SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(
      std::chrono::system_clock::now());
}

Task<void> SystemClock::SleepUntil(TimePoint when) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  timer.expires_after(when - Now());
  co_await timer.async_wait(boost::asio::use_awaitable);
}

Clock::Alarm SystemClock::SetAlarm(const boost::asio::any_io_executor& loop,
                                   TimePoint when, std::function<void()> ring) {
  auto timer = std::make_shared<boost::asio::steady_timer>(loop);
  timer->expires_after(when - Now());
  // One that has expired may be dropped before its handler runs.
  timer->async_wait([alarm = std::weak_ptr<void>(timer),
                     ring = std::move(ring)](boost::system::error_code) {
    if (alarm.lock()) ring();
  });
  return timer;
}

}  // namespace sextant
