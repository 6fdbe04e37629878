#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sextant/net/serving_tls.h"

namespace sextant {

// A server on a port of its own that says what it is told to, byte for byte, so
// that a test can have the worst of servers.
//
//   ScriptedServer server({{{"HTTP/1.1 204 No Content\r\n\r\n"}}});
//
// answers one request on its first connection.  A turn reads one request (head
// and Content-Length) and sends its answer; after its last turn a connection is
// held until the client closes it.  The last script serves all connections
// after it too.  TLS if the options have a certificate.
class ScriptedServer {
 public:
  struct Turn {
    std::string answer;
    bool close_after = false;
  };
  using Script = std::vector<Turn>;

  struct Options {
    std::string address = "127.0.0.1";  // or "::1"
    std::uint16_t port = 0;             // 0: any free one
    std::optional<net::KeyPair> certificate;
    std::string client_ca_pem;  // not empty: clients must show a certificate
    std::string greeting;       // said at once, in the clear
    bool cut = false;           // ends without TLS' farewell
  };

  explicit ScriptedServer(std::vector<Script> scripts)
      : ScriptedServer(std::move(scripts), Options()) {}

  ScriptedServer(std::vector<Script> scripts, Options options)
      : scripts_(std::move(scripts)), options_(std::move(options)) {
    if (options_.certificate) StartTls();
    Listen();
    threads_.emplace_back([this] { Accept(); });
  }

