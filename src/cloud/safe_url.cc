#include "safe_url.h"

#include <algorithm>
#include <utility>

#include "sextant/base/file.h"
#include "sextant/base/loopback.h"
#include "sextant/base/text.h"

namespace sextant::cloud {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

Error Unusable(std::string message) {
  return Error{ErrorCode::kUnavailable, std::move(message), ""};
}

}  // namespace

bool StaysOnNode(const net::Url& url) {
  return url.host == "localhost" || IsLoopbackAddress(url.host) ||
         url.host == "169.254.169.254" || url.host == "169.254.170.2" ||
         url.host == "169.254.170.23" || url.host == "fd00:ec2::23";
}

Result<net::Url> SafeUrl(const std::string& text, const std::string& what) {
  Result<net::Url> url = net::Url::Parse(text);
  if (!url) return std::move(url).error().Within(what);
  if (url->scheme != "https" && !StaysOnNode(*url)) {
    return Error{ErrorCode::kInvalidArgument,
                 what + ": secrets would go to " + url->Authority() +
                     " without TLS; write an https:// URL",
                 ""};
  }
  return url;
}

Result<std::string> TokenInFile(const std::string& path) {
  Result<std::string> text = ReadFile(path, kMostBytes);
  if (!text) {
    Error error = std::move(text).error();
    error.code = ErrorCode::kUnavailable;
    return error;
  }
  std::string token(Trim(*text));
  if (token.empty()) return Unusable(path + " is empty");
  // It becomes a header or a form's field.
  const bool one_line = std::all_of(token.begin(), token.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' && byte != 0x7f;
  });
  if (!one_line) return Unusable(path + " holds more than a token");
  return token;
}

bool IsVisibleAscii(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f;
  });
}

}  // namespace sextant::cloud
