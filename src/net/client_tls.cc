#include "client_tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

namespace sextant::net {
namespace {

struct FreeOpenSsl {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

Owned<BIO> Reader(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Without it OpenSSL asks on the terminal for the password of a locked key.
int NoPassword(char*, int, int, void*) { return -1; }

// A server's certificate may say what it likes: cut before it reaches a log.
std::string Shortened(std::string text) {
  constexpr std::size_t kMost = 200;
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return text;
}

std::string NameText(const X509_NAME* name) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return Shortened(std::string(data, static_cast<std::size_t>(size)));
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  const int family =
      ASN1_STRING_length(address) == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != sizeof(in6_addr)) {
    return "?";
  }
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text);
  return text;
}

// The names that a certificate is for: "prom.example, 10.0.0.1".
std::string NamesOf(const X509* certificate) {
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string one;
    if (name->type == GEN_DNS) {
      one.assign(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
          static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      one = AddressText(name->d.iPAddress);
    } else {
      continue;
    }
    text += (text.empty() ? "" : ", ") + one;
  }
  return text.empty() ? "no DNS name or IP address at all" : Shortened(text);
}

std::string RefusalText(X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  std::string text = X509_verify_cert_error_string(error);
  if (certificate == nullptr) return text;
  switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      text += "; it is for " + NamesOf(certificate) +
              ": use one of these in the URL, or set the TLS server name";
      break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      text += "; it was issued by \"" +
              NameText(X509_get_issuer_name(certificate)) +
              "\": give that authority's certificate as the CA";
      break;
    default:
      text += "; the certificate is \"" +
              NameText(X509_get_subject_name(certificate)) + "\"";
  }
  return text;
}

int NoteRefusal(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return ok;
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(
      context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* refusal = static_cast<ServerRefusal*>(SSL_get_app_data(ssl));
  refusal->reason = RefusalText(context);
  return ok;
}

Error Bad(const std::string& what) {
  return {ErrorCode::kInvalidArgument, what + " (" + TakeSslErrors() + ")", ""};
}

// Adds every certificate of `pem`; false if there is none or one is broken.
bool AddAuthorities(SSL_CTX* context, const std::string& pem) {
  const Owned<BIO> bio = Reader(pem);
  bool any = false;
  while (const Owned<X509> certificate{
      PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr)}) {
    any = true;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
  // The loop always ends with an error; that of the end of the text is fine.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (any && at_end) ERR_clear_error();
  return any && at_end;
}

// Where systems keep their authorities in one file: Debian and Alpine, Red Hat
// (two), SUSE, and the BSDs.
constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

bool IsThere(const char* path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// OpenSSL knows the places of the system that it was built on, and a static
// program runs on others too, and in an image that has the bundle alone.
void AddSystemAuthorities(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  if (std::getenv(X509_get_default_cert_file_env()) != nullptr ||
      std::getenv(X509_get_default_cert_dir_env()) != nullptr ||
      IsThere(X509_get_default_cert_file()) ||
      IsThere(X509_get_default_cert_dir())) {
    return;
  }
  for (const char* bundle : kBundles) {
    if (IsThere(bundle) && SSL_CTX_load_verify_file(context, bundle) == 1) {
      break;
    }
  }
  ERR_clear_error();
}

std::optional<Error> UseCertificate(SSL_CTX* context, const KeyPair& pair) {
  const Owned<BIO> chain = Reader(pair.certificate_pem);
  const Owned<X509> leaf(
      PEM_read_bio_X509(chain.get(), nullptr, NoPassword, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return Bad("the client certificate is not a usable PEM certificate");
  }
  while (const Owned<X509> intermediate{
      PEM_read_bio_X509(chain.get(), nullptr, NoPassword, nullptr)}) {
    SSL_CTX_add1_chain_cert(context, intermediate.get());
  }
  ERR_clear_error();
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(
      Reader(pair.key_pem).get(), nullptr, NoPassword, nullptr));
  if (!key) return Bad("the client key is not a usable PEM private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return Bad("the client key does not belong to the client certificate");
  }
  return std::nullopt;
}

bool IsAddress(const std::string& name) {
  in6_addr v6{};
  in_addr v4{};
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 ||
         inet_pton(AF_INET, name.c_str(), &v4) == 1;
}

}  // namespace

Result<ClientTls> ClientTls::Create(const PooledHttpClient::Tls& settings) {
  // OpenSSL writes with write(), which raises it when the server has gone.
  std::signal(SIGPIPE, SIG_IGN);
  ERR_clear_error();
  ContextPointer context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Bad("TLS is not available");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(
      context.get(),
      settings.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
      settings.insecure_skip_verify ? nullptr : NoteRefusal);
  constexpr std::string_view kHttp11 = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(
      context.get(), reinterpret_cast<const unsigned char*>(kHttp11.data()),
      static_cast<unsigned>(kHttp11.size()));

  if (!settings.ca_pem.empty() &&
      !AddAuthorities(context.get(), settings.ca_pem)) {
    return Bad("the CA is not a list of PEM certificates");
  }
  if (settings.certificate) {
    if (auto bad = UseCertificate(context.get(), *settings.certificate)) {
      return std::move(*bad);
    }
  }
  return ClientTls(std::move(context), settings.ca_pem.empty());
}

SslPointer ClientTls::NewConnection(const std::string& server_name,
                                    ServerRefusal* refusal) {
  if (system_authorities_unread_) {
    AddSystemAuthorities(context_.get());
    system_authorities_unread_ = false;
  }
  // A name may end with the dot of DNS' root, a certificate's does not.
  std::string name = server_name;
  if (!name.empty() && name.back() == '.') name.pop_back();

  SslPointer ssl(SSL_new(context_.get()));
  if (!ssl) return nullptr;
  SSL_set_app_data(ssl.get(), refusal);
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl.get());
  // As Go and browsers: the common name is not a host name.
  X509_VERIFY_PARAM_set_hostflags(expected,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool named =
      IsAddress(name)
          ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1
          : X509_VERIFY_PARAM_set1_host(expected, name.c_str(), 0) == 1 &&
                SSL_set_tlsext_host_name(ssl.get(), name.c_str()) == 1;
  return named && !name.empty() ? std::move(ssl) : nullptr;
}

}  // namespace sextant::net
