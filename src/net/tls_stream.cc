#include "tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <climits>
#include <system_error>
#include <tuple>
#include <utility>

#include "await.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A peer that sends without pause would keep its coroutine running for ever:
// so often it gives way to the others.
constexpr int kTurns = 16;

int Length(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

std::string TakeSslErrors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (reason == nullptr) continue;
    if (!text.empty()) text += "; ";
    text += reason;
  }
  return text.empty() ? "unknown error" : text;
}

TlsStream::TlsStream(tcp::socket socket, SslPointer ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS |
                               SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
}

TlsStream::~TlsStream() { Close(); }

// Positive: the operation's result.  0: the other side ended in order.
// Negative: it failed, and failure_ says why.
template <typename Operation>
Task<int> TlsStream::Complete(Operation operation) {
  for (;;) {
    if (!socket_.is_open()) {
      broken_ = true;
      failure_ = "the connection was closed";
      co_return -1;
    }
    if (++without_wait_ > kTurns) {
      without_wait_ = 0;
      co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      continue;
    }
    ERR_clear_error();
    errno = 0;
    const int n = operation();
    if (n > 0) co_return n;
    const int system_error = errno;
    const int reason = SSL_get_error(ssl_.get(), n);
    if (reason == SSL_ERROR_ZERO_RETURN) co_return 0;
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      broken_ = true;
      if (reason == SSL_ERROR_SYSCALL) {
        failure_ = system_error == 0
                       ? "the other side closed the connection"
                       : std::generic_category().message(system_error);
      } else {
        spoke_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
        failure_ = TakeSslErrors();
      }
      co_return -1;
    }
    without_wait_ = 0;
    const auto direction = reason == SSL_ERROR_WANT_READ
                               ? tcp::socket::wait_read
                               : tcp::socket::wait_write;
    const auto [failed] = co_await socket_.async_wait(direction, kAwait);
    if (failed) {
      // Of a wait that was merely given up, TLS knows nothing.
      if (failed != asio::error::operation_aborted) broken_ = true;
      failure_ =
          socket_.is_open() ? failed.message() : "the connection was closed";
      co_return -1;
    }
  }
}

Error TlsStream::Failure(const std::string& what) {
  return Error{ErrorCode::kUnavailable, what + ": " + failure_, {}};
}

Task<Result<Done>> TlsStream::Accept() {
  const int n = co_await Complete([this] { return SSL_accept(ssl_.get()); });
  if (n <= 0) co_return Failure("TLS handshake");
  co_return Done{};
}

Task<Result<Done>> TlsStream::Connect() {
  const int n = co_await Complete([this] { return SSL_connect(ssl_.get()); });
  if (n <= 0) co_return Failure("TLS handshake");
  co_return Done{};
}

Task<Result<std::size_t>> TlsStream::ReadSome(char* into, std::size_t size) {
  const int n = co_await Complete(
      [this, into, size] { return SSL_read(ssl_.get(), into, Length(size)); });
  if (n < 0) co_return Failure("reading");
  co_return static_cast<std::size_t>(n);
}

Task<Result<Done>> TlsStream::WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const int n = co_await Complete([this, bytes] {
      return SSL_write(ssl_.get(), bytes.data(), Length(bytes.size()));
    });
    if (n <= 0) co_return Failure("writing");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  co_return Done{};
}

Task<bool> TlsStream::WaitReadable() {
  const int n = co_await Complete([this] {
    char byte = 0;
    return SSL_peek(ssl_.get(), &byte, 1);
  });
  co_return n > 0;
}

void TlsStream::Shutdown() {
  if (broken_ || !socket_.is_open() || !SSL_is_init_finished(ssl_.get())) {
    return;
  }
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsStream::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace sextant::net
