#include "backend_client.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/proxy.h"
#include "sextant/net/url.h"

namespace sextant::app {

std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<Credentials> ReadBackendCredentials(const config::BackendFlags& flags) {
  CredentialsReader reader;
  if (flags.in_cluster_auth) {
    const std::string folder = kServiceAccountFolder;
    reader.TakeCa(folder + "/ca.crt", "--prometheus-auth-incluster");
    reader.TakeToken(folder + "/token", "--prometheus-auth-incluster");
  }
  if (!flags.kubeconfig.empty()) {
    reader.TakeKubeconfig(flags.kubeconfig, "prometheus-auth-config");
  }
  if (!flags.ca_file.empty()) {
    reader.TakeCa(flags.ca_file, "prometheus-ca-file");
  }
  if (!flags.client_cert_file.empty()) {
    reader.TakeKeyPair(flags.client_cert_file, flags.client_key_file);
  }
  if (!flags.token_file.empty()) {
    reader.TakeToken(flags.token_file, "prometheus-token-file");
  }
  return std::move(reader).Finish();
}

// The strongest first (backend/prometheus.h).
std::string BackendCredentialsInWords(const config::BackendFlags& flags,
                                      const Credentials& credentials) {
  std::string who = credentials.Who();
  if (const std::string cloud = CloudCredentials::InWords(flags.auth);
      !cloud.empty()) {
    who = cloud;
  }
  if (who.empty() && flags.url.find('@') != std::string::npos) {
    who = "user and password of --prometheus-url";
  }
  for (const auto& [name, value] : flags.headers) {
    if (EqualsIgnoringCase(name, "Authorization")) {
      who = "the header Authorization of --prometheus-header";
    }
  }
  return credentials.InWords(who);
}

BackendClient::BackendClient(const config::BackendFlags& flags,
                             Credentials credentials, Clock& clock,
                             const std::string& name)
    : credentials_(
          {.kind =
               "backend_credentials" + (name == "default" ? "" : "/" + name),
           .whose = "the backend" + (name == "default" ? "" : " " + name),
           .read = [flags] { return ReadBackendCredentials(flags); },
           .describe =
               [flags](const Credentials& current) {
                 return BackendCredentialsInWords(flags, current);
               }},
          std::move(credentials), clock) {}

Result<std::unique_ptr<BackendClient>> BackendClient::Build(
    const config::BackendFlags& flags,
    const std::function<std::string(const char*)>& variable, Clock& clock,
    obs::Metrics& metrics, const std::string& name) {
  Result<net::Url> url = net::Url::Parse(flags.url);
  if (!url) return std::move(url).error().Within("--prometheus-url");
  Result<Credentials> credentials = ReadBackendCredentials(flags);
  if (!credentials) return std::move(credentials).error();

  net::PooledHttpClient::Options options;
  options.proxies = credentials->Proxies(net::ProxySettings::From(variable));
  // A proxy that cannot be used is told now and not with the first request.
  const Result<std::optional<net::Url>> proxy =
      net::ProxyFor(*url, options.proxies);
  if (!proxy) return proxy.error();

  auto built = std::unique_ptr<BackendClient>(
      new BackendClient(flags, *std::move(credentials), clock, name));
  const Result<net::PooledHttpClient*> client =
      built->credentials_.AddClient(std::move(options));
  if (!client) return client.error();
  built->redirecting_ = std::make_unique<net::RedirectingClient>(
      net::RedirectingClient::Options(), **client);
  built->server_ = url->ToString();

  const Credentials& current = built->credentials_.current();
  backend::PrometheusBackend::Options asking;
  Result<std::unique_ptr<CloudCredentials>> cloud =
      CloudCredentials::Build(flags, *url, variable, clock);
  if (!cloud) return std::move(cloud).error();
  built->cloud_ = *std::move(cloud);
  asking.name = name;
  asking.url = *std::move(url);
  // Null of "auto": it is found out.
  asking.dialect = backend::FindDialect(flags.dialect);
  if (!current.user_info.empty()) asking.url.user_info = current.user_info;
  if (flags.verb == config::BackendFlags::Verb::kPost) {
    asking.verb = backend::PrometheusBackend::Verb::kPost;
  }
  for (const auto& [header, value] : flags.headers) {
    asking.headers.Add(header, value);
  }
  if (current.token) {
    built->token_ = std::make_unique<backend::HeldToken>(*current.token);
    built->credentials_.OnToken(
        [held = built->token_.get()](const std::string& token) {
          held->Set(token);
        });
    asking.signer = built->token_.get();
  }
  if (built->cloud_) asking.signer = &built->cloud_->signer();
  asking.credentials = BackendCredentialsInWords(flags, current);
  built->backend_ = std::make_unique<backend::PrometheusBackend>(
      std::move(asking), *built->redirecting_, clock, metrics);
  return built;
}

}  // namespace sextant::app
