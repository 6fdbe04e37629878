#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/spawn.h"
#include "sextant/base/task.h"

namespace sextant::cloud {

// A secret that ends, and the way to the next one.
//
// It is renewed some time before its end, by one question at a time, however
// many wait for it.  While the old one is good a renewal costs its callers two
// seconds at most and is not tried again for half a minute, so a token server
// that is down for a moment is not noticed.  Without a good one each caller
// waits, ten seconds at most.  Loop only; must outlive its Tasks.
template <typename T>
class Renewed {
 public:
  struct Lease {
    T value;
    TimePoint end;  // TimePoint::max(): never
  };
  // Asks for the next one.
  using Fetch = std::function<Task<Result<Lease>>(TimePoint deadline)>;

  // `early`: how long before its end, but not before half its time is over.
  Renewed(Fetch fetch, Duration early, Clock& clock)
      : fetch_(std::move(fetch)), early_(early), clock_(clock) {}

  Task<Result<T>> Get(TimePoint deadline) {
    const TimePoint now = clock_.Now();
    const bool good = lease_ && now < lease_->end;
    if (good && (now < renew_at_ || now < next_attempt_)) {
      co_return lease_->value;
    }
    const Duration patience = good ? kPatienceWhileGood : kPatience;
    const TimePoint limit = std::min(deadline, now + patience);
    Task<Result<T>> work = flights_.Do(
        0, [this, until = now + kPatience] { return Renewal(until); });
    std::optional<Result<T>> renewed =
        co_await Before(clock_, limit, std::move(work));
    if (renewed && *renewed) co_return *std::move(renewed);
    const TimePoint after = clock_.Now();
    if (lease_ && after < lease_->end) {
      next_attempt_ = after + kPause;
      co_return lease_->value;
    }
    if (renewed) co_return *std::move(renewed);
    co_return Error{ErrorCode::kDeadlineExceeded,
                    "the credentials for the backend did not come in time", ""};
  }

  // The value was refused if `is_it` says so of it.  True if Get() will give
  // another one: a value of the last minute stays, since a new one would not
  // do better.
  template <typename Predicate>
  bool Drop(Predicate is_it) {
    if (!lease_) return true;
    if (!is_it(lease_->value)) return true;
    const TimePoint now = clock_.Now();
    if (lease_->end == TimePoint::max() || now < fetched_at_ + kKeptAtLeast) {
      return false;
    }
    lease_.reset();
    return true;
  }

 private:
  static constexpr Duration kPatience = std::chrono::seconds(10);
  static constexpr Duration kPatienceWhileGood = std::chrono::seconds(2);
  static constexpr Duration kPause = std::chrono::seconds(30);
  static constexpr Duration kKeptAtLeast = std::chrono::seconds(60);

  Task<Result<T>> Renewal(TimePoint deadline) {
    Result<Lease> fresh = co_await fetch_(deadline);
    if (!fresh) co_return std::move(fresh).error();
    const TimePoint now = clock_.Now();
    if (fresh->end <= now) {
      co_return Error{ErrorCode::kUnavailable,
                      "the credentials for the backend had ended when they "
                      "came",
                      ""};
    }
    lease_ = *std::move(fresh);
    fetched_at_ = now;
    next_attempt_ = {};
    renew_at_ = lease_->end == TimePoint::max()
                    ? lease_->end
                    : lease_->end - std::min(early_, (lease_->end - now) / 2);
    co_return lease_->value;
  }

  const Fetch fetch_;
  const Duration early_;
  Clock& clock_;
  SingleFlight<int, Result<T>> flights_;
  std::optional<Lease> lease_;
  TimePoint fetched_at_{};
  TimePoint renew_at_{};
  TimePoint next_attempt_{};
};

}  // namespace sextant::cloud
