#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sextant/net/serving_tls.h"

namespace sextant {

// A TLS client that sends the bytes it is told to, over 127.0.0.1, to a server
// that runs on `loop`: while it waits it runs the loop, so that the test needs
// no second thread.  It gives up after ten seconds.
class TlsClient {
 public:
  struct Options {
    std::string alpn = "http/1.1";  // one protocol; empty: no ALPN
    std::optional<net::KeyPair> certificate;
    std::string extra_chain_pem;  // an intermediate, shown with it
    int max_version = 0;          // TLS1_1_VERSION, say; 0: any
    bool tls = true;              // false: the bytes as they are
    std::string server_name;      // SNI
    std::string ciphers;          // of TLS 1.2, in OpenSSL's words; empty: any
    std::shared_ptr<SSL_SESSION> session;  // of another client, to be resumed
  };

  TlsClient(boost::asio::io_context& loop, std::uint16_t port)
      : TlsClient(loop, port, Options()) {}

  TlsClient(boost::asio::io_context& loop, std::uint16_t port,
            const Options& options)
      : loop_(loop), fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    Until([this] {
      pollfd writable{fd_, POLLOUT, 0};
      return poll(&writable, 1, 0) > 0;
    });
    if (options.tls) Handshake(options);
  }
  ~TlsClient() { Close(); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Whether the handshake succeeded.
  bool connected() const { return connected_; }

  std::string Alpn() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  // What another client may try to resume, while this one lives.
  std::shared_ptr<SSL_SESSION> Session() const {
    return {SSL_get1_session(ssl_.get()), &SSL_SESSION_free};
  }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

  std::string ServerCertificatePem() const {
    const std::unique_ptr<X509, Free> certificate(
        SSL_get1_peer_certificate(ssl_.get()));
    const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  // False if the server closed before it took everything.
  bool Send(std::string_view bytes) {
    bool failed = false;
    Until([&] {
      while (!bytes.empty()) {
        const int n = Write(bytes);
        if (n == 0) return false;
        failed = n < 0;
        if (failed) return true;
        bytes.remove_prefix(static_cast<std::size_t>(n));
      }
      return true;
    });
    return bytes.empty() && !failed;
  }

  // Takes what has arrived into received(), without waiting.
  void Poll() {
    char piece[16 * 1024];
    while (!ended_) {
      const int n = Read(piece, sizeof(piece));
      if (n == 0) return;
      if (n < 0) {
        ended_ = true;
        return;
      }
      received_.append(piece, static_cast<std::size_t>(n));
    }
  }

  // Waits until `enough` of received(), or for the end.
  void ReceiveUntil(const std::function<bool()>& enough) {
    Until([&] {
      Poll();
      return ended_ || enough();
    });
  }
  void ReceiveUntil(std::string_view text) {
    ReceiveUntil([&] { return received_.find(text) != std::string::npos; });
  }

  // Everything up to the end of the connection.
  std::string ReceiveAll() {
    ReceiveUntil([] { return false; });
    return std::exchange(received_, {});
  }

  // One HTTP/1.1 reply; what is there if the connection ends before.
  // `with_body` is false for the reply to a HEAD.
  std::string ReceiveReply(bool with_body = true) {
    std::size_t size = std::string::npos;
    ReceiveUntil([&] {
      const std::size_t head = received_.find("\r\n\r\n");
      if (head == std::string::npos) return false;
      size = head + 4;
      const std::size_t length = received_.find("Content-Length: ");
      if (with_body && length < head) {
        size += std::strtoul(received_.c_str() + length + 16, nullptr, 10);
      }
      return received_.size() >= size;
    });
    std::string reply = received_.substr(0, size);
    received_.erase(0, size);
    return reply;
  }

  // Has the server ended the connection?
  bool Ended() {
    Poll();
    return ended_;
  }

  std::string& received() { return received_; }

  // Ends the connection at once.
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    ended_ = true;
  }

  // Runs the server until `condition`.
  void Until(const std::function<bool()>& condition) {
    const auto give_up =
        std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(1));
      loop_.poll();
    }
  }

 private:
  struct Free {
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(BIO* p) const { BIO_free(p); }
  };

  void Handshake(const Options& options) {
    const std::unique_ptr<SSL_CTX, Free> context(
        SSL_CTX_new(TLS_client_method()));
    if (options.max_version != 0) {
      // TLS 1.1 needs the weak digests of security level 0.
      SSL_CTX_set_security_level(context.get(), 0);
      SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context.get(), options.max_version);
    }
    if (!options.ciphers.empty()) {
      SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str());
    }
    ssl_.reset(SSL_new(context.get()));
    if (options.session) SSL_set_session(ssl_.get(), options.session.get());
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!options.alpn.empty()) {
      const std::string alpn =
          static_cast<char>(options.alpn.size()) + options.alpn;
      SSL_set_alpn_protos(ssl_.get(),
                          reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned int>(alpn.size()));
    }
    if (!options.server_name.empty()) {
      SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    }
    if (options.certificate) Show(*options.certificate);
    if (!options.extra_chain_pem.empty()) {
      const auto intermediate = Certificate(options.extra_chain_pem);
      SSL_add1_chain_cert(ssl_.get(), intermediate.get());
    }
    SSL_set_fd(ssl_.get(), fd_);
    Until([this] {
      ERR_clear_error();
      const int n = SSL_connect(ssl_.get());
      connected_ = n == 1;
      return connected_ || !MayRetry(n);
    });
    ended_ = !connected_;
  }

  static std::unique_ptr<X509, Free> Certificate(const std::string& pem) {
    const std::unique_ptr<BIO, Free> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return std::unique_ptr<X509, Free>(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  }

  void Show(const net::KeyPair& pair) {
    const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(
        pair.key_pem.data(), static_cast<int>(pair.key_pem.size())));
    const std::unique_ptr<EVP_PKEY, Free> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    const auto certificate = Certificate(pair.certificate_pem);
    SSL_use_certificate(ssl_.get(), certificate.get());
    SSL_use_PrivateKey(ssl_.get(), key.get());
  }

  bool MayRetry(int result) const {
    const int reason = SSL_get_error(ssl_.get(), result);
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
  }

  // Bytes; 0: not now; negative: never.
  int Read(char* into, std::size_t size) {
    if (!ssl_) {
      const ssize_t n = recv(fd_, into, size, 0);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
      return n > 0 ? static_cast<int>(n) : -1;
    }
    ERR_clear_error();
    const int n = SSL_read(ssl_.get(), into, static_cast<int>(size));
    if (n > 0) return n;
    return MayRetry(n) ? 0 : -1;
  }

  int Write(std::string_view bytes) {
    if (!ssl_) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
      return n > 0 ? static_cast<int>(n) : -1;
    }
    ERR_clear_error();
    const int n =
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (n > 0) return n;
    return MayRetry(n) ? 0 : -1;
  }

  boost::asio::io_context& loop_;
  int fd_;
  std::unique_ptr<SSL, Free> ssl_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace sextant
