// Reviews whose answers are kept for a while.

#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "expiring_cache.h"
#include "review_meter.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/task.h"
#include "sextant/kube/reviews.h"
#include "sextant/net/digest.h"
#include "sextant/obs/metrics.h"

namespace sextant::auth {

// How many answers are kept at most, of each outcome: what strangers ask never
// pushes out what is known of others.
inline constexpr std::size_t kRememberedTokens = 4096;
inline constexpr std::size_t kRememberedVerdicts = 8192;

// Reviews that may be under way at the same time; one more is refused, so that
// a crowd of strangers cannot queue up in front of the API server.
inline constexpr std::size_t kMaxReviewsUnderWay = 400;

// Whose tokens they are, remembered by a hash that only this process can
// compute, so that no token is kept.  Both outcomes are, errors are not;
// concurrent questions about the same token are one.  Loop only; what is passed
// by reference must outlive this object.
class RememberedTokens final : public kube::TokenReviewer {
 public:
  RememberedTokens(kube::TokenReviewer& reviewer, Duration kept, Clock& clock,
                   obs::Metrics& metrics);

  Task<Result<std::optional<model::Identity>>> Review(
      const std::string& token, TimePoint deadline) override;

 private:
  using Owner = Result<std::optional<model::Identity>>;

  Task<Owner> Find(std::string token, std::string key, TimePoint deadline);
  Task<Owner> Ask(std::string token, std::string key, TimePoint deadline);

  kube::TokenReviewer& reviewer_;
  Clock& clock_;
  const net::KeyedHash hash_;
  ReviewMeter meter_;
  ExpiringCache<model::Identity> known_;
  ExpiringCache<bool> unknown_;
  SingleFlight<std::string, Owner> flights_;
};

// The same for what somebody may do; the key is everything that is asked.
class RememberedVerdicts final : public kube::AccessReviewer {
 public:
  RememberedVerdicts(kube::AccessReviewer& reviewer, Duration allowed_kept,
                     Duration refused_kept, Clock& clock,
                     obs::Metrics& metrics);

  Task<Result<kube::Verdict>> Review(const model::Identity& who,
                                     const model::Action& action,
                                     TimePoint deadline) override;

 private:
  Task<Result<kube::Verdict>> Find(model::Identity who, model::Action action,
                                   std::string key, TimePoint deadline);
  Task<Result<kube::Verdict>> Ask(model::Identity who, model::Action action,
                                  std::string key, TimePoint deadline);

  kube::AccessReviewer& reviewer_;
  Clock& clock_;
  const net::KeyedHash hash_;
  ReviewMeter meter_;
  ExpiringCache<kube::Verdict> allowed_;
  ExpiringCache<kube::Verdict> refused_;
  SingleFlight<std::string, Result<kube::Verdict>> flights_;
};

}  // namespace sextant::auth