  ~ScriptedServer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      shutdown(listener_, SHUT_RDWR);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    threads_.front().join();  // Accept(), which adds the others
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    close(listener_);
  }

  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }

  // All requests, whole, in the order in which they came.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  std::size_t accepted() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

  // Connections on which nothing more can come.
  std::size_t ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  // The common name of the last client certificate.
  std::string client_name() const {
    const std::lock_guard lock(mutex_);
    return client_name_;
  }

 private:
  struct Free {
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  };

  // One accepted connection, plain or TLS.
  struct Wire {
    int fd;
    std::unique_ptr<SSL, Free> ssl;

    long Read(char* into, std::size_t size) {
      return ssl ? SSL_read(ssl.get(), into, static_cast<int>(size))
                 : recv(fd, into, size, 0);
    }

    bool Write(const std::string& text) {
      std::size_t sent = 0;
      while (sent < text.size()) {
        const char* at = text.data() + sent;
        const std::size_t left = text.size() - sent;
        const long n = ssl ? SSL_write(ssl.get(), at, static_cast<int>(left))
                           : send(fd, at, left, MSG_NOSIGNAL);
        if (n <= 0) return false;
        sent += static_cast<std::size_t>(n);
      }
      return true;
    }
  };

  static void Check(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("scripted server: ") + what);
  }

  static std::unique_ptr<X509, Free> ReadCertificate(const std::string& pem) {
    const std::unique_ptr<BIO, Free> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return std::unique_ptr<X509, Free>(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  }

  void StartTls() {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    const auto leaf = ReadCertificate(options_.certificate->certificate_pem);
    const std::string& key_pem = options_.certificate->key_pem;
    const std::unique_ptr<BIO, Free> bio(
        BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
    const std::unique_ptr<EVP_PKEY, Free> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    Check(SSL_CTX_use_certificate(tls_.get(), leaf.get()) == 1, "certificate");
    Check(SSL_CTX_use_PrivateKey(tls_.get(), key.get()) == 1, "key");
    if (!options_.client_ca_pem.empty()) {
      const auto authority = ReadCertificate(options_.client_ca_pem);
      X509_STORE_add_cert(SSL_CTX_get_cert_store(tls_.get()), authority.get());
      SSL_CTX_set_verify(tls_.get(),
                         SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         nullptr);
    }
  }

  void Listen() {
    const bool v6 = options_.address.find(':') != std::string::npos;
    listener_ = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    Check(listener_ >= 0, "socket");
    sockaddr_storage address{};
    socklen_t size = 0;
    if (v6) {
      auto& in = reinterpret_cast<sockaddr_in6&>(address);
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(options_.port);
      inet_pton(AF_INET6, options_.address.c_str(), &in.sin6_addr);
      size = sizeof in;
    } else {
      auto& in = reinterpret_cast<sockaddr_in&>(address);
      in.sin_family = AF_INET;
      in.sin_port = htons(options_.port);
      inet_pton(AF_INET, options_.address.c_str(), &in.sin_addr);
      size = sizeof in;
    }
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    Check(bind(listener_, raw, size) == 0, "bind");
    Check(listen(listener_, 64) == 0, "listen");
    getsockname(listener_, raw, &size);
    port_ = ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                     : reinterpret_cast<sockaddr_in&>(address).sin_port);
  }

  void Accept() {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      const std::lock_guard lock(mutex_);
      if (fd < 0 || stopping_) {
        if (fd >= 0) close(fd);
        return;
      }
      const std::size_t index = accepted_++;
      open_.push_back(fd);
      threads_.emplace_back([this, fd, index] { Serve(fd, index); });
    }
  }

  void Serve(int fd, std::size_t index) {
    Wire wire{fd, nullptr};
    if (Greet(wire)) Play(wire, scripts_[std::min(index, scripts_.size() - 1)]);
    if (wire.ssl && !options_.cut) SSL_shutdown(wire.ssl.get());
    const std::lock_guard lock(mutex_);
    ++ended_;
    std::erase(open_, fd);
    close(fd);
  }

  // The TLS handshake, if there is to be one.
  bool Greet(Wire& wire) {
    if (!tls_) return wire.Write(options_.greeting);
    wire.ssl.reset(SSL_new(tls_.get()));
    SSL_set_fd(wire.ssl.get(), wire.fd);
    if (SSL_accept(wire.ssl.get()) != 1) {
      // Closing with unread bytes would reset the connection, and the alert
      // that says what is wrong might be lost.
      wire.ssl.reset();
      shutdown(wire.fd, SHUT_WR);
      char rest[1024];
      while (wire.Read(rest, sizeof rest) > 0) {
      }
      return false;
    }
    const std::unique_ptr<X509, Free> client(
        SSL_get1_peer_certificate(wire.ssl.get()));
    if (client) {
      char name[64] = "";
      X509_NAME_get_text_by_NID(X509_get_subject_name(client.get()),
                                NID_commonName, name, sizeof name);
      const std::lock_guard lock(mutex_);
      client_name_ = name;
    }
    return true;
  }

  void Play(Wire& wire, const Script& script) {
    std::string input;
    for (const Turn& turn : script) {
      if (!ReadRequest(wire, input)) return;
      if (!wire.Write(turn.answer) || turn.close_after) return;
    }
    char rest[1024];
    while (wire.Read(rest, sizeof rest) > 0) {
    }
  }

  bool ReadRequest(Wire& wire, std::string& input) {
    for (;;) {
      const std::size_t head = input.find("\r\n\r\n");
      if (head != std::string::npos) {
        std::size_t body = 0;
        const std::size_t length = input.find("Content-Length: ");
        if (length < head)
          body = std::strtoul(&input[length + 16], nullptr, 10);
        if (input.size() >= head + 4 + body) {
          const std::lock_guard lock(mutex_);
          requests_.push_back(input.substr(0, head + 4 + body));
          input.erase(0, head + 4 + body);
          return true;
        }
      }
      char some[4096];
      const long n = wire.Read(some, sizeof some);
      if (n <= 0) return false;
      input.append(some, static_cast<std::size_t>(n));
    }
  }

  const std::vector<Script> scripts_;
  const Options options_;
  std::unique_ptr<SSL_CTX, Free> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  bool stopping_ = false;
  std::vector<int> open_;
  std::vector<std::string> requests_;
  std::size_t accepted_ = 0;
  std::size_t ended_ = 0;
  std::string client_name_;
  std::vector<std::thread> threads_;  // ended and joined by the destructor
};

}  // namespace sextant
