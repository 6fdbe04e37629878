#include "sextant/net/serving_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "serving_tls_impl.h"
#include "sextant/base/text.h"
#include "x509.h"

namespace sextant::net {
namespace {

using ContextPointer = std::unique_ptr<SSL_CTX, SslContextDeleter>;

Error Invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), {}};
}

// Who the client is, is asked for each request: PeerCertificate::Verify().
int AcceptAnyCertificate(X509_STORE_CTX*, void*) { return 1; }

// In order of our preference; without ALPN a client gets HTTP/1.1.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned int offered_size,
                   void* http2) {
  constexpr std::string_view kBoth = "\x02h2\x08http/1.1";
  constexpr std::size_t kSizeOfH2 = 3;
  const std::string_view ours =
      http2 != nullptr ? kBoth : kBoth.substr(kSizeOfH2);
  unsigned char* out = nullptr;
  const int found = SSL_select_next_proto(
      &out, size, reinterpret_cast<const unsigned char*>(ours.data()),
      static_cast<unsigned int>(ours.size()), offered, offered_size);
  *chosen = out;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                         : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Go has two older names for suites, without the hash.
std::string NameOfSuite(const std::string& suite) {
  const std::string_view old = "_WITH_CHACHA20_POLY1305";
  return suite.ends_with(old) ? suite + "_SHA256" : suite;
}

// OpenSSL's list of what the IANA names mean.
Result<std::string> CipherList(const std::vector<std::string>& suites) {
  if (suites.empty()) return std::string("ECDHE+AESGCM:ECDHE+CHACHA20");
  const ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_cipher_list(context.get(), "ALL");
  const STACK_OF(SSL_CIPHER)* known = SSL_CTX_get_ciphers(context.get());
  std::string list;
  for (const std::string& suite : suites) {
    std::string found;
    for (int i = 0; i < sk_SSL_CIPHER_num(known); ++i) {
      const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(known, i);
      const char* name = SSL_CIPHER_standard_name(cipher);
      if (name != nullptr && NameOfSuite(suite) == name) {
        found = SSL_CIPHER_get_name(cipher);
      }
    }
    if (found.empty()) {
      return Invalid("the cipher suite \"" + suite + "\" is not known");
    }
    if (!list.empty()) list += ":";
    list += found;
  }
  return list;
}

struct Prepared {
  ContextPointer context;
  TimePoint not_after;
};

Result<Prepared> Prepare(const KeyPair& pair,
                         const ServingTls::Options& options,
                         const std::string& cipher_list) {
  Result<std::vector<X509Pointer>> chain =
      ParseCertificates(pair.certificate_pem);
  if (!chain) return std::move(chain).error().Within("serving certificate");
  Result<KeyPointer> key = ParseKey(pair.key_pem);
  if (!key) return std::move(key).error().Within("serving key");

  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const c = context.get();
  SSL_CTX_set_min_proto_version(
      c, options.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(c, cipher_list.c_str());
  // No resumption: it would lose the client's chain and skip its verification.
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                             SSL_OP_NO_COMPRESSION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(c, &AcceptAnyCertificate, nullptr);
  // Not null means with HTTP/2; the context itself serves as the mark.
  SSL_CTX_set_alpn_select_cb(c, &ChooseProtocol, options.http2 ? c : nullptr);

  ERR_clear_error();
  const X509Pointer& leaf = chain->front();
  if (SSL_CTX_use_certificate(c, leaf.get()) != 1) {
    return Invalid("serving certificate: " + TakeSslErrors());
  }
  if (X509_check_private_key(leaf.get(), key->get()) != 1 ||
      SSL_CTX_use_PrivateKey(c, key->get()) != 1) {
    ERR_clear_error();
    return Invalid("serving certificate and key do not belong together");
  }
  for (std::size_t i = 1; i < chain->size(); ++i) {
    SSL_CTX_add1_chain_cert(c, (*chain)[i].get());
  }
  return Prepared{std::move(context), NotAfter(*leaf)};
}

// "*.b.example" fits "a.b.example", and neither "b.example" nor
// "x.a.b.example".
bool FitsWildcard(const std::string& pattern, const std::string& name) {
  const std::size_t dot = name.find('.');
  return pattern.starts_with("*.") && dot != 0 && dot != std::string::npos &&
         pattern.compare(1, std::string::npos, name, dot) == 0;
}

int ChooseCertificate(SSL* ssl, int*, void* impl) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_OK;
  SSL_CTX* const context =
      static_cast<const ServingTls::Impl*>(impl)->Find(AsciiLower(name));
  if (context != nullptr) SSL_set_SSL_CTX(ssl, context);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

SSL_CTX* ServingTls::Impl::Find(const std::string& name) const {
  for (const bool wildcards : {false, true}) {
    for (const Named& one : named) {
      const auto fits = [&](const std::string& given) {
        return wildcards ? FitsWildcard(given, name) : given == name;
      };
      if (std::any_of(one.names.begin(), one.names.end(), fits)) {
        return one.context.get();
      }
      const unsigned flags = wildcards ? 0 : X509_CHECK_FLAG_NO_WILDCARDS;
      if (one.names.empty() &&
          X509_check_host(SSL_CTX_get0_certificate(one.context.get()),
                          name.c_str(), name.size(), flags, nullptr) == 1) {
        return one.context.get();
      }
    }
  }
  return nullptr;
}

ServingTls::ServingTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServingTls::~ServingTls() = default;

Result<std::unique_ptr<ServingTls>> ServingTls::Create(KeyPair pair,
                                                       Options options) {
  Result<std::string> ciphers = CipherList(options.cipher_suites);
  if (!ciphers) return std::move(ciphers).error();
  std::unique_ptr<ServingTls> tls(new ServingTls(std::make_unique<Impl>()));
  tls->impl_->options = std::move(options);
  tls->impl_->cipher_list = *std::move(ciphers);
  const Result<Done> replaced = tls->Replace(std::move(pair));
  if (!replaced) return replaced.error();
  return tls;
}

Result<Done> ServingTls::Replace(KeyPair pair) {
  Result<Prepared> prepared = Prepare(pair, impl_->options, impl_->cipher_list);
  if (!prepared) return std::move(prepared).error();
  SSL_CTX_set_tlsext_servername_callback(prepared->context.get(),
                                         &ChooseCertificate);
  SSL_CTX_set_tlsext_servername_arg(prepared->context.get(), impl_.get());
  // Connections hold on to the context they were made with.
  impl_->context = std::move(prepared->context);
  impl_->pair = std::move(pair);
  impl_->not_after = prepared->not_after;
  return Done{};
}

Result<Done> ServingTls::ReplaceNamed(const std::vector<NamedKeyPair>& pairs) {
  std::vector<Impl::Named> named;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    Result<Prepared> prepared =
        Prepare(pairs[i].pair, impl_->options, impl_->cipher_list);
    if (!prepared) {
      return std::move(prepared).error().Within("certificate " +
                                                std::to_string(i + 1) +
                                                " of those for certain names");
    }
    std::vector<std::string> names;
    for (const std::string& name : pairs[i].names) {
      names.push_back(AsciiLower(name));
    }
    named.push_back({std::move(prepared->context), std::move(names)});
  }
  impl_->named = std::move(named);
  return Done{};
}

TimePoint ServingTls::NotAfter() const { return impl_->not_after; }

}  // namespace sextant::net
