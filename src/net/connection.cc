#include "connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <string_view>
#include <utility>

#include "await.h"
#include "peer_certificate.h"
#include "response_rules.h"
#include "sextant/net/http_date.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr Duration kLinger = std::chrono::seconds(2);
constexpr std::size_t kMaxLingerBytes = 4 * 1024 * 1024;

// As Go's net/http answers (and so every Kubernetes API server).
constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.0 400 Bad Request\r\n\r\n"
    "Client sent an HTTP request to an HTTPS server.\n";

Task<void> RunHandler(std::shared_ptr<ServerContext> context, Request request,
                      std::shared_ptr<Response> out) {
  const std::string target = request.target;
  std::string reason;
  try {
    *out = co_await context->handler(std::move(request));
    co_return;
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    reason = e.what();
  } catch (const std::exception& e) {
    reason = e.what();
  } catch (...) {
    reason = "not a std::exception";
  }
  obs::Error("handler failed", {{"target", target}, {"error", reason}});
}

}  // namespace

const std::string& ServerContext::Date() {
  const TimePoint now = clock.Now();
  if (now >= date_until_ || now < date_until_ - std::chrono::seconds(1)) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    date_ = HttpDate(now);
    date_until_ = second + std::chrono::seconds(1);
  }
  return date_;
}

Running Handle(std::shared_ptr<ServerContext> context, Request request,
               std::function<void(Response)> answer) {
  auto out = std::make_shared<Response>(
      Response::Of(500, "text/plain; charset=utf-8", "internal error\n"));
  const asio::any_io_executor executor = context->executor;
  return Spawn(executor,
               RunHandler(std::move(context), std::move(request), out),
               [out, answer = std::move(answer)] { answer(std::move(*out)); });
}

void BeginLinger(ServerContext& context, Connection& connection) {
  connection.stream.Shutdown();
  boost::system::error_code ignored;
  connection.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  connection.deadline = context.clock.Now() + kLinger;
}

Task<void> Linger(std::shared_ptr<ServerContext> context,
                  std::shared_ptr<Connection> connection) {
  BeginLinger(*context, *connection);
  tcp::socket& socket = connection->stream.socket();
  boost::system::error_code failed;
  std::size_t taken = 0;
  while (!failed && taken < kMaxLingerBytes) {
    taken += socket.read_some(asio::buffer(context->scratch), failed);
    if (failed == asio::error::would_block) {
      const auto [gone] =
          co_await socket.async_wait(tcp::socket::wait_read, kAwait);
      failed = gone;
    }
  }
  connection->Close();
}

Task<void> Serve(std::shared_ptr<ServerContext> context,
                 std::shared_ptr<Connection> connection) {
  connection->deadline =
      context->clock.Now() + context->options.handshake_timeout;
  TlsStream& stream = connection->stream;
  const Result<Done> accepted = co_await stream.Accept();
  if (!accepted) {
    obs::Debug("TLS handshake failed", {{"client", connection->peer_address},
                                        {"error", accepted.error().message}});
    if (!stream.spoke_http()) co_return;
    boost::system::error_code ignored;
    stream.socket().write_some(asio::buffer(kPlainHttpAnswer), ignored);
    co_await Linger(context, connection);
    co_return;
  }
  connection->peer_certificate = TakePeerCertificate(stream.ssl());
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(stream.ssl(), &protocol, &size);
  const std::string_view chosen(reinterpret_cast<const char*>(protocol), size);
  if (chosen == "h2") {
    co_await ServeHttp2(std::move(context), std::move(connection));
  } else {
    co_await ServeHttp1(std::move(context), std::move(connection));
  }
}

}  // namespace sextant::net
