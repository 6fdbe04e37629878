#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/kube/reviews.h"

namespace sextant {

// Knows whose tokens are whose.
class FakeTokenReviewer final : public kube::TokenReviewer {
 public:
  explicit FakeTokenReviewer(Clock& clock) : clock_(clock) {}

  std::map<std::string, model::Identity> owners;
  std::optional<Error> failure;  // instead of an answer
  Duration takes{0};
  std::vector<std::string> asked;

  Task<Result<std::optional<model::Identity>>> Review(
      const std::string& token, TimePoint /*deadline*/) override {
    asked.push_back(token);
    return Answer(token);
  }

 private:
  Task<Result<std::optional<model::Identity>>> Answer(std::string token) {
    co_await clock_.SleepUntil(clock_.Now() + takes);
    if (failure) co_return *failure;
    const auto owner = owners.find(token);
    if (owner == owners.end()) co_return std::optional<model::Identity>();
    co_return std::optional(owner->second);
  }

  Clock& clock_;
};

// Allows everything, unless told otherwise.
class FakeAccessReviewer final : public kube::AccessReviewer {
 public:
  explicit FakeAccessReviewer(Clock& clock) : clock_(clock) {}

  struct Question {
    model::Identity who;
    model::Action action;
  };

  kube::Verdict verdict{true, false, ""};
  std::optional<Error> failure;  // instead of a verdict
  Duration takes{0};
  std::vector<Question> asked;

  Task<Result<kube::Verdict>> Review(const model::Identity& who,
                                     const model::Action& action,
                                     TimePoint /*deadline*/) override {
    asked.push_back({who, action});
    return Answer();
  }

 private:
  Task<Result<kube::Verdict>> Answer() {
    co_await clock_.SleepUntil(clock_.Now() + takes);
    if (failure) co_return *failure;
    co_return verdict;
  }

  Clock& clock_;
};

}  // namespace sextant
