#include "client_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <utility>

#include "await.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

Error Unavailable(std::string reason) {
  return {ErrorCode::kUnavailable, std::move(reason), ""};
}

// What a cancelled operation reports is no fact about the server.
Task<void> ThrowIfCancelled() {
  const asio::cancellation_state state =
      co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

}  // namespace

std::string ReasonOf(const boost::system::error_code& failure) {
  if (failure == asio::error::host_not_found ||
      failure == asio::error::no_data) {
    return "no such host";
  }
  if (failure == asio::error::host_not_found_try_again) {
    return "no name server answered";
  }
  if (failure == asio::error::eof) return "the server closed the connection";
  std::string text = failure.message();
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

namespace {

// A server that went without a word (its machine lost power, a firewall forgot
// the connection) is noticed after some 90 seconds: a watch may have nothing to
// say for longer, and whoever waits for it would wait in vain.
void KeepAlive(int socket) {
  const struct {
    int level;
    int option;
    int value;
  } settings[] = {
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, 30},
      {IPPROTO_TCP, TCP_KEEPINTVL, 15},
      {IPPROTO_TCP, TCP_KEEPCNT, 4},
  };
  for (const auto& s : settings) {
    // What cannot be set leaves the connection as good as it was.
    setsockopt(socket, s.level, s.option, &s.value, sizeof s.value);
  }
}

}  // namespace

ClientStream::ClientStream(tcp::socket socket) : plain_(std::move(socket)) {
  boost::system::error_code ignored;
  plain_.non_blocking(true, ignored);
  // Head and body of a request go out in one write; without this its last
  // segment could still wait for the server's delayed acknowledgement.
  plain_.set_option(tcp::no_delay(true), ignored);
  KeepAlive(plain_.native_handle());
}

ClientStream::~ClientStream() {
  if (tls_) tls_->Shutdown();
}

Task<Result<Done>> ClientStream::StartTls(ClientTls& tls,
                                          std::string server_name) {
  SslPointer ssl = tls.NewConnection(server_name, &refusal_);
  if (!ssl) co_return Unavailable("\"" + server_name + "\" is no server name");
  tls_ = std::make_unique<TlsStream>(std::move(plain_), std::move(ssl));
  Result<Done> connected = co_await tls_->Connect();
  if (connected) co_return connected;
  co_await ThrowIfCancelled();
  if (!refusal_.reason.empty()) {
    co_return Unavailable("the server's certificate is refused: " +
                          refusal_.reason);
  }
  co_return connected;
}

Task<Result<std::size_t>> ClientStream::ReadSome(char* into, std::size_t size) {
  if (tls_) {
    Result<std::size_t> got = co_await tls_->ReadSome(into, size);
    if (!got) co_await ThrowIfCancelled();
    co_return got;
  }
  const auto [failure, got] =
      co_await plain_.async_read_some(asio::buffer(into, size), kAwait);
  if (!failure) co_return got;
  co_await ThrowIfCancelled();
  if (failure == asio::error::eof) co_return std::size_t{0};
  co_return Unavailable(ReasonOf(failure));
}

Task<Result<Done>> ClientStream::WriteAll(std::string_view bytes) {
  if (tls_) {
    Result<Done> written = co_await tls_->WriteAll(bytes);
    if (!written) co_await ThrowIfCancelled();
    co_return written;
  }
  const auto [failure, written] = co_await asio::async_write(
      plain_, asio::buffer(bytes.data(), bytes.size()), kAwait);
  if (!failure) co_return Done{};
  co_await ThrowIfCancelled();
  co_return Unavailable(ReasonOf(failure));
}

bool ClientStream::IsQuiet() {
  char byte = 0;
  if (!tls_) {
    return recv(plain_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <
               0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }
  // Through OpenSSL: what lies in the socket may be its own business, such as
  // TLS 1.3's session tickets.
  ERR_clear_error();
  const int peeked = SSL_peek(tls_->ssl(), &byte, 1);
  return SSL_get_error(tls_->ssl(), peeked) == SSL_ERROR_WANT_READ;
}

}  // namespace sextant::net
