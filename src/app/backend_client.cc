#include "backend_client.h"

#include <cstdlib>
#include <utility>

#include "sextant/base/file.h"
#include "sextant/base/text.h"
#include "sextant/config/kubeconfig.h"
#include "sextant/net/file_watch.h"
#include "sextant/net/proxy.h"
#include "sextant/net/url.h"
#include "sextant/obs/log.h"

namespace sextant::app {
namespace {

constexpr char kKind[] = "backend_credentials";
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
constexpr char kServiceAccount[] =
    "/var/run/secrets/kubernetes.io/serviceaccount/";

// Reads what the flags name, piece by piece; the first error ends it.
class AccessReader {
 public:
  Result<BackendAccess> Read(const config::BackendFlags& flags) {
    if (flags.in_cluster_auth) {
      TakeCa(std::string(kServiceAccount) + "ca.crt",
             "--prometheus-auth-incluster");
      TakeToken(std::string(kServiceAccount) + "token",
                "--prometheus-auth-incluster");
    }
    if (!flags.kubeconfig.empty()) TakeKubeconfig(flags.kubeconfig);
    if (!flags.ca_file.empty()) TakeCa(flags.ca_file, "prometheus-ca-file");
    if (!flags.client_cert_file.empty()) {
      TakeKeyPair({"", flags.client_cert_file}, {"", flags.client_key_file});
    }
    if (!flags.token_file.empty()) {
      TakeToken(flags.token_file, "prometheus-token-file");
    }
    if (failure_) return *std::move(failure_);
    access_.credentials = Words(flags);
    return std::move(access_);
  }

 private:
  using Pem = config::KubeconfigContext::Pem;

  std::string File(const std::string& path, const std::string& what) {
    access_.files.push_back(path);
    Result<std::string> text = ReadFile(path, kMostBytes);
    if (text) return *std::move(text);
    Fail("failed to read " + what + ": " + text.error().message);
    return {};
  }

  std::string Text(const Pem& pem, const std::string& what) {
    return pem.file.empty() ? pem.data : File(pem.file, what);
  }

  void Fail(std::string message) {
    if (failure_) return;
    failure_ = Error{ErrorCode::kInvalidArgument, std::move(message), ""};
  }

  void TakeCa(const std::string& path, const std::string& what) {
    access_.tls.ca_pem = File(path, what);
    access_.tls.insecure_skip_verify = false;
    if (access_.tls.ca_pem.find("-----BEGIN CERTIFICATE") ==
        std::string::npos) {
      Fail("no certs found in " + what + ": " + path);
    }
  }

  void TakeKeyPair(const Pem& certificate, const Pem& key) {
    access_.tls.certificate = net::KeyPair{Text(certificate, "TLS key pair"),
                                           Text(key, "TLS key pair")};
    certificate_ =
        certificate.file.empty() ? "the kubeconfig" : certificate.file;
  }

  void TakeToken(const std::string& path, const std::string& what) {
    // The peer keeps the newline at the end, and then fails with each request.
    const std::string text = File(path, what);
    access_.token = std::string(Trim(text));
    if (access_.token->empty()) Fail("no token found in " + what + ": " + path);
    token_ = path;
  }

  void TakeKubeconfig(const std::string& path) {
    const std::string text = File(path, "prometheus-auth-config");
    if (failure_) return;
    Result<config::KubeconfigContext> context =
        config::ParseKubeconfig(path, text);
    if (!context) {
      Fail("prometheus-auth-config:\n" + context.error().message);
      return;
    }
    access_.tls.ca_pem =
        Text(context->certificate_authority, "certificate-authority");
    access_.tls.server_name = context->tls_server_name;
    access_.tls.insecure_skip_verify = context->insecure_skip_tls_verify;
    access_.proxy_url = context->proxy_url;
    if (!context->client_certificate.empty()) {
      TakeKeyPair(context->client_certificate, context->client_key);
    }
    if (!context->token_file.empty()) {
      TakeToken(context->token_file, "tokenFile");
    } else if (!context->token.empty()) {
      access_.token = context->token;
      token_ = path;
    } else if (!context->username.empty()) {
      access_.user_info = context->username + ":" + context->password;
      user_ = path;
    }
  }

  // What a request carries, the strongest first (backend/prometheus.h).
  std::string Words(const config::BackendFlags& flags) const {
    std::vector<std::string> words;
    bool header = false;
    for (const auto& [name, value] : flags.headers) {
      header = header || EqualsIgnoringCase(name, "Authorization");
    }
    if (header) {
      words.emplace_back("the header Authorization of --prometheus-header");
    } else if (access_.token) {
      words.push_back("the token of " + token_);
    } else if (!user_.empty()) {
      words.push_back("user and password of " + user_);
    } else if (flags.url.find('@') != std::string::npos) {
      words.emplace_back("user and password of --prometheus-url");
    }
    if (access_.tls.certificate) {
      words.push_back("the client certificate of " + certificate_);
    }
    return words.empty() ? "none" : Join(words, ", ");
  }

