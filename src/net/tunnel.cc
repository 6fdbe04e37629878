#include "tunnel.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "reply_reader.h"
#include "sextant/base/http_text.h"

namespace sextant::net {
namespace {

// "prom.test:443": the port is always there.
std::string HostAndPort(const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return (v6 ? "[" + url.host + "]" : url.host) + ":" +
         std::to_string(url.port);
}

Error Unavailable(std::string reason) {
  return {ErrorCode::kUnavailable, std::move(reason), ""};
}

std::string Refusal(int status) {
  std::string reason = "the proxy answers " + std::to_string(status);
  if (status == 407) {
    reason += "; it wants a user and a password in the proxy's URL";
  }
  return reason;
}

}  // namespace

Task<Result<Done>> OpenTunnel(ClientStream& stream, Url proxy, Url target) {
  const std::string to = HostAndPort(target);
  std::string request = "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n";
  if (!proxy.user_info.empty()) {
    request +=
        "Proxy-Authorization: " + BasicCredentials(proxy.user_info) + "\r\n";
  }
  request += "\r\n";
  const Result<Done> written = co_await stream.WriteAll(request);
  if (!written) co_return Unavailable(written.error().message);

  // A tunnel has no body, and what a refusal says in one is of no use.
  ReplyReader::Options options;
  options.source = "the proxy";
  options.without_body = true;
  ReplyReader reader(std::move(options),
                     [](const ResponseHead&, std::string_view) {
                       return Result<Done>(Done{});
                     });
  // Nothing of the target's is read here: it says nothing before the TLS
  // handshake, which begins with us.
  std::array<char, 4096> buffer{};
  while (!reader.Complete()) {
    const Result<std::size_t> got =
        co_await stream.ReadSome(buffer.data(), buffer.size());
    if (!got) co_return Unavailable(got.error().message);
    if (*got == 0) co_return Unavailable("the proxy closed the connection");
    const Result<Done> put = reader.Put({buffer.data(), *got});
    // What follows the head of a refusal is its body.
    if (!put && !reader.Complete()) co_return put.error();
  }
  const int status = reader.TakeHead().status;
  if (status < 200 || status >= 300) co_return Unavailable(Refusal(status));
  co_return Done{};
}

}  // namespace sextant::net
