#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/http.h"
#include "sextant/net/serving_tls.h"

namespace sextant::net {

// Answers one request.  Cancelled when its client goes away.  An exception that
// escapes becomes a 500 and an error line in the log.  "Connection: close" in a
// reply ends the connection after it; with HTTP/2 by GOAWAY, so that requests
// begun before are still answered.
using Handler = std::function<Task<Response>(Request)>;

// The HTTPS server: HTTP/1.1 and HTTP/2 by ALPN, TLS 1.2 and 1.3.
//
// What a client may do is bounded: see Options.  A request whose framing is not
// beyond doubt (RFC 9112, section 6) is answered 400 and its connection closed,
// so that no body can be taken for a request.  Loop only.
class Server {
 public:
  struct Options {
    std::string bind_address = "127.0.0.1";  // IPv4 or IPv6
    std::uint16_t port = 0;                  // 0: any free one
    bool share_port = false;  // with other processes: SO_REUSEPORT
    int backlog = 4096;
    std::size_t max_header_bytes = 32 * 1024;
    std::size_t max_body_bytes = 1024 * 1024;
    std::size_t max_connections = 10000;
    std::uint32_t max_streams = 100;  // of one HTTP/2 connection
    Duration handshake_timeout = std::chrono::seconds(10);
    Duration header_timeout = std::chrono::seconds(10);  // from the first byte
    Duration body_timeout = std::chrono::seconds(30);
    Duration idle_timeout = std::chrono::seconds(120);
    Duration write_timeout = std::chrono::seconds(30);
  };

  // `loop`, `tls` and `clock` must outlive the server.  Destroying it closes
  // every connection and cancels what runs; the Tasks unwind when the loop runs
  // next (or is destroyed), so what the handler refers to must live until then.
  Server(Options options, boost::asio::io_context& loop, ServingTls& tls,
         Clock& clock, Handler handler);
  ~Server();

  // Binds and begins to accept.  The error names address and reason.
  Result<Done> Start();

  // The address in use: "127.0.0.1:6443", "[::1]:6443".
  std::string address() const;
  std::uint16_t port() const;

  // Stops accepting, tells clients (Connection: close, GOAWAY), lets requests
  // in flight end until `deadline`, then closes what is left.
  Task<void> Drain(TimePoint deadline);

  std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::net
