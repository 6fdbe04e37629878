#include "sextant/net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "sextant/base/text.h"

namespace sextant::net {
namespace {

Error Refused(std::string why) {
  return {ErrorCode::kInvalidArgument, "not a usable URL: " + std::move(why),
          ""};
}

std::uint16_t DefaultPort(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool IsIpv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

std::optional<Error> CheckBytes(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return Refused(
          "it holds a blank or a control character (a blank is written %20)");
    }
    if (byte > 0x7f) {
      return Refused(
          "it holds a character outside ASCII; percent-encode it, or write "
          "the host in its xn-- form");
    }
  }
  if (text.find('#') != std::string_view::npos) {
    return Refused("it has a fragment ('#'), which is never sent to a server");
  }
  return std::nullopt;
}

// "host", "host:port", "[::1]" or "[::1]:port" into `url`.
std::optional<Error> ParseHostAndPort(std::string_view text, Url& url) {
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return Refused("the '[' of its IPv6 address is never closed");
    }
    url.host = AsciiLower(text.substr(1, close - 1));
    if (url.host.find('%') != std::string::npos) {
      return Refused("IPv6 addresses with a zone (%) are not supported");
    }
    if (!IsIpv6(url.host)) {
      return Refused("what stands in its brackets is not an IPv6 address");
    }
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') {
      return Refused("only a port may follow the IPv6 address");
    }
    if (!text.empty()) port = text.substr(1);
  } else {
    const std::size_t colon = text.find(':');
    if (colon != text.rfind(':')) {
      return Refused(
          "its host has several ':'; an IPv6 address stands in brackets, "
          "http://[::1]:9090");
    }
    url.host = AsciiLower(text.substr(0, colon));
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
    if (url.host.empty()) return Refused("it has no host");
    if (!std::all_of(url.host.begin(), url.host.end(), IsNameByte)) {
      return Refused(
          "its host may hold letters, digits, '-', '.' and '_' only");
    }
  }

  url.port = DefaultPort(url.scheme);
  if (port.empty()) return std::nullopt;  // RFC 3986, 3.2.3 allows "host:"
  unsigned number = 0;
  const auto [end, failure] =
      std::from_chars(port.data(), port.data() + port.size(), number);
  if (failure != std::errc() || end != port.data() + port.size() ||
      number == 0 || number > 65535) {
    return Refused("its port is not a number from 1 to 65535");
  }
  url.port = static_cast<std::uint16_t>(number);
  return std::nullopt;
}

// RFC 3986, 3.1: a letter first, then what stands before the first ':'.
bool BeginsWithScheme(std::string_view text) {
  const std::size_t end = text.find_first_of(":/?");
  if (end == std::string_view::npos || end == 0 || text[end] != ':') {
    return false;
  }
  return (text[0] >= 'a' && text[0] <= 'z') ||
         (text[0] >= 'A' && text[0] <= 'Z');
}

// RFC 3986, 5.2.4: "/a/./b/../c" is "/a/c".
std::string WithoutDotSegments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    // path[0] is '/'.
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    const bool last = end == path.size();
    if (segment == "..") {
      const std::size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
    }
    if (segment != "." && segment != "..") {
      out += path.substr(0, end);
    } else if (last) {
      out += '/';
    }
    path.remove_prefix(end);
  }
  return out;
}

// "/a/b" seen from which "c" is "/a/c".
std::string MergedPath(const std::string& base, std::string_view relative) {
  if (!relative.empty() && relative.front() == '/') {
    return std::string(relative);
  }
  // npos + 1 is 0: a base without a path.
  const std::string folder = base.substr(0, base.rfind('/') + 1);
  return (folder.empty() ? "/" : folder) + std::string(relative);
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  if (text.empty()) return Refused("it is empty");
  if (auto bad = CheckBytes(text)) return std::move(*bad);

  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) {
    return Refused("it must begin with http:// or https://");
  }
  Url url;
  url.scheme = AsciiLower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return Refused("its scheme must be http or https");
  }
  text.remove_prefix(colon + 3);

  const std::size_t authority_end =
      std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  text.remove_prefix(authority_end);

  // The last '@', as a password may hold one.
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    std::optional<std::string> decoded = PercentDecode(authority.substr(0, at));
    if (!decoded) {
      return Refused(
          "its user or password has a '%' without two hex digits (a '%' is "
          "written %25)");
    }
    url.user_info = std::move(*decoded);
    authority.remove_prefix(at + 1);
  }
  if (auto bad = ParseHostAndPort(authority, url)) return std::move(*bad);

  const std::size_t mark = text.find('?');
  url.path = std::string(text.substr(0, mark));
  if (!PercentDecode(url.path)) {
    return Refused("its path has a '%' without two hex digits");
  }
  if (mark != std::string_view::npos) {
    url.query = std::string(text.substr(mark + 1));
  }
  return url;
}

std::string Url::Authority() const {
  std::string authority =
      host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != DefaultPort(scheme)) authority += ":" + std::to_string(port);
  return authority;
}

std::string Url::Target() const {
  std::string target = path.empty() ? "/" : path;
  if (!query.empty()) target += "?" + query;
  return target;
}

std::string Url::ToString() const {
  std::string text = scheme + "://" + Authority() + path;
  if (!query.empty()) text += "?" + query;
  return text;
}

Result<Url> ResolveReference(const Url& base, std::string_view text) {
  text = text.substr(0, text.find('#'));
  Result<Url> url = base;
  if (BeginsWithScheme(text)) {
    url = Url::Parse(text);
  } else if (text.substr(0, 2) == "//") {
    url = Url::Parse(base.scheme + ":" + std::string(text));
  } else {
    const std::size_t mark = text.find('?');
    const std::string_view path = text.substr(0, mark);
    std::string whole =
        base.scheme + "://" + base.Authority() +
        (path.empty() ? base.path : MergedPath(base.path, path));
    if (mark != std::string_view::npos) {
      whole += text.substr(mark);
    } else if (path.empty() && !base.query.empty()) {
      whole += "?" + base.query;
    }
    // Once more as a text, which checks the characters of `text`.
    url = Url::Parse(whole);
    if (url) url->user_info = base.user_info;
  }
  if (url) url->path = WithoutDotSegments(url->path);
  return url;
}

}  // namespace sextant::net
