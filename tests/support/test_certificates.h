#pragma once

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/net/serving_tls.h"

namespace sextant {

enum class CertificatePurpose { kServer, kClient };

// A certificate authority made for one test; keys are ECDSA P-256 unless a leaf
// wants RSA.  Whatever OpenSSL refuses here is a mistake of the test, so it
// throws.
class TestCa {
 public:
  explicit TestCa(const std::string& name = "test authority") {
    const TimePoint now = Now();
    certificate_ = NewCertificate(name, {}, *key_, now - std::chrono::hours(1),
                                  now + std::chrono::hours(24));
    Extend(NID_basic_constraints, "critical,CA:TRUE");
    Extend(NID_key_usage, "critical,keyCertSign,cRLSign");
    Extend(NID_subject_key_identifier, "hash");
    Sign(*certificate_);
  }

  std::string certificate_pem() const { return Pem(*certificate_); }

  struct Leaf {
    std::string common_name = "test leaf";
    std::vector<std::string> organizations;
    std::vector<std::string> names;  // DNS names and IP addresses
    CertificatePurpose purpose = CertificatePurpose::kServer;
    bool rsa = false;
    TimePoint not_before = Now() - std::chrono::hours(1);
    TimePoint not_after = Now() + std::chrono::hours(12);
  };

  net::KeyPair Issue(const Leaf& leaf) const {
    const PkeyPtr key = leaf.rsa ? NewRsaKey() : NewKey();
    const X509Ptr certificate =
        NewCertificate(leaf.common_name, leaf.organizations, *key,
                       leaf.not_before, leaf.not_after);
    AddExtension(*certificate, *certificate_, NID_basic_constraints,
                 "critical,CA:FALSE");
    AddExtension(*certificate, *certificate_, NID_ext_key_usage,
                 leaf.purpose == CertificatePurpose::kServer ? "serverAuth"
                                                             : "clientAuth");
    AddExtension(*certificate, *certificate_, NID_authority_key_identifier,
                 "keyid:always");
    std::string alternatives;
    for (const std::string& name : leaf.names) {
      alternatives += alternatives.empty() ? "" : ",";
      alternatives += (IsAddress(name) ? "IP:" : "DNS:") + name;
    }
    if (!alternatives.empty()) {
      AddExtension(*certificate, *certificate_, NID_subject_alt_name,
                   alternatives);
    }
    Sign(*certificate);
    return {Pem(*certificate), Pem(*key)};
  }

  // A server's pair for these names, valid now.
  net::KeyPair IssueServer(std::vector<std::string> names) const {
    Leaf leaf;
    leaf.names = std::move(names);
    return Issue(leaf);
  }

  net::KeyPair IssueClient(const std::string& common_name,
                           std::vector<std::string> organizations = {}) const {
    Leaf leaf;
    leaf.common_name = common_name;
    leaf.organizations = std::move(organizations);
    leaf.purpose = CertificatePurpose::kClient;
    return Issue(leaf);
  }

 private:
  struct Free {
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
    void operator()(BIO* p) const { BIO_free(p); }
  };
  using X509Ptr = std::unique_ptr<X509, Free>;
  using PkeyPtr = std::unique_ptr<EVP_PKEY, Free>;
  using BioPtr = std::unique_ptr<BIO, Free>;

  static TimePoint Now() {
    return std::chrono::time_point_cast<Duration>(
        std::chrono::system_clock::now());
  }

  static void Check(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
  }

  static bool IsAddress(const std::string& name) {
    in6_addr v6{};
    in_addr v4{};
    return inet_pton(AF_INET6, name.c_str(), &v6) == 1 ||
           inet_pton(AF_INET, name.c_str(), &v4) == 1;
  }

  static PkeyPtr NewKey() {
    PkeyPtr key(EVP_EC_gen("P-256"));
    Check(key != nullptr, "key");
    return key;
  }

  static PkeyPtr NewRsaKey() {
    PkeyPtr key(EVP_RSA_gen(2048));
    Check(key != nullptr, "RSA key");
    return key;
  }

  X509Ptr NewCertificate(const std::string& common_name,
                         const std::vector<std::string>& organizations,
                         EVP_PKEY& key, TimePoint not_before,
                         TimePoint not_after) const {
    X509Ptr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    static long next_serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), next_serial++);
    X509_set_pubkey(certificate.get(), &key);
    const auto seconds = [](TimePoint when) {
      return std::chrono::system_clock::to_time_t(when);
    };
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(not_before));
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(not_after));
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    for (const std::string& organization : organizations) {
      AddName(*subject, "O", organization);
    }
    AddName(*subject, "CN", common_name);
    if (certificate_) {
      X509_set_issuer_name(certificate.get(),
                           X509_get_subject_name(certificate_.get()));
    } else {
      X509_set_issuer_name(certificate.get(), subject);
    }
    return certificate;
  }

  static void AddName(X509_NAME& name, const char* field,
                      const std::string& text) {
    Check(X509_NAME_add_entry_by_txt(
              &name, field, MBSTRING_UTF8,
              reinterpret_cast<const unsigned char*>(text.data()),
              static_cast<int>(text.size()), -1, 0) == 1,
          "name");
  }

  void Extend(int nid, const std::string& value) const {
    AddExtension(*certificate_, *certificate_, nid, value);
  }

  static void AddExtension(X509& certificate, X509& issuer, int nid,
                           const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    Check(extension != nullptr, "extension");
    X509_add_ext(&certificate, extension.get(), -1);
  }

  void Sign(X509& certificate) const {
    Check(X509_sign(&certificate, key_.get(), EVP_sha256()) > 0, "signature");
  }

  static std::string Text(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return {data, static_cast<std::size_t>(size)};
  }

  static std::string Pem(X509& certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), &certificate);
    return Text(*bio);
  }

  static std::string Pem(EVP_PKEY& key) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr,
                             nullptr);
    return Text(*bio);
  }

  const PkeyPtr key_ = NewKey();
  X509Ptr certificate_;
};

}  // namespace sextant