  BackendAccess access_;
  std::optional<Error> failure_;
  std::string certificate_;  // where each comes from
  std::string token_;
  std::string user_;
};

net::ProxySettings Proxies(
    const BackendAccess& access,
    const std::function<std::string(const char*)>& variable) {
  if (access.proxy_url.empty()) return net::ProxySettings::From(variable);
  return {access.proxy_url, access.proxy_url, ""};
}

bool Same(const BackendAccess& a, const BackendAccess& b) {
  const auto pair = [](const BackendAccess& access) {
    const auto& certificate = access.tls.certificate;
    return certificate ? certificate->certificate_pem + certificate->key_pem
                       : std::string();
  };
  return a.token == b.token && a.tls.ca_pem == b.tls.ca_pem &&
         pair(a) == pair(b) && a.tls.server_name == b.tls.server_name &&
         a.tls.insecure_skip_verify == b.tls.insecure_skip_verify;
}

}  // namespace

std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<BackendAccess> BackendAccess::Read(const config::BackendFlags& flags) {
  return AccessReader().Read(flags);
}

Result<std::unique_ptr<BackendClient>> BackendClient::Build(
    const config::BackendFlags& flags,
    const std::function<std::string(const char*)>& variable, Clock& clock,
    obs::Metrics& metrics) {
  Result<net::Url> url = net::Url::Parse(flags.url);
  if (!url) return std::move(url).error().Within("--prometheus-url");
  Result<BackendAccess> access = BackendAccess::Read(flags);
  if (!access) return std::move(access).error();

  net::PooledHttpClient::Options options;
  options.tls = access->tls;
  options.proxies = Proxies(*access, variable);
  // A proxy that cannot be used is told now and not with the first request.
  const Result<std::optional<net::Url>> proxy =
      net::ProxyFor(*url, options.proxies);
  if (!proxy) return proxy.error();
  Result<std::unique_ptr<net::PooledHttpClient>> client =
      net::PooledHttpClient::Create(std::move(options), clock);
  if (!client) {
    return std::move(client).error().Within("the credentials of the backend");
  }

  auto built = std::unique_ptr<BackendClient>(
      new BackendClient(flags, *std::move(access), clock));
  built->client_ = *std::move(client);
  built->redirecting_ = std::make_unique<net::RedirectingClient>(
      net::RedirectingClient::Options(), *built->client_);
  built->server_ = url->ToString();
  backend::PrometheusBackend::Options asking;
  asking.url = *std::move(url);
  if (!built->access_.user_info.empty()) {
    asking.url.user_info = built->access_.user_info;
  }
  if (flags.verb == config::BackendFlags::Verb::kPost) {
    asking.verb = backend::PrometheusBackend::Verb::kPost;
  }
  for (const auto& [name, value] : flags.headers) {
    asking.headers.Add(name, value);
  }
  if (built->access_.token) {
    built->token_ = std::make_unique<backend::HeldToken>(*built->access_.token);
    asking.tokens = built->token_.get();
  }
  asking.credentials = built->access_.credentials;
  built->backend_ = std::make_unique<backend::PrometheusBackend>(
      std::move(asking), *built->redirecting_, clock, metrics);
  return built;
}

std::vector<Task<void>> BackendClient::Followers(FileReports& reports) {
  std::vector<Task<void>> followers;
  if (access_.files.empty()) return followers;
  reports.Add(kKind);
  followers.push_back(net::FollowFiles(
      access_.files, clock_, [this, &reports] { Look(reports, false); }));
  return followers;
}

void BackendClient::Reload(FileReports& reports) {
  if (!access_.files.empty()) Look(reports, true);
}

void BackendClient::Look(FileReports& reports, bool even_if_the_same) {
  Result<BackendAccess> access = BackendAccess::Read(flags_);
  if (!access) {
    reports.Failed(kKind, access.error(), even_if_the_same);
    return;
  }
  if (!access->token && token_) {
    reports.Failed(
        kKind,
        {ErrorCode::kInvalidArgument, "there is no token in it any more", ""},
        even_if_the_same);
    return;
  }
  const bool news = !Same(access_, *access);
  if (news) {
    const Result<Done> replaced = client_->ReplaceTls(access->tls);
    if (!replaced) {
      reports.Failed(kKind, replaced.error(), even_if_the_same);
      return;
    }
    if (token_) token_->Set(*access->token);
    access_ = *std::move(access);
  }
  if (!reports.Succeeded(kKind, news || even_if_the_same)) return;
  obs::Info("credentials of the backend taken over",
            {{"credentials", access_.credentials}});
}

}  // namespace sextant::app
