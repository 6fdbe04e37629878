#include "refusals.h"

#include <string_view>

#include "sextant/base/text.h"

namespace sextant::auth {
namespace {

// The API server does so with what comes from a client, for browsers that take
// the text for HTML.
std::string Sanitize(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string WhatIsForbidden(const model::Identity& who,
                            const model::Action& action) {
  const std::string text =
      "User " + GoQuote(who.user) + " cannot " + action.verb;
  if (!action.is_resource) return text + " path " + GoQuote(action.path);
  std::string resource = action.resource;
  if (!action.subresource.empty()) resource += "/" + action.subresource;
  return text + " resource " + GoQuote(resource) + " in API group " +
         GoQuote(action.group) +
         (action.namespace_.empty()
              ? " at the cluster scope"
              : " in the namespace " + GoQuote(action.namespace_));
}

// "pods.custom.metrics.k8s.io "web-0" is "; nothing for a path.
std::string Subject(const model::Action& action) {
  if (!action.is_resource) return "";
  std::string subject = action.resource;
  if (!action.group.empty()) subject += "." + action.group;
  if (!action.name.empty()) subject += " " + GoQuote(action.name);
  return subject + " is ";
}

}  // namespace

model::Refusal Unauthorized(const std::vector<std::string>& reasons) {
  return {{ErrorCode::kUnauthenticated, "Unauthorized", Join(reasons, "; ")}};
}

model::Refusal Forbidden(const model::Identity& who,
                         const model::Action& action,
                         const std::string& reason) {
  std::string message =
      Subject(action) + "forbidden: " + Sanitize(WhatIsForbidden(who, action));
  if (!reason.empty()) message += ": " + reason;
  return {{ErrorCode::kPermissionDenied, std::move(message), ""},
          action.name,
          action.resource,
          action.group};
}

model::Refusal TooLate(const std::string& doing) {
  return {{ErrorCode::kDeadlineExceeded,
           "Timeout: request did not complete within the allotted timeout",
           doing + ": no answer in time"}};
}

model::Refusal CouldNotAsk(const std::string& target, const Error& error) {
  return {{ErrorCode::kInternal,
           Sanitize("Internal Server Error: " + GoQuote(target) + ": " +
                    error.message),
           error.detail}};
}

}  // namespace sextant::auth
