#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

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

  std::unique_ptr<SSL_CTX, SslContextDeleter> context;
  Options options;
  std::string cipher_list;  // in OpenSSL's words
  KeyPair pair;
  TimePoint not_after{};
};

}  // namespace sextant::net
