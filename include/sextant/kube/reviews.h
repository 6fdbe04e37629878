// Asking the API server who somebody is, and what somebody may do.

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"
#include "sextant/model/action.h"
#include "sextant/model/identity.h"

namespace sextant::kube {

// Whose token it is.  Loop only.
class TokenReviewer {
 public:
  virtual ~TokenReviewer() = default;

  // Nothing: nobody's, or not any more.  The error means that it could not be
  // found out, and holds no token.
  virtual Task<Result<std::optional<model::Identity>>> Review(
      const std::string& token, TimePoint deadline) = 0;
};

struct Verdict {
  bool allowed = false;
  bool denied = false;  // expressly; never together with `allowed`
  std::string reason;   // in the API server's words; may be empty

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Whether somebody may do something.  Loop only.
class AccessReviewer {
 public:
  virtual ~AccessReviewer() = default;

  // The error means that it could not be found out: then nobody may.
  virtual Task<Result<Verdict>> Review(const model::Identity& who,
                                       const model::Action& action,
                                       TimePoint deadline) = 0;
};

// How long a review may take, all attempts together (Client::Send()).
constexpr Duration kReviewTime = std::chrono::seconds(10);

// By a TokenReview.  What is passed by reference must outlive this object; the
// arguments of Review() are used up when it returns its Task.
class ApiTokenReviewer final : public TokenReviewer {
 public:
  ApiTokenReviewer(Client& client, Clock& clock)
      : client_(client), clock_(clock) {}

  Task<Result<std::optional<model::Identity>>> Review(
      const std::string& token, TimePoint deadline) override;

 private:
  Task<Result<std::optional<model::Identity>>> Ask(std::string token,
                                                   TimePoint deadline);

  Client& client_;
  Clock& clock_;
};

// By a SubjectAccessReview; as ApiTokenReviewer.
class ApiAccessReviewer final : public AccessReviewer {
 public:
  ApiAccessReviewer(Client& client, Clock& clock)
      : client_(client), clock_(clock) {}

  Task<Result<Verdict>> Review(const model::Identity& who,
                               const model::Action& action,
                               TimePoint deadline) override;

 private:
  Task<Result<Verdict>> Ask(std::string body, TimePoint deadline);

  Client& client_;
  Clock& clock_;
};

}  // namespace sextant::kube
