#include "sextant/net/peer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "peer_certificate.h"
#include "x509.h"

namespace sextant::net {

class CaBundle::Impl {
 public:
  std::unique_ptr<X509_STORE, X509Deleter> store;
};

CaBundle::CaBundle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CaBundle::~CaBundle() = default;

Result<std::shared_ptr<const CaBundle>> CaBundle::Parse(
    const std::string& pem) {
  Result<std::vector<X509Pointer>> certificates = ParseCertificates(pem);
  if (!certificates) {
    return std::move(certificates).error().Within("CA bundle");
  }
  auto impl = std::make_unique<Impl>();
  impl->store.reset(X509_STORE_new());
  for (const X509Pointer& certificate : *certificates) {
    X509_STORE_add_cert(impl->store.get(), certificate.get());
  }
  // As in Go, whatever is in the bundle is trusted, self-signed or not.
  X509_STORE_set_flags(impl->store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  ERR_clear_error();
  return std::shared_ptr<const CaBundle>(new CaBundle(std::move(impl)));
}

namespace {

// A refusal may become an acceptance when time passes (not yet valid), so it is
// not kept for long.
constexpr Duration kRefusalKept = std::chrono::seconds(10);

// A handful of bundles is in use at once: one for clients, one for the proxy,
// and what they were before a reload.
constexpr std::size_t kMaxAnswers = 4;

std::vector<std::string> NameParts(const X509_NAME* name, int nid) {
  std::vector<std::string> parts;
  for (int at = -1;;) {
    at = X509_NAME_get_index_by_NID(name, nid, at);
    if (at < 0) return parts;
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(
        &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    parts.emplace_back(reinterpret_cast<const char*>(utf8),
                       static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
  }
}

std::string Sha256Hex(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &size);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

CertificateSubject Subject(const X509& certificate) {
  const X509_NAME* name = X509_get_subject_name(&certificate);
  CertificateSubject subject;
  // Go takes the last common name if there are several.
  std::vector<std::string> names = NameParts(name, NID_commonName);
  if (!names.empty()) subject.common_name = std::move(names.back());
  subject.organizations = NameParts(name, NID_organizationName);
  subject.sha256 = Sha256Hex(certificate);
  return subject;
}

class ShownCertificate final : public PeerCertificate {
 public:
  ShownCertificate(X509Pointer leaf, ChainPointer chain)
      : leaf_(std::move(leaf)), chain_(std::move(chain)) {}

  Result<CertificateSubject> Verify(
      const std::shared_ptr<const CaBundle>& bundle,
      TimePoint now) const override {
    const auto known =
        std::find_if(answers_.begin(), answers_.end(),
                     [&](const Answer& a) { return a.bundle == bundle; });
    if (known != answers_.end()) {
      if (known->from <= now && now <= known->until) return known->result;
      answers_.erase(known);
    }
    if (answers_.size() >= kMaxAnswers) answers_.erase(answers_.begin());
    answers_.push_back(Ask(bundle, now));
    return answers_.back().result;
  }

 private:
  struct Answer {
    std::shared_ptr<const CaBundle> bundle;  // held: its address stays its own
    TimePoint from;
    TimePoint until;
    Result<CertificateSubject> result;
  };

  Answer Ask(const std::shared_ptr<const CaBundle>& bundle,
             TimePoint now) const {
    const std::unique_ptr<X509_STORE_CTX, X509Deleter> context(
        X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), bundle->impl().store.get(), leaf_.get(),
                        chain_.get());
    X509_STORE_CTX_set_default(context.get(), "ssl_client");
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()),
                               std::chrono::floor<std::chrono::seconds>(now)
                                   .time_since_epoch()
                                   .count());
    const bool good = X509_verify_cert(context.get()) == 1;
    const int reason = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (!good) {
      return {bundle, now, now + kRefusalKept,
              Error{ErrorCode::kUnauthenticated,
                    std::string("client certificate: ") +
                        X509_verify_cert_error_string(reason),
                    {}}};
    }
    TimePoint until = NotAfter(*leaf_);
    const STACK_OF(X509)* verified = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i < sk_X509_num(verified); ++i) {
      until = std::min(until, NotAfter(*sk_X509_value(verified, i)));
    }
    return {bundle, now, until, Subject(*leaf_)};
  }

  const X509Pointer leaf_;
  const ChainPointer chain_;  // null if there were no intermediates
  mutable std::vector<Answer> answers_;
};

}  // namespace

std::shared_ptr<const PeerCertificate> TakePeerCertificate(SSL* ssl) {
  X509Pointer leaf(SSL_get1_peer_certificate(ssl));
  if (!leaf) return nullptr;
  const STACK_OF(X509)* shown = SSL_get_peer_cert_chain(ssl);
  ChainPointer chain(
      shown == nullptr ? nullptr
                       : X509_chain_up_ref(const_cast<STACK_OF(X509)*>(shown)));
  return std::make_shared<ShownCertificate>(std::move(leaf), std::move(chain));
}

}  // namespace sextant::net
