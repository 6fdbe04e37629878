#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

#include "sextant/base/clock.h"

namespace sextant::kube {

// The pauses between attempts at something that goes on failing: each twice the
// one before, up to a limit.
class Backoff {
 public:
  explicit Backoff(Duration most = std::chrono::seconds(30)) : most_(most) {}

  // `jitter`, from 0 up to 1, makes the pause up to twice as long, so that many
  // programs do not come back at the same moment.
  Duration Next(double jitter) {
    const Duration pause = next_;
    next_ = std::min(2 * next_, most_);
    return Duration(
        std::llround(static_cast<double>(pause.count()) * (1 + jitter)));
  }

  void Reset() { next_ = kFirst; }

 private:
  static constexpr Duration kFirst = std::chrono::seconds(1);

  const Duration most_;
  Duration next_ = kFirst;
};

}  // namespace sextant::kube
