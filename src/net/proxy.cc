#include "sextant/net/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::net {
namespace {

// An address as its bytes: 16 of IPv6, 4 of IPv4, also if that is written as
// ::ffff:10.0.0.1.  Empty if the text is no address.
std::string AddressBytes(const std::string& text) {
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return std::string(reinterpret_cast<const char*>(&v4), sizeof v4);
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return "";
  std::string bytes(reinterpret_cast<const char*>(&v6), sizeof v6);
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return bytes.substr(0, 12) == kMapped ? bytes.substr(12) : bytes;
}

bool IsLoopback(const std::string& address) {
  if (address.size() == 4) return address[0] == 127;
  return address == std::string(15, '\0') + '\x01';
}

// Is `address` in "10.0.0.0/8"?  Nothing if `entry` is no such range.
std::optional<bool> IsInRange(const std::string& address,
                              const std::string& entry) {
  const std::size_t slash = entry.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::string network = AddressBytes(entry.substr(0, slash));
  std::size_t bits = 0;
  const char* const end = entry.data() + entry.size();
  const auto [stop, failure] =
      std::from_chars(entry.data() + slash + 1, end, bits);
  if (network.empty() || failure != std::errc() || stop != end ||
      bits > network.size() * 8) {
    return std::nullopt;
  }
  if (address.size() != network.size()) return false;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    const auto byte = [bit](const std::string& bytes) {
      return static_cast<unsigned>(static_cast<unsigned char>(bytes[bit / 8]));
    };
    if ((byte(address) & mask) != (byte(network) & mask)) return false;
  }
  return true;
}

struct HostAndPort {
  std::string host;
  std::string port;  // empty: any
};

HostAndPort SplitEntry(const std::string& entry) {
  if (entry.front() == '[') {
    const std::size_t close = entry.find(']');
    if (close == std::string::npos) return {entry, ""};
    const bool port = entry.size() > close + 1 && entry[close + 1] == ':';
    return {entry.substr(1, close - 1), port ? entry.substr(close + 2) : ""};
  }
  const std::size_t colon = entry.find(':');
  if (colon == std::string::npos || colon != entry.rfind(':')) {
    return {entry, ""};
  }
  return {entry.substr(0, colon), entry.substr(colon + 1)};
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// One entry of NO_PROXY, in small letters and not empty.
bool Excepts(const std::string& entry, const Url& url,
             const std::string& address) {
  if (entry == "*") return true;
  if (const auto inside = IsInRange(address, entry)) return *inside;
  auto [host, port] = SplitEntry(entry);
  if (host.empty()) return false;
  if (!port.empty() && port != std::to_string(url.port)) return false;
  if (const std::string one = AddressBytes(host); !one.empty()) {
    return one == address;
  }
  if (host.substr(0, 2) == "*.") host.erase(0, 1);
  // ".b.test" is for what is below it only, "b.test" for itself too.
  if (host.front() == '.') return EndsWith(url.host, host);
  return url.host == host || EndsWith(url.host, "." + host);
}

bool GoesStraight(const Url& url, const std::string& no_proxy) {
  const std::string address = AddressBytes(url.host);
  if (url.host == "localhost" || IsLoopback(address)) return true;
  for (const std::string& item : Split(no_proxy, ',')) {
    const std::string entry = AsciiLower(Trim(item));
    if (!entry.empty() && Excepts(entry, url, address)) return true;
  }
  return false;
}

}  // namespace

ProxySettings ProxySettings::From(
    const std::function<std::string(const char*)>& variable) {
  const auto either = [&variable](const char* large, const char* small) {
    std::string value = variable(large);
    return value.empty() ? variable(small) : value;
  };
  ProxySettings settings;
  if (variable("REQUEST_METHOD").empty()) {
    settings.http_proxy = either("HTTP_PROXY", "http_proxy");
  }
  settings.https_proxy = either("HTTPS_PROXY", "https_proxy");
  settings.no_proxy = either("NO_PROXY", "no_proxy");
  return settings;
}

Result<std::optional<Url>> ProxyFor(const Url& url,
                                    const ProxySettings& settings) {
  const bool https = url.scheme == "https";
  const std::string& value = https ? settings.https_proxy : settings.http_proxy;
  if (value.empty() || GoesStraight(url, settings.no_proxy)) {
    return std::optional<Url>();
  }
  const char* const name = https ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (AsciiLower(value).substr(0, 5) == "socks") {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(name) +
                     ": SOCKS proxies are not supported; give an http:// "
                     "proxy, or except the host by NO_PROXY",
                 ""};
  }
  // "proxy:3128" is what many write.
  const bool whole = value.find("://") != std::string::npos;
  Result<Url> proxy = Url::Parse(whole ? value : "http://" + value);
  if (!proxy) return std::move(proxy).error().Within(name);
  if (proxy->scheme != "http") {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(name) +
                     ": proxies that are reached by TLS are not supported; "
                     "give an http:// proxy (what goes to an https:// backend "
                     "is encrypted all the way), or except the host by "
                     "NO_PROXY",
                 ""};
  }
  return std::optional<Url>(*std::move(proxy));
}

}  // namespace sextant::net
