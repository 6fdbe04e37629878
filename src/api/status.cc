#include "status.h"

#include <string_view>
#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/text.h"

namespace sextant::api {
namespace {

struct Face {
  int code;
  const char* reason;
};

// k8s.io/apimachinery/pkg/api/errors has the same pairs.
Face FaceOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return {400, "BadRequest"};
    case ErrorCode::kUnauthenticated:
      return {401, "Unauthorized"};
    case ErrorCode::kPermissionDenied:
      return {403, "Forbidden"};
    case ErrorCode::kNotFound:
      return {404, "NotFound"};
    case ErrorCode::kMethodNotAllowed:
      return {405, "MethodNotAllowed"};
    case ErrorCode::kNotAcceptable:
      return {406, "NotAcceptable"};
    case ErrorCode::kTooLarge:
      return {413, "RequestEntityTooLarge"};
    case ErrorCode::kTooManyRequests:
      return {429, "TooManyRequests"};
    case ErrorCode::kDeadlineExceeded:
      return {504, "Timeout"};
    case ErrorCode::kUnavailable:
      return {503, "ServiceUnavailable"};
    case ErrorCode::kInternal:
      break;
  }
  return {500, "InternalError"};
}

constexpr std::string_view kInternalPrefix = "Internal error occurred: ";

// NewInternalError of apimachinery repeats the cause in the details.
std::string DetailsOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInternal: {
      if (error.message.rfind(kInternalPrefix, 0) != 0) return "";
      std::string details = R"({"causes":[{"message":)";
      AppendJsonString(
          details,
          std::string_view(error.message).substr(kInternalPrefix.size()));
      return details + "}]}";
    }
    case ErrorCode::kTooManyRequests:
      return R"({"retryAfterSeconds":1})";
    case ErrorCode::kNotAcceptable:
      // The router's refusal has details, the serializer's has none.
      return error.message.rfind("406: ", 0) == 0 ? "{}" : "";
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kDeadlineExceeded:
      return "{}";
    default:
      return "";
  }
}

// metav1.StatusDetails, without the fields that are empty.
std::string DetailsOf(const model::Refusal& refusal) {
  std::string details;
  const auto add = [&details](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    details += details.empty() ? "{" : ",";
    AppendJsonString(details, key);
    details += ':';
    AppendJsonString(details, value);
  };
  add("name", refusal.name);
  add("group", refusal.group);
  add("kind", refusal.kind);
  return details.empty() ? "{}" : details + "}";
}

}  // namespace

std::string Status::ToJson() const {
  std::string out =
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
      R"("message":)";
  AppendJsonString(out, message);
  out += R"(,"reason":)";
  AppendJsonString(out, reason);
  if (!details.empty()) out += R"(,"details":)" + details;
  out += R"(,"code":)" + std::to_string(code) + "}\n";
  return out;
}

net::Response Status::ToResponse() const {
  net::Response response =
      net::Response::Of(code, "application/json", ToJson());
  if (code == 429) response.headers.Set("Retry-After", "1");
  if (code == 405) response.headers.Set("Allow", "GET");
  // The API server's habit for what may echo a user's name.
  if (code == 403) response.headers.Set("X-Content-Type-Options", "nosniff");
  return response;
}

Error TooManyRequests() {
  return {ErrorCode::kTooManyRequests,
          "Too many requests, please try again later.", ""};
}

Status StatusOf(const Error& error) {
  const Face face = FaceOf(error.code);
  return {face.code, face.reason, error.message, DetailsOf(error)};
}

Status StatusOfRefusal(const model::Refusal& refusal) {
  Status status = StatusOf(refusal.error);
  if (status.code == 403) status.details = DetailsOf(refusal);
  return status;
}

Status NoSuchResource() {
  return {404, "NotFound", "the server could not find the requested resource",
          "{}"};
}

Status NoSuchMethod() {
  return {405, "MethodNotAllowed",
          "the server does not allow this method on the requested resource",
          "{}"};
}

Status BadRequest(std::string message) {
  return {400, "BadRequest", std::move(message), ""};
}

Status NoSuchObject(const std::string& group, const std::string& resource,
                    const std::string& name) {
  std::string details = R"({"name":)";
  AppendJsonString(details, name);
  if (!group.empty()) {
    details += R"(,"group":)";
    AppendJsonString(details, group);
  }
  details += R"(,"kind":)";
  AppendJsonString(details, resource);
  details += "}";
  const std::string what = group.empty() ? resource : resource + "." + group;
  return {404, "NotFound", what + " " + GoQuote(name) + " not found",
          std::move(details)};
}

Status CannotWatch(const std::string& resource, const std::string& group) {
  std::string details = R"({"group":)";
  AppendJsonString(details, group);
  details += R"(,"kind":)";
  AppendJsonString(details, resource);
  details += "}";
  return {405, "MethodNotAllowed",
          "watch is not supported on resources of kind " +
              GoQuote(resource + "." + group),
          std::move(details)};
}

}  // namespace sextant::api
