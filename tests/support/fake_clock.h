#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>

#include "sextant/base/clock.h"

namespace sextant {

// A clock that moves only when told to.  Advance() wakes the sleepers whose
// time has come, in the order of their times.  It begins at the epoch.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(boost::asio::io_context& loop) : loop_(loop) {}

  TimePoint Now() const override { return now_; }
  Task<void> SleepUntil(TimePoint when) override;
  Alarm SetAlarm(const boost::asio::any_io_executor& loop, TimePoint when,
                 std::function<void()> ring) override;

  // What is ready runs before the time moves, and what it wakes runs after.
  void Advance(Duration by);

  // Runs everything that can run without time passing.
  void Settle();

 private:
  class Sleeper;
  struct Ringer;
  using Wake = std::function<void()>;
  using Sleepers = std::multimap<TimePoint, Wake>;

  boost::asio::io_context& loop_;
  TimePoint now_{};
  // Shared, because a loop destroys the Tasks that it still has, after the
  // clock.
  std::shared_ptr<Sleepers> sleepers_ = std::make_shared<Sleepers>();
};

}  // namespace sextant
