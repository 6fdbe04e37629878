#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <utility>

#include "sextant/net/serving_tls.h"
#include "tls_stream.h"
#include "x509.h"

namespace sextant::net {
namespace {

constexpr auto kValidBefore = std::chrono::hours(1);
constexpr auto kValidFor = std::chrono::days(365);

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(X509_EXTENSION* extension) const {
    X509_EXTENSION_free(extension);
  }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

bool AddName(GENERAL_NAMES* names, const std::string& name) {
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(name, not_an_address);
  GENERAL_NAME* entry = GENERAL_NAME_new();
  if (!not_an_address) {
    ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(address.to_string().c_str());
    if (bytes == nullptr) {
      GENERAL_NAME_free(entry);
      return false;
    }
    GENERAL_NAME_set0_value(entry, GEN_IPADD, bytes);
  } else {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    GENERAL_NAME_set0_value(entry, GEN_DNS, text);
  }
  return sk_GENERAL_NAME_push(names, entry) > 0;
}

bool AddNames(X509* certificate, const std::vector<std::string>& names) {
  const std::unique_ptr<GENERAL_NAMES, NamesDeleter> entries(
      sk_GENERAL_NAME_new_null());
  for (const std::string& name : names) {
    if (name.empty() || !AddName(entries.get(), name)) return false;
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, entries.get(), 0,
                           X509V3_ADD_DEFAULT) == 1;
}

bool AddExtension(X509* certificate, int nid, const char* value) {
  const std::unique_ptr<X509_EXTENSION, NamesDeleter> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial),
                    sizeof(serial)) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate),
                                 serial >> 1) == 1;
}

std::time_t Seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time)
      .time_since_epoch()
      .count();
}

std::string Written(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Error Failed() {
  return Error{ErrorCode::kInternal,
               "making a self-signed certificate: " + TakeSslErrors(),
               {}};
}

}  // namespace

Result<KeyPair> MakeSelfSigned(const std::vector<std::string>& names,
                               TimePoint now) {
  if (names.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "a certificate needs at least one name",
                 {}};
  }
  ERR_clear_error();
  const KeyPointer key(EVP_EC_gen("P-256"));
  const X509Pointer made(X509_new());
  if (!key || !made) return Failed();
  X509* const certificate = made.get();

  X509_NAME* const subject = X509_get_subject_name(certificate);
  const bool good =
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
      SetSerial(certificate) &&
      ASN1_TIME_set(X509_getm_notBefore(certificate),
                    Seconds(now - kValidBefore)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate),
                    Seconds(now + kValidFor)) != nullptr &&
      // Names longer than 64 characters do not fit into a common name; they
      // count in the subject alternative names only anyway.
      X509_NAME_add_entry_by_txt(
          subject, "CN", MBSTRING_UTF8,
          reinterpret_cast<const unsigned char*>("sextant self-signed"), -1, -1,
          0) == 1 &&
      X509_set_issuer_name(certificate, subject) == 1 &&
      X509_set_pubkey(certificate, key.get()) == 1 &&
      AddNames(certificate, names) &&
      AddExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(certificate, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(certificate, NID_ext_key_usage, "serverAuth") &&
      X509_sign(certificate, key.get(), EVP_sha256()) > 0;
  if (!good) return Failed();

  const std::unique_ptr<BIO, NamesDeleter> certificate_pem(
      BIO_new(BIO_s_mem()));
  const std::unique_ptr<BIO, NamesDeleter> key_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_pem.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0,
                               nullptr, nullptr) != 1) {
    return Failed();
  }
  return KeyPair{Written(certificate_pem.get()), Written(key_pem.get())};
}

}  // namespace sextant::net
