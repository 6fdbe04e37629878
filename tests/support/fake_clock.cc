#include "support/fake_clock.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace sextant {

namespace asio = boost::asio;

// Leaves the list however the Task ends.
class FakeClock::Sleeper {
 public:
  Sleeper(std::shared_ptr<Sleepers> sleepers, TimePoint when,
          asio::steady_timer& timer)
      : sleepers_(std::move(sleepers)),
        at_(sleepers_->emplace(when, [&timer] { timer.cancel(); })) {}
  ~Sleeper() { sleepers_->erase(at_); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

 private:
  const std::shared_ptr<Sleepers> sleepers_;
  const Sleepers::iterator at_;
};

struct FakeClock::Ringer {
  Ringer(std::shared_ptr<Sleepers> sleepers, TimePoint when,
         const asio::any_io_executor& loop)
      : timer(loop, asio::steady_timer::time_point::max()),
        sleeper(std::move(sleepers), when, timer) {}
  asio::steady_timer timer;
  const Sleeper sleeper;
};

Task<void> FakeClock::SleepUntil(TimePoint when) {
  if (when <= now_) co_return;
  asio::steady_timer timer(loop_, asio::steady_timer::time_point::max());
  const Sleeper sleeper(sleepers_, when, timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  // Woken by Advance() and stopped by a cancellation look the same.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

Clock::Alarm FakeClock::SetAlarm(const asio::any_io_executor& loop,
                                 TimePoint when, std::function<void()> ring) {
  auto alarm = std::make_shared<Ringer>(sleepers_, when, loop);
  alarm->timer.async_wait([still_set = std::weak_ptr<void>(alarm),
                           ring = std::move(ring)](const auto&) {
    if (still_set.lock()) ring();
  });
  if (when <= now_) alarm->timer.cancel();
  return alarm;
}

void FakeClock::Advance(Duration by) {
  Settle();
  now_ += by;
  for (const auto& [when, wake] : *sleepers_) {
    if (when > now_) break;
    wake();
  }
  Settle();
}

void FakeClock::Settle() {
  loop_.restart();
  loop_.poll();
}

}  // namespace sextant
