#include "status.h"

#include <string_view>
#include <utility>

#include "protobuf.h"
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
std::optional<StatusDetails> DetailsOf(const Error& error) {
  StatusDetails details;
  switch (error.code) {
    case ErrorCode::kInternal:
      if (error.message.rfind(kInternalPrefix, 0) != 0) return std::nullopt;
      details.causes.push_back(
          {"", error.message.substr(kInternalPrefix.size()), ""});
      return details;
    case ErrorCode::kTooManyRequests:
      details.retry_after_seconds = 1;
      return details;
    case ErrorCode::kNotAcceptable:
      // The router's refusal has details, the serializer's has none.
      if (error.message.rfind("406: ", 0) != 0) return std::nullopt;
      return details;
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kDeadlineExceeded:
      return details;
    default:
      return std::nullopt;
  }
}

// Writes the members of an object that are not empty.
class JsonObject {
 public:
  void Text(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    AppendJsonString(Member(name), text);
  }
  // The place for the value.
  std::string& Member(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    AppendJsonString(text_, name);
    return text_ += ':';
  }
  std::string Take() && { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";
};

std::string CauseJson(const StatusCause& cause) {
  JsonObject object;
  object.Text("reason", cause.reason);
  object.Text("message", cause.message);
  object.Text("field", cause.field);
  return std::move(object).Take();
}

std::string DetailsJson(const StatusDetails& details) {
  JsonObject object;
  object.Text("name", details.name);
  object.Text("group", details.group);
  object.Text("kind", details.kind);
  if (!details.causes.empty()) {
    std::vector<std::string> causes;
    for (const StatusCause& cause : details.causes) {
      causes.push_back(CauseJson(cause));
    }
    object.Member("causes") += "[" + Join(causes, ",") + "]";
  }
  if (details.retry_after_seconds > 0) {
    object.Member("retryAfterSeconds") +=
        std::to_string(details.retry_after_seconds);
  }
  return std::move(object).Take();
}

// Field numbers of k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto; texts
// are written also when they are empty.
ProtoMessage DetailsProtobuf(const StatusDetails& details) {
  ProtoMessage message;
  message.Text(1, details.name).Text(2, details.group).Text(3, details.kind);
  for (const StatusCause& cause : details.causes) {
    message.Message(4, ProtoMessage()
                           .Text(1, cause.reason)
                           .Text(2, cause.message)
                           .Text(3, cause.field));
  }
  return message.Integer(5, details.retry_after_seconds).Text(6, "");
}

}  // namespace

std::string Status::ToJson() const {
  std::string out =
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
      R"("message":)";
  AppendJsonString(out, message);
  out += R"(,"reason":)";
  AppendJsonString(out, reason);
  if (details) out += R"(,"details":)" + DetailsJson(*details);
  out += R"(,"code":)" + std::to_string(code) + "}\n";
  return out;
}

std::string Status::ToProtobuf() const {
  ProtoMessage status;
  status.Message(1, ListMeta())
      .Text(2, "Failure")
      .Text(3, message)
      .Text(4, reason);
  if (details) status.Message(5, DetailsProtobuf(*details));
  status.Integer(6, code);
  return KubernetesProtobuf("v1", "Status", status);
}

net::Response Status::ToResponse(const std::vector<MediaRange>& accept) const {
  const Result<BodyForm> form = ChooseBodyForm(accept);
  const bool protobuf = code != 406 && form && *form == BodyForm::kProtobuf;
  net::Response response =
      protobuf
          ? net::Response::Of(code, std::string(kProtobufType), ToProtobuf())
          : net::Response::Of(code, "application/json", ToJson());
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
  if (status.code == 403) {
    status.details =
        StatusDetails{refusal.name, refusal.group, refusal.kind, {}, 0};
  }
  return status;
}

Status NoSuchResource() {
  return {404, "NotFound", "the server could not find the requested resource",
          StatusDetails{}};
}

Status NoSuchMethod() {
  return {405, "MethodNotAllowed",
          "the server does not allow this method on the requested resource",
          StatusDetails{}};
}

Status BadRequest(std::string message) {
  return {400, "BadRequest", std::move(message), std::nullopt};
}

Status NoSuchObject(const std::string& group, const std::string& resource,
                    const std::string& name) {
  const std::string what = group.empty() ? resource : resource + "." + group;
  return {404, "NotFound", what + " " + GoQuote(name) + " not found",
          StatusDetails{name, group, resource, {}, 0}};
}

Status CannotWatch(const std::string& resource, const std::string& group) {
  return {405, "MethodNotAllowed",
          "watch is not supported on resources of kind " +
              GoQuote(resource + "." + group),
          StatusDetails{"", group, resource, {}, 0}};
}

}  // namespace sextant::api
