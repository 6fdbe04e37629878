#include "sextant/net/serving_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

#include "serving_tls_impl.h"
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
                   void*) {
  constexpr std::string_view kOurs = "\x02h2\x08http/1.1";
  unsigned char* out = nullptr;
  const int found = SSL_select_next_proto(
      &out, size, reinterpret_cast<const unsigned char*>(kOurs.data()),
      static_cast<unsigned int>(kOurs.size()), offered, offered_size);
  *chosen = out;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                         : SSL_TLSEXT_ERR_ALERT_FATAL;
}

struct Prepared {
  ContextPointer context;
  TimePoint not_after;
};

Result<Prepared> Prepare(const KeyPair& pair) {
  Result<std::vector<X509Pointer>> chain =
      ParseCertificates(pair.certificate_pem);
  if (!chain) return std::move(chain).error().Within("serving certificate");
  Result<KeyPointer> key = ParseKey(pair.key_pem);
  if (!key) return std::move(key).error().Within("serving key");

  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20");
  // No resumption: it would lose the client's chain and skip its verification.
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                             SSL_OP_NO_COMPRESSION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(c, &AcceptAnyCertificate, nullptr);
  SSL_CTX_set_alpn_select_cb(c, &ChooseProtocol, nullptr);

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

}  // namespace

ServingTls::ServingTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServingTls::~ServingTls() = default;

Result<std::unique_ptr<ServingTls>> ServingTls::Create(KeyPair pair) {
  std::unique_ptr<ServingTls> tls(new ServingTls(std::make_unique<Impl>()));
  const Result<Done> replaced = tls->Replace(std::move(pair));
  if (!replaced) return replaced.error();
  return tls;
}

Result<Done> ServingTls::Replace(KeyPair pair) {
  Result<Prepared> prepared = Prepare(pair);
  if (!prepared) return std::move(prepared).error();
  // Connections hold on to the context they were made with.
  impl_->context = std::move(prepared->context);
  impl_->pair = std::move(pair);
  impl_->not_after = prepared->not_after;
  return Done{};
}

TimePoint ServingTls::NotAfter() const { return impl_->not_after; }

}  // namespace sextant::net
