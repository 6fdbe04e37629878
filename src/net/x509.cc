#include "x509.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <chrono>
#include <climits>
#include <ctime>
#include <utility>

namespace sextant::net {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using BioPointer = std::unique_ptr<BIO, BioDeleter>;

BioPointer Reader(const std::string& text) {
  return BioPointer(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

}  // namespace

Result<std::vector<X509Pointer>> ParseCertificates(const std::string& pem) {
  std::vector<X509Pointer> certificates;
  if (pem.size() < INT_MAX) {
    const BioPointer reader = Reader(pem);
    ERR_clear_error();
    while (X509* certificate = PEM_read_bio_X509(reader.get(), nullptr,
                                                 &NoPassphrase, nullptr)) {
      certificates.emplace_back(certificate);
    }
  }
  // The end of the text is reported as "no start line".
  const unsigned long failure = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(failure) != ERR_LIB_PEM ||
      ERR_GET_REASON(failure) != PEM_R_NO_START_LINE) {
    return Error{ErrorCode::kInvalidArgument,
                 "a certificate in the PEM text is damaged",
                 {}};
  }
  if (certificates.empty()) {
    return Error{
        ErrorCode::kInvalidArgument, "no certificate in the PEM text", {}};
  }
  return certificates;
}

Result<KeyPointer> ParseKey(const std::string& pem) {
  EVP_PKEY* key = nullptr;
  if (pem.size() < INT_MAX) {
    const BioPointer reader = Reader(pem);
    key =
        PEM_read_bio_PrivateKey(reader.get(), nullptr, &NoPassphrase, nullptr);
  }
  ERR_clear_error();
  if (key == nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 "no private key (without a passphrase) in the PEM text",
                 {}};
  }
  return KeyPointer(key);
}

TimePoint NotAfter(const X509& certificate) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &broken_down) != 1) {
    return TimePoint{};
  }
  return TimePoint(std::chrono::seconds(timegm(&broken_down)));
}

}  // namespace sextant::net
