#include "sextant/base/clock.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

}  // namespace sextant
