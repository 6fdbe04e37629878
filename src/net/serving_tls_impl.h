#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "sextant/net/serving_tls.h"
#include "tls_stream.h"

namespace sextant::net {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

class ServingTls::Impl {
 public:
  // For one new connection; it keeps the certificate of this moment.
  SslPointer NewConnection() { return SslPointer(SSL_new(context.get())); }

  using ContextPointer = std::unique_ptr<SSL_CTX, SslContextDeleter>;

  // A pair of ReplaceNamed().
  struct Named {
    ContextPointer context;
    std::vector<std::string> names;  // lower case; empty: the certificate's
  };

  // The context for a client that asks for `name`; null: the usual one.
  SSL_CTX* Find(const std::string& name) const;

  ContextPointer context;
  std::vector<Named> named;
  Options options;
  std::string cipher_list;  // in OpenSSL's words
  KeyPair pair;
  TimePoint not_after{};
};

}  // namespace sextant::net
