#include "sextant/net/rsa_signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "x509.h"

namespace sextant::net {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<std::string> SignRs256(const std::string& key_pem,
                              std::string_view bytes) {
  const Result<KeyPointer> key = ParseKey(key_pem);
  if (!key) return key.error();
  if (EVP_PKEY_get_base_id(key->get()) != EVP_PKEY_RSA) {
    return Error{ErrorCode::kInvalidArgument,
                 "the private key in the PEM text is not an RSA key",
                 {}};
  }
  const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key->get())),
                        '\0');
  std::size_t size = signature.size();
  const bool signed_it =
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                         key->get()) == 1 &&
      EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     data, bytes.size()) == 1;
  ERR_clear_error();
  if (!signed_it) {
    return Error{ErrorCode::kInvalidArgument,
                 "the private key in the PEM text cannot sign",
                 {}};
  }
  signature.resize(size);
  return signature;
}

}  // namespace sextant::net
