#include "remembered_reviews.h"

#include <string_view>
#include <utility>
#include <vector>

namespace sextant::auth {
namespace {

Error TooManyUnderWay() {
  return {ErrorCode::kTooManyRequests,
          "Too many requests, please try again later.",
          "too many reviews of callers are under way"};
}

// With its length in front, so that no two lists of texts look the same.
void Append(std::string& key, std::string_view text) {
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

void Append(std::string& key, const std::vector<std::string>& texts) {
  key += std::to_string(texts.size()) + '[';
  for (const std::string& text : texts) Append(key, text);
}

// Everything that a SubjectAccessReview says.
std::string Question(const model::Identity& who, const model::Action& action) {
  std::string key = action.is_resource ? "r" : "p";
  for (const std::string* text :
       {&action.verb, &action.group, &action.version, &action.resource,
        &action.subresource, &action.namespace_, &action.name, &action.path,
        &who.user, &who.uid}) {
    Append(key, *text);
  }
  Append(key, who.groups);
  for (const auto& [name, values] : who.extra) {
    Append(key, name);
    Append(key, values);
  }
  return key;
}

}  // namespace

RememberedTokens::RememberedTokens(kube::TokenReviewer& reviewer, Duration kept,
                                   Clock& clock, obs::Metrics& metrics)
    : reviewer_(reviewer),
      clock_(clock),
      meter_("token", {"known", "unknown"}, metrics),
      known_(kRememberedTokens, kept),
      unknown_(kRememberedTokens, kept) {}

// No coroutine: the arguments are used up when it returns.
Task<RememberedTokens::Owner> RememberedTokens::Review(const std::string& token,
                                                       TimePoint deadline) {
  return Find(token, hash_.Of(token), deadline);
}

Task<RememberedTokens::Owner> RememberedTokens::Find(std::string token,
                                                     std::string key,
                                                     TimePoint deadline) {
  const TimePoint now = clock_.Now();
  std::optional<model::Identity> known = known_.Find(key, now);
  if (known || unknown_.Find(key, now)) {
    meter_.Remembered();
    co_return known;
  }
  if (flights_.InFlight() >= kMaxReviewsUnderWay) co_return TooManyUnderWay();
  Task<Owner> asking = flights_.Do(
      key, [this, token, key, deadline] { return Ask(token, key, deadline); });
  co_return co_await std::move(asking);
}

Task<RememberedTokens::Owner> RememberedTokens::Ask(std::string token,
                                                    std::string key,
                                                    TimePoint deadline) {
  const TimePoint start = clock_.Now();
  Owner owner = co_await reviewer_.Review(token, deadline);
  const TimePoint end = clock_.Now();
  if (!owner) {
    meter_.Failed(owner.error(), end - start);
    co_return owner;
  }
  meter_.Reviewed(*owner ? "known" : "unknown", end - start);
  if (*owner) {
    known_.Put(key, **owner, end);
  } else {
    unknown_.Put(key, true, end);
  }
  co_return owner;
}

RememberedVerdicts::RememberedVerdicts(kube::AccessReviewer& reviewer,
                                       Duration allowed_kept,
                                       Duration refused_kept, Clock& clock,
                                       obs::Metrics& metrics)
    : reviewer_(reviewer),
      clock_(clock),
      meter_("access", {"allowed", "refused"}, metrics),
      allowed_(kRememberedVerdicts, allowed_kept),
      refused_(kRememberedVerdicts, refused_kept) {}

Task<Result<kube::Verdict>> RememberedVerdicts::Review(
    const model::Identity& who, const model::Action& action,
    TimePoint deadline) {
  return Find(who, action, hash_.Of(Question(who, action)), deadline);
}

Task<Result<kube::Verdict>> RememberedVerdicts::Find(model::Identity who,
                                                     model::Action action,
                                                     std::string key,
                                                     TimePoint deadline) {
  const TimePoint now = clock_.Now();
  std::optional<kube::Verdict> verdict = allowed_.Find(key, now);
  if (!verdict) verdict = refused_.Find(key, now);
  if (verdict) {
    meter_.Remembered();
    co_return *verdict;
  }
  if (flights_.InFlight() >= kMaxReviewsUnderWay) co_return TooManyUnderWay();
  Task<Result<kube::Verdict>> asking =
      flights_.Do(key, [this, who, action, key, deadline] {
        return Ask(who, action, key, deadline);
      });
  co_return co_await std::move(asking);
}

Task<Result<kube::Verdict>> RememberedVerdicts::Ask(model::Identity who,
                                                    model::Action action,
                                                    std::string key,
                                                    TimePoint deadline) {
  const TimePoint start = clock_.Now();
  Result<kube::Verdict> verdict =
      co_await reviewer_.Review(who, action, deadline);
  const TimePoint end = clock_.Now();
  if (!verdict) {
    meter_.Failed(verdict.error(), end - start);
    co_return verdict;
  }
  // Both at once is a contradiction, and no permission.
  verdict->allowed = verdict->allowed && !verdict->denied;
  meter_.Reviewed(verdict->allowed ? "allowed" : "refused", end - start);
  (verdict->allowed ? allowed_ : refused_).Put(key, *verdict, end);
  co_return verdict;
}

}  // namespace sextant::auth
