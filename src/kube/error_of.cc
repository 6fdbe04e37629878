#include <string>
#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"
#include "sextant/base/text.h"
#include "sextant/kube/client.h"

namespace sextant::kube {
namespace {

// A message of the API server that is longer tells nobody more.
constexpr std::size_t kMostText = 1024;

ErrorCode CodeOf(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
    case 410:
      return ErrorCode::kNotFound;
    case 405:
      return ErrorCode::kMethodNotAllowed;
    case 406:
      return ErrorCode::kNotAcceptable;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kTooManyRequests;
    case 504:
      return ErrorCode::kDeadlineExceeded;
    default:
      return status < 500 ? ErrorCode::kInvalidArgument
                          : ErrorCode::kUnavailable;
  }
}

std::string Shortened(std::string text) {
  if (text.size() <= kMostText) return text;
  text.resize(kMostText);
  // Not in the middle of a character.
  while (!text.empty() && !IsUtf8(text) && text.size() > kMostText - 4) {
    text.pop_back();
  }
  return text + "...";
}

// What the Status object says; "" if the body is none.
std::string StatusText(const std::string& body) {
  const Result<nlohmann::json> status = ParseJson(body);
  if (!status || TextOf(*status, "kind") != "Status") return {};
  std::string message = TextOf(*status, "message");
  return message.empty() ? TextOf(*status, "reason") : message;
}

}  // namespace

Error ErrorOf(const Reply& reply, const std::string& doing) {
  std::string text = Shortened(StatusText(reply.body));
  // What is no Status is a page of a proxy, or of somebody else altogether.
  if (text.empty()) {
    text = "the API server answered " + std::to_string(reply.status);
  }
  return {CodeOf(reply.status), doing + ": " + std::move(text),
          "status " + std::to_string(reply.status) + " of the API server"};
}

}  // namespace sextant::kube
