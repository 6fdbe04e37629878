#include "request_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sextant/base/http_text.h"
#include "sextant/base/text.h"

namespace sextant::net {
namespace {

// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

bool IsTarget(std::string_view text) {
  return text.front() == '/' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte > 0x20 && byte < 0x7f;
         });
}

bool IsOurs(std::string_view name) {
  constexpr std::string_view kOurs[] = {"Host", "Content-Length",
                                        "Transfer-Encoding", "Connection",
                                        "Proxy-Authorization"};
  return std::any_of(
      std::begin(kOurs), std::end(kOurs),
      [name](std::string_view ours) { return EqualsIgnoringCase(ours, name); });
}

Error Unwritable(const std::string& what) {
  return {ErrorCode::kInvalidArgument, "cannot send the request: " + what, ""};
}

}  // namespace

Result<std::string> WriteRequest(const ClientRequest& request,
                                 const std::optional<Url>& proxy) {
  const std::string target = request.url.Target();
  if (!IsToken(request.method)) return Unwritable("its method is no token");
  if (!IsTarget(target)) {
    return Unwritable(
        "its path or query holds a character that must be percent-encoded");
  }
  const std::string authority = request.url.Authority();
  std::string wire = request.method + " ";
  if (proxy) wire += request.url.scheme + "://" + authority;
  wire += target + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (proxy && !proxy->user_info.empty()) {
    wire +=
        "Proxy-Authorization: " + BasicCredentials(proxy->user_info) + "\r\n";
  }
  for (const auto& [name, value] : request.headers.fields()) {
    if (!IsToken(name)) return Unwritable("a header's name is no token");
    if (!IsFieldValue(value)) {
      return Unwritable("the header " + name + " holds a control character");
    }
    if (!IsOurs(name)) wire += name + ": " + value + "\r\n";
  }
  if (!request.url.user_info.empty() &&
      request.headers.Find("Authorization") == nullptr) {
    wire +=
        "Authorization: " + BasicCredentials(request.url.user_info) + "\r\n";
  }
  // Of methods that give a body a meaning, the length is sent even if it is 0
  // (RFC 9110, 8.6).
  if (!request.body.empty() ||
      (request.method != "GET" && request.method != "HEAD" &&
       request.method != "DELETE")) {
    wire += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  wire += "\r\n";
  wire += request.body;
  return wire;
}

}  // namespace sextant::net
