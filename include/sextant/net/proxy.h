#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sextant/base/result.h"
#include "sextant/net/url.h"

namespace sextant::net {

// Which proxies the environment names.
struct ProxySettings {
  std::string http_proxy;   // for http; empty: none
  std::string https_proxy;  // for https; empty: none
  std::string no_proxy;     // "a.test, .b.test, 10.0.0.0/8, c.test:8080" or "*"

  // HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the same in small letters where
  // these are empty.  `variable` gives the value of a variable, "" if it is not
  // set.  HTTP_PROXY counts for nothing beside REQUEST_METHOD: to a CGI program
  // it is a header of the request.
  static ProxySettings From(
      const std::function<std::string(const char*)>& variable);
};

// The proxy that a request for `url` goes through, as Go's ProxyFromEnvironment
// decides it; nothing: the request goes straight.  localhost and loopback
// addresses never go through one.  The error names the variable whose value is
// no usable proxy, and not the value, which may hold a password.  Any thread.
Result<std::optional<Url>> ProxyFor(const Url& url,
                                    const ProxySettings& settings);

}  // namespace sextant::net
