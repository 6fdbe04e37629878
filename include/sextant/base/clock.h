#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "sextant/base/task.h"

namespace sextant {

// A moment, in milliseconds since 1970-01-01T00:00:00Z (Prometheus' unit).
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

// The time, and a way to wait for it.  Tests hand in a FakeClock, so that a
// minute costs nothing and nothing sleeps.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint Now() const = 0;

  // Resumes once Now() >= `when`, or throws when the Task is cancelled.
  virtual Task<void> SleepUntil(TimePoint when) = 0;

  // Calls `ring` on `loop` once Now() >= `when`, and never within this call.
  // An alarm that is dropped before does not ring: what a deadline needs that
  // is hardly ever reached, without the cost of a Task that unwinds.
  using Alarm = std::shared_ptr<void>;
  [[nodiscard]] virtual Alarm SetAlarm(const boost::asio::any_io_executor& loop,
                                       TimePoint when,
                                       std::function<void()> ring) = 0;
};

// The machine's clock.  Waits are measured on the steady clock, so that a
// change of the time of day neither cuts nor stretches them.
class SystemClock final : public Clock {
 public:
  TimePoint Now() const override;
  Task<void> SleepUntil(TimePoint when) override;
  Alarm SetAlarm(const boost::asio::any_io_executor& loop, TimePoint when,
                 std::function<void()> ring) override;
};

}  // namespace sextant
