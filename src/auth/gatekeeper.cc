#include "sextant/auth/gatekeeper.h"

#include <map>
#include <optional>
#include <utility>

#include "credentials.h"
#include "open_paths.h"
#include "refusals.h"
#include "remembered_reviews.h"
#include "sextant/auth/request_action.h"
#include "sextant/base/spawn.h"

namespace sextant::auth {
namespace {

constexpr char kAnonymous[] = "system:anonymous";
constexpr char kUnauthenticated[] = "system:unauthenticated";
constexpr char kAuthenticated[] = "system:authenticated";

constexpr char kByProxy[] = "front_proxy";
constexpr char kByCertificate[] = "certificate";
constexpr char kByToken[] = "token";
constexpr char kByNothing[] = "none";

// What a request shows, as far as it can be judged without asking anybody.
struct Evidence {
  std::optional<model::Identity> who;
  std::string how;  // kByProxy, ...: what proved it
  // Not looked at when `who` is known.
  std::optional<std::string> token;

  struct Failure {
    std::string how;
    std::string reason;
  };
  std::vector<Failure> failures;

  // Takes what one way says; true if it settles who it is.
  bool Take(const char* way, Claim claim) {
    if (!claim) {
      failures.push_back({way, claim.error().message});
      return false;
    }
    if (!*claim) return false;
    who = *std::move(claim);
    how = way;
    return true;
  }
};

Evidence LookAt(const net::Request& request, const Trust& trust,
                TimePoint now) {
  Evidence evidence;
  if (trust.front_proxy &&
      evidence.Take(kByProxy, ByFrontProxy(request, *trust.front_proxy, now))) {
    return evidence;
  }
  if (trust.client_ca &&
      evidence.Take(kByCertificate,
                    ByCertificate(request, trust.client_ca, now))) {
    return evidence;
  }
  Result<std::optional<std::string>> token = ReadBearerToken(request.headers);
  if (token) {
    evidence.token = *std::move(token);
  } else {
    evidence.failures.push_back({kByToken, token.error().message});
  }
  return evidence;
}

// A proxy may have passed an anonymous caller on, who stays what he is.
void AddGroupOfAll(model::Identity& who) {
  if (who.user == kAnonymous || who.IsIn(kAuthenticated) ||
      who.IsIn(kUnauthenticated)) {
    return;
  }
  who.groups.emplace_back(kAuthenticated);
}

// How callers proved who they are, and how they failed to.
class AttemptMeter {
 public:
  explicit AttemptMeter(obs::Metrics& metrics) {
    for (const char* way : {kByProxy, kByCertificate, kByToken, kByNothing}) {
      for (const char* result : {"success", "failure"}) {
        if (way == kByNothing && result != std::string("success")) continue;
        counts_[{way, result}] = &metrics.Counter(
            "sextant_authentication_attempts_total",
            "Requests by what their caller showed, and whether it proved who "
            "it is.",
            {{"method", way}, {"result", result}});
      }
    }
  }

  void Count(const std::string& way, const char* result) {
    ++*counts_.at({way, result});
  }

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t*> counts_;
};

}  // namespace

class Gatekeeper::Impl {
 public:
  Impl(const Options& options, const TrustSource& trust,
       kube::TokenReviewer& tokens, kube::AccessReviewer& access, Clock& clock,
       obs::Metrics& metrics)
      : trust_(trust),
        clock_(clock),
        open_paths_(options.open_paths),
        tokens_(tokens, options.tokens_kept, clock, metrics),
        verdicts_(access, options.allowed_kept, options.refused_kept, clock,
                  metrics),
        attempts_(metrics) {}

  // No coroutine: whatever comes from the request is taken out of it here.
  Task<model::Admission> Admit(const net::Request& request,
                               TimePoint deadline) {
    return Decide(LookAt(request, *trust_.Current(), clock_.Now()),
                  ActionOf(request), request.target, deadline);
  }

 private:
  // Of a review, which others may wait for who have more time.
  TimePoint ReviewDeadline() const { return clock_.Now() + kube::kReviewTime; }

