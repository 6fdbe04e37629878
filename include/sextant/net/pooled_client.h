#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/client.h"
#include "sextant/net/proxy.h"
#include "sextant/net/serving_tls.h"

namespace sextant::net {

// HTTP/1.1 over TCP and TLS, with connections that are kept and used again.
//
// Every new connection resolves its host's name again, so that a service that
// has moved is found; its addresses are tried in turn, IPv6 and IPv4.  TLS
// is 1.2 at least, and the server's certificate must be for the URL's host.
// Redirects are not followed.
//
// The server may close a kept connection just when a request goes out on it.  A
// repeatable request of which no byte was answered is then sent once more, on a
// new connection.
//
// Errors name the host and what was being done: "connecting to
// http://prom:9090: connection refused (10.0.0.7)".  Loop only: all calls on
// one loop, which must outlive the client, as the client must outlive its
// calls.
class PooledHttpClient final : public HttpClient {
 public:
  // Whom the client trusts, and what it shows of itself.
  struct Tls {
    std::string ca_pem = {};                  // empty: the system's
    std::optional<KeyPair> certificate = {};  // shown to servers that ask
    std::string server_name = {};             // empty: the URL's host
    // Takes any certificate: for who has said so in a kubeconfig.
    bool insecure_skip_verify = false;
  };

  struct Options {
    // In use at once, for each scheme, host and port.  Further requests wait,
    // within their deadline: so a burst does not use up the ports and files of
    // both sides.
    std::size_t max_connections = 128;
    // Kept for each scheme, host and port.
    std::size_t max_idle_connections = 16;
    // Below the minute after which VictoriaMetrics (-http.idleConnTimeout) and
    // the usual load balancers close a connection; Prometheus waits 5 minutes.
    Duration idle_timeout = std::chrono::seconds(45);
    // For name, TCP and TLS together, within the request's own deadline.
    Duration connect_timeout = std::chrono::seconds(10);
    std::size_t max_header_bytes = 64 * 1024;
    Tls tls;
    // The way to each URL; http:// proxies only.  https:// URLs go through
    // tunnels (CONNECT), so that a proxy sees host and port of them and no
    // more.
    ProxySettings proxies;
  };

  // The error says which PEM is wrong.  `clock` must outlive the client.  From
  // here on the process ignores SIGPIPE.
  static Result<std::unique_ptr<PooledHttpClient>> Create(Options options,
                                                          Clock& clock);
  ~PooledHttpClient() override;

  Task<Result<ResponseHead>> Send(ClientRequest request, TimePoint deadline,
                                  BodySink sink) override;

  // New connections use these from now on, and no request goes out on one that
  // was opened before; what is under way ends as it began.  An error changes
  // nothing.
  Result<Done> ReplaceTls(Tls tls);

  // Connections that wait for another request.
  std::size_t idle_connections() const;

  // Closes those, and keeps none from now on: a loop that is to end has nothing
  // left to wait for once the requests in flight have ended.
  void CloseIdle();

 private:
  class Impl;
  explicit PooledHttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::net
