// OpenSSL's certificate types, owned.  Any thread.

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant::net {

struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const {
    X509_STORE_CTX_free(context);
  }
  void operator()(STACK_OF(X509) * chain) const {
    sk_X509_pop_free(chain, X509_free);
  }
};
using X509Pointer = std::unique_ptr<X509, X509Deleter>;
using KeyPointer = std::unique_ptr<EVP_PKEY, X509Deleter>;
using ChainPointer = std::unique_ptr<STACK_OF(X509), X509Deleter>;

// All certificates of a PEM text, at least one; other kinds of blocks are
// passed over.  kInvalidArgument otherwise.
Result<std::vector<X509Pointer>> ParseCertificates(const std::string& pem);

// A private key without a passphrase.
Result<KeyPointer> ParseKey(const std::string& pem);

// The last moment at which the certificate is valid.
TimePoint NotAfter(const X509& certificate);

}  // namespace sextant::net
