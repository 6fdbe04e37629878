#include "credentials.h"

#include <utility>

#include "sextant/base/file.h"
#include "sextant/base/text.h"
#include "sextant/net/certificate_end.h"

namespace sextant::app {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

std::string PairOf(const Credentials& credentials) {
  const auto& certificate = credentials.tls.certificate;
  return certificate ? certificate->certificate_pem + certificate->key_pem
                     : std::string();
}

}  // namespace

std::string Credentials::Who() const {
  if (token) return "the token of " + token_source;
  if (!user_info.empty()) return "user and password of " + user_source;
  return {};
}

std::string Credentials::InWords(const std::string& who) const {
  std::vector<std::string> words;
  if (!who.empty()) words.push_back(who);
  if (tls.certificate) {
    words.push_back("the client certificate of " + certificate_source);
  }
  return words.empty() ? "none" : Join(words, ", ");
}

std::optional<TimePoint> Credentials::CertificateEnd() const {
  if (!tls.certificate) return std::nullopt;
  const Result<TimePoint> end = net::CertificateEndOf(*tls.certificate);
  if (!end) return std::nullopt;
  return *end;
}

net::ProxySettings Credentials::Proxies(
    const net::ProxySettings& environment) const {
  if (proxy_url.empty()) return environment;
  return {proxy_url, proxy_url, ""};
}

bool Credentials::SameAs(const Credentials& other) const {
  return token == other.token && tls.ca_pem == other.tls.ca_pem &&
         PairOf(*this) == PairOf(other) &&
         tls.server_name == other.tls.server_name &&
         tls.insecure_skip_verify == other.tls.insecure_skip_verify;
}

void CredentialsReader::TakeCa(const std::string& path,
                               const std::string& what) {
  credentials_.tls.ca_pem = File(path, what);
  credentials_.tls.insecure_skip_verify = false;
  if (credentials_.tls.ca_pem.find("-----BEGIN CERTIFICATE") ==
      std::string::npos) {
    Fail("no certs found in " + what + ": " + path);
  }
}

void CredentialsReader::TakeKeyPair(const std::string& certificate_path,
                                    const std::string& key_path) {
  TakePair({"", certificate_path}, {"", key_path});
}

void CredentialsReader::TakeToken(const std::string& path,
                                  const std::string& what) {
  // prometheus-adapter keeps the newline at the end, and then fails with each
  // request.
  const std::string text = File(path, what);
  credentials_.token = std::string(Trim(text));
  if (credentials_.token->empty()) {
    Fail("no token found in " + what + ": " + path);
  }
  credentials_.token_source = path;
}

std::optional<config::KubeconfigContext> CredentialsReader::TakeKubeconfig(
    const std::string& path, const std::string& what) {
  const std::string text = File(path, what);
  if (failure_) return std::nullopt;
  Result<config::KubeconfigContext> context =
      config::ParseKubeconfig(path, text);
  if (!context) {
    Fail(what + ":\n" + context.error().message);
    return std::nullopt;
  }
  credentials_.tls.ca_pem =
      Text(context->certificate_authority, "certificate-authority");
  credentials_.tls.server_name = context->tls_server_name;
  credentials_.tls.insecure_skip_verify = context->insecure_skip_tls_verify;
  credentials_.proxy_url = context->proxy_url;
  if (!context->client_certificate.empty()) {
    TakePair(context->client_certificate, context->client_key);
  }
  if (!context->token_file.empty()) {
    TakeToken(context->token_file, "tokenFile");
  } else if (!context->token.empty()) {
    credentials_.token = context->token;
    credentials_.token_source = path;
  } else if (!context->username.empty()) {
    credentials_.user_info = context->username + ":" + context->password;
    credentials_.user_source = path;
  }
  if (failure_) return std::nullopt;
  return *std::move(context);
}

void CredentialsReader::Fail(std::string message) {
  if (failure_) return;
  failure_ = Error{ErrorCode::kInvalidArgument, std::move(message), ""};
}

Result<Credentials> CredentialsReader::Finish() && {
  if (failure_) return *std::move(failure_);
  return std::move(credentials_);
}

std::string CredentialsReader::File(const std::string& path,
                                    const std::string& what) {
  credentials_.files.push_back(path);
  Result<std::string> text = ReadFile(path, kMostBytes);
  if (text) return *std::move(text);
  Fail("failed to read " + what + ": " + text.error().message);
  return {};
}

std::string CredentialsReader::Text(const Pem& pem, const std::string& what) {
  return pem.file.empty() ? pem.data : File(pem.file, what);
}

void CredentialsReader::TakePair(const Pem& certificate, const Pem& key) {
  credentials_.tls.certificate = net::KeyPair{Text(certificate, "TLS key pair"),
                                              Text(key, "TLS key pair")};
  credentials_.certificate_source =
      certificate.file.empty() ? "the kubeconfig" : certificate.file;
}

}  // namespace sextant::app
