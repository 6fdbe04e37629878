#pragma once

#include <string>
#include <utility>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"

namespace sextant::backend {

// Where bearer tokens for a backend come from.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // A token that can be used at `now`.  Callers pass the time instead of the
  // source reading it, so that tests own the clock.  Errors hold no part of a
  // token.  Loop only.
  virtual Task<Result<std::string>> Get(TimePoint now) = 0;
};

// A token that somebody else keeps up to date: who follows the file it is in.
class HeldToken final : public TokenSource {
 public:
  explicit HeldToken(std::string token) : token_(std::move(token)) {}

  void Set(std::string token) { token_ = std::move(token); }
  const std::string& token() const { return token_; }

  Task<Result<std::string>> Get(TimePoint /*now*/) override {
    co_return token_;
  }

 private:
  std::string token_;
};

}  // namespace sextant::backend
