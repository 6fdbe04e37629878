#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "sextant/base/result.h"
#include "sextant/net/pooled_client.h"
#include "tls_stream.h"

namespace sextant::net {

// Why a server's certificate was refused, in words; empty if it was not.
struct ServerRefusal {
  std::string reason;
};

// The client's side of TLS: whom it trusts and what it shows of itself.
// Servers are verified: chain, time, purpose and name.
class ClientTls {
 public:
  // The system's authorities, where no others are given, are read when the
  // first connection needs them (some 50 ms).  Errors say which PEM is wrong.
  static Result<ClientTls> Create(const PooledHttpClient::Tls& settings);

  // For one connection to `server_name`, a DNS name or an IP address.  Null if
  // OpenSSL refuses the name.  A refused certificate fills `*refusal`, which
  // must outlive the handshake.
  SslPointer NewConnection(const std::string& server_name,
                           ServerRefusal* refusal);

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using ContextPointer = std::unique_ptr<SSL_CTX, Free>;

  ClientTls(ContextPointer context, bool system_authorities)
      : context_(std::move(context)),
        system_authorities_unread_(system_authorities) {}

  ContextPointer context_;
  bool system_authorities_unread_;
};

}  // namespace sextant::net
