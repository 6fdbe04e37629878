#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "sextant/base/clock.h"

namespace sextant::backend {

// A circuit breaker: whether to ask a server that has failed several times in a
// row.  It opens after so many failures; after a pause one question is let
// through, and what becomes of that closes it or makes the pause twice as long.
// Pure.
class Circuit {
 public:
  struct Options {
    std::size_t failures = 0;  // in a row, that open it; 0: it never opens
    Duration pause = std::chrono::seconds(1);  // the first one
    Duration longest_pause = std::chrono::seconds(15);
  };
  enum class Pass { kRefused, kUsual, kProbe };

  explicit Circuit(Options options) : options_(options) {}

  // A question is about to be put.  After kProbe one of the three below must
  // follow, or all others are refused for ever.
  Pass Enter(TimePoint now) {
    if (state_ == State::kClosed) return Pass::kUsual;
    if (state_ == State::kTrying || now < until_) return Pass::kRefused;
    state_ = State::kTrying;
    return Pass::kProbe;
  }

  void Succeeded() {
    state_ = State::kClosed;
    failures_ = 0;
    last_failure_.clear();
  }

  // True if that has opened it from closed.
  bool Failed(TimePoint now, std::string why) {
    if (state_ == State::kOpen) return false;  // asked before it opened
    last_failure_ = std::move(why);
    ++failures_;
    const bool was_closed = state_ == State::kClosed;
    if (was_closed &&
        (options_.failures == 0 || failures_ < options_.failures)) {
      return false;
    }
    pause_ = was_closed ? options_.pause
                        : std::min(2 * pause_, options_.longest_pause);
    until_ = now + pause_;
    state_ = State::kOpen;
    return was_closed;
  }

  // The probe was given up: nothing is known, and the next one may try.
  void GaveUp() {
    if (state_ == State::kTrying) state_ = State::kOpen;
  }

  bool closed() const { return state_ == State::kClosed; }
  std::size_t failures() const { return failures_; }  // in a row
  const std::string& last_failure() const { return last_failure_; }

 private:
  enum class State { kClosed, kOpen, kTrying };

  const Options options_;
  State state_ = State::kClosed;
  std::size_t failures_ = 0;
  Duration pause_{0};
  TimePoint until_{};
  std::string last_failure_;
};

}  // namespace sextant::backend
