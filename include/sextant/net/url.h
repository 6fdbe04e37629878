#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::net {

// An http or https URL in its parts (RFC 3986).
struct Url {
  std::string scheme;      // "http" or "https"
  std::string user_info;   // decoded "user:password"; empty: none
  std::string host;        // a name, an IPv4 address, or an IPv6 one without []
  std::uint16_t port = 0;  // the scheme's own if the text has none
  std::string path;        // as written; empty or begins with '/'
  std::string query;       // as written, without '?'

  // Errors say what is wrong with the text; user info is never in them.
  static Result<Url> Parse(std::string_view text);

  // "host:port" as the Host header wants it: without the scheme's own port.
  std::string Authority() const;
  // "/path?query"
  std::string Target() const;
  // The whole, without user info: for logs.
  std::string ToString() const;
};

// The URL that `text`, a Location header say, names as seen from `base` (RFC
// 3986, 5.2).  It may be relative; its fragment is dropped.  Errors are those
// of Url::Parse.
Result<Url> ResolveReference(const Url& base, std::string_view text);

}  // namespace sextant::net
