#include "sextant/kube/reviews.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"

namespace sextant::kube {
namespace {

// Writes JSON objects with their members in Go's order and, like its
// `omitempty`, without the empty ones: so that the bodies are the same as
// client-go's, byte for byte.
class ObjectWriter {
 public:
  ObjectWriter& Text(std::string_view key, std::string_view value) {
    if (!value.empty()) AppendJsonString(Key(key), value);
    return *this;
  }

  ObjectWriter& Texts(std::string_view key,
                      const std::vector<std::string>& values) {
    if (!values.empty()) AppendList(Key(key), values);
    return *this;
  }

  ObjectWriter& Raw(std::string_view key, std::string_view json) {
    Key(key) += json;
    return *this;
  }

  ObjectWriter& Lists(
      std::string_view key,
      const std::map<std::string, std::vector<std::string>>& values) {
    if (values.empty()) return *this;
    ObjectWriter inner;
    for (const auto& [name, texts] : values) {
      AppendList(inner.Key(name), texts);
    }
    return Raw(key, inner.Take());
  }

  std::string Take() { return std::move(out_) + "}"; }

 private:
  std::string& Key(std::string_view key) {
    if (out_.size() > 1) out_ += ',';
    AppendJsonString(out_, key);
    return out_ += ':';
  }

  static void AppendList(std::string& out,
                         const std::vector<std::string>& values) {
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      AppendJsonString(out, values[i]);
    }
    out += ']';
  }

  std::string out_ = "{";
};

std::string ReviewBody(std::string_view kind, std::string_view group_version,
                       std::string spec, std::string_view status) {
  return ObjectWriter()
      .Text("kind", kind)
      .Text("apiVersion", group_version)
      .Raw("metadata", "{}")
      .Raw("spec", spec)
      .Raw("status", status)
      .Take();
}

std::string TokenReviewBody(const std::string& token) {
  return ReviewBody("TokenReview", "authentication.k8s.io/v1",
                    ObjectWriter().Text("token", token).Take(),
                    R"({"user":{}})");
}

std::string AccessReviewBody(const model::Identity& who,
                             const model::Action& action) {
  ObjectWriter spec;
  if (action.is_resource) {
    spec.Raw("resourceAttributes", ObjectWriter()
                                       .Text("namespace", action.namespace_)
                                       .Text("verb", action.verb)
                                       .Text("group", action.group)
                                       .Text("version", action.version)
                                       .Text("resource", action.resource)
                                       .Text("subresource", action.subresource)
                                       .Text("name", action.name)
                                       .Take());
  } else {
    spec.Raw("nonResourceAttributes", ObjectWriter()
                                          .Text("path", action.path)
                                          .Text("verb", action.verb)
                                          .Take());
  }
  spec.Text("user", who.user)
      .Texts("groups", who.groups)
      .Lists("extra", who.extra)
      .Text("uid", who.uid);
  return ReviewBody("SubjectAccessReview", "authorization.k8s.io/v1",
                    spec.Take(), R"({"allowed":false})");
}

Request ReviewRequest(const char* path, std::string body) {
  Request request;
  request.method = "POST";
  request.path = path;
  request.body = std::move(body);
  return request;
}

// The `status` of the review that the reply is; `doing` for errors.
Result<nlohmann::json> StatusOf(const Reply& reply, const std::string& kind,
                                const std::string& doing) {
  if (reply.status >= 400) {
    Error error = ErrorOf(reply, doing);
    if (reply.status == 403) {
      error.message +=
          "; bind the ClusterRole system:auth-delegator to the account that "
          "sextant asks with";
    }
    return error;
  }
  const Result<nlohmann::json> review = ParseJson(reply.body);
  if (review && TextOf(*review, "kind") == kind) {
    const nlohmann::json* const status = Member(*review, "status");
    if (status != nullptr && status->is_object()) return *status;
  }
  return Error{ErrorCode::kUnavailable,
               doing + ": the API server's answer is no " + kind,
               "status " + std::to_string(reply.status)};
}

model::Identity IdentityOf(const nlohmann::json& user) {
  model::Identity who;
  who.user = TextOf(user, "username");
  who.uid = TextOf(user, "uid");
  who.groups = TextsOf(user, "groups");
  const nlohmann::json* const extra = Member(user, "extra");
  if (extra == nullptr || !extra->is_object()) return who;
  for (const auto& [key, values] : extra->items()) {
    who.extra[key] = Texts(values);
  }
  return who;
}

Result<std::optional<model::Identity>> OwnerIn(const Reply& reply) {
  const std::string doing = "reviewing a token";
  const Result<nlohmann::json> status = StatusOf(reply, "TokenReview", doing);
  if (!status) return status.error();
  if (!FlagOf(*status, "authenticated")) {
    return std::optional<model::Identity>();
  }
  const nlohmann::json* const user = Member(*status, "user");
  std::optional<model::Identity> who;
  if (user != nullptr) who = IdentityOf(*user);
  if (!who || who->user.empty()) {
    return Error{ErrorCode::kUnavailable,
                 doing + ": the API server knows it, but does not name a user",
                 ""};
  }
  return who;
}

}  // namespace

// The two Review() are no coroutines: what they were given by reference is used
// up when they return.

Task<Result<std::optional<model::Identity>>> ApiTokenReviewer::Review(
    const std::string& token, TimePoint deadline) {
  return Ask(token, std::min(deadline, clock_.Now() + kReviewTime));
}

Task<Result<std::optional<model::Identity>>> ApiTokenReviewer::Ask(
    std::string token, TimePoint deadline) {
  Request request = ReviewRequest("/apis/authentication.k8s.io/v1/tokenreviews",
                                  TokenReviewBody(token));
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), deadline);
  if (!reply) co_return Error(reply.error()).Within("reviewing a token");
  Result<std::optional<model::Identity>> owner = OwnerIn(*reply);
  // A server that complains about a request may quote it.
  if (!owner && owner.error().message.find(token) != std::string::npos) {
    co_return ErrorOf({reply->status, ""}, "reviewing a token");
  }
  co_return owner;
}

Task<Result<Verdict>> ApiAccessReviewer::Review(const model::Identity& who,
                                                const model::Action& action,
                                                TimePoint deadline) {
  return Ask(AccessReviewBody(who, action),
             std::min(deadline, clock_.Now() + kReviewTime));
}

Task<Result<Verdict>> ApiAccessReviewer::Ask(std::string body,
                                             TimePoint deadline) {
  const std::string doing = "reviewing access";
  Request request = ReviewRequest(
      "/apis/authorization.k8s.io/v1/subjectaccessreviews", std::move(body));
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), deadline);
  if (!reply) co_return Error(reply.error()).Within(doing);
  const Result<nlohmann::json> status =
      StatusOf(*reply, "SubjectAccessReview", doing);
  if (!status) co_return status.error();
  Verdict verdict;
  verdict.denied = FlagOf(*status, "denied");
  verdict.allowed = FlagOf(*status, "allowed") && !verdict.denied;
  verdict.reason = TextOf(*status, "reason");
  co_return verdict;
}

}  // namespace sextant::kube
