#include "sextant/base/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sextant {

// It never expires; cancelling it wakes whoever waits.
struct Event::Timer {
  boost::asio::steady_timer timer;
};

Event::Event(const boost::asio::any_io_executor& loop)
    : timer_(new Timer{boost::asio::steady_timer(
          loop, boost::asio::steady_timer::time_point::max())}) {}

Event::~Event() = default;

Task<void> Event::Wait() {
  co_await timer_->timer.async_wait(
      boost::asio::as_tuple(boost::asio::use_awaitable));
}

void Event::Notify() { timer_->timer.cancel(); }

}  // namespace sextant