  Task<model::Admission> Decide(Evidence evidence, model::Action action,
                                std::string target, TimePoint deadline) {
    if (evidence.token && !evidence.token->empty()) {
      std::optional<Error> untried = co_await ReviewToken(evidence, deadline);
      if (untried) co_return *std::move(untried);
    }
    Count(evidence);
    if (!evidence.who && !evidence.failures.empty()) {
      co_return RefuseStranger(evidence);
    }
    const bool stranger = !evidence.who;
    model::Admission admission(
        stranger ? model::Identity{kAnonymous, "", {kUnauthenticated}, {}}
                 : *std::move(evidence.who));
    AddGroupOfAll(admission.caller);
    admission.keep_connection = !stranger;
    Task<std::optional<model::Refusal>> reviewing = WhyNot(
        admission.caller, std::move(action), std::move(target), deadline);
    admission.refusal = co_await std::move(reviewing);
    co_return admission;
  }

  // The error if it could not even be tried, or not in time.
  Task<std::optional<Error>> ReviewToken(Evidence& evidence,
                                         TimePoint deadline) {
    Task<Claim> reviewing = tokens_.Review(*evidence.token, ReviewDeadline());
    std::optional<Claim> answer =
        co_await Before(clock_, deadline, std::move(reviewing));
    if (!answer) co_return TooLate("reviewing a token").error;
    Claim owner = *std::move(answer);
    if (!owner && owner.error().code == ErrorCode::kTooManyRequests) {
      co_return owner.error();
    }
    if (owner && !*owner)
      owner = Error{ErrorCode::kUnauthenticated, "nobody's token", ""};
    evidence.Take(kByToken, std::move(owner));
    co_return std::nullopt;
  }

  static model::Admission RefuseStranger(const Evidence& evidence) {
    std::vector<std::string> reasons;
    for (const Evidence::Failure& failure : evidence.failures) {
      reasons.push_back(failure.reason);
    }
    model::Admission admission{model::Identity{}};
    admission.refusal = Unauthorized(reasons);
    admission.keep_connection = false;
    return admission;
  }

  // Nothing if the caller may.  What it refers to lives in Decide()'s frame.
  Task<std::optional<model::Refusal>> WhyNot(const model::Identity& who,
                                             model::Action action,
                                             std::string target,
                                             TimePoint deadline) {
    if (who.IsIn(model::kMasters) || open_paths_.Hold(action)) {
      co_return std::nullopt;
    }
    Task<Result<kube::Verdict>> reviewing =
        verdicts_.Review(who, action, ReviewDeadline());
    const std::optional<Result<kube::Verdict>> answer =
        co_await Before(clock_, deadline, std::move(reviewing));
    if (!answer) co_return TooLate("reviewing access");
    const Result<kube::Verdict>& verdict = *answer;
    if (!verdict) {
      if (verdict.error().code == ErrorCode::kTooManyRequests) {
        co_return model::Refusal{verdict.error()};
      }
      co_return CouldNotAsk(target, verdict.error());
    }
    if (verdict->allowed) co_return std::nullopt;
    co_return Forbidden(who, action, verdict->reason);
  }

  // Failures before a success are no attempt of their own: every certificate of
  // a user fails as that of a front proxy.
  void Count(const Evidence& evidence) {
    if (evidence.who) {
      attempts_.Count(evidence.how, "success");
    } else if (evidence.failures.empty()) {
      attempts_.Count(kByNothing, "success");
    }
    if (evidence.who) return;
    for (const Evidence::Failure& failure : evidence.failures) {
      attempts_.Count(failure.how, "failure");
    }
  }

  const TrustSource& trust_;
  Clock& clock_;
  const OpenPaths open_paths_;
  RememberedTokens tokens_;
  RememberedVerdicts verdicts_;
  AttemptMeter attempts_;
};

Gatekeeper::Gatekeeper(const Options& options, const TrustSource& trust,
                       kube::TokenReviewer& tokens,
                       kube::AccessReviewer& access, Clock& clock,
                       obs::Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, trust, tokens, access, clock,
                                   metrics)) {}

Gatekeeper::~Gatekeeper() = default;

Task<model::Admission> Gatekeeper::Admit(const net::Request& request,
                                         TimePoint deadline) {
  return impl_->Admit(request, deadline);
}

}  // namespace sextant::auth
