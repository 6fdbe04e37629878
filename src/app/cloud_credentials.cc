#include "cloud_credentials.h"

#include <utility>

#include "sextant/cloud/aws_signer.h"
#include "sextant/net/proxy.h"

namespace sextant::app {

Result<std::unique_ptr<CloudCredentials>> CloudCredentials::Build(
    const config::BackendFlags& flags, const net::Url& url,
    const std::function<std::string(const char*)>& variable, Clock& clock) {
  if (flags.auth == config::BackendFlags::Auth::kNone) {
    return std::unique_ptr<CloudCredentials>();
  }
  auto built = std::unique_ptr<CloudCredentials>(new CloudCredentials());
  net::PooledHttpClient::Options options;
  Result<std::unique_ptr<net::PooledHttpClient>> local =
      net::PooledHttpClient::Create(options, clock);
  if (!local) return std::move(local).error();
  built->local_ = *std::move(local);
  options.proxies = net::ProxySettings::From(variable);
  Result<std::unique_ptr<net::PooledHttpClient>> outside =
      net::PooledHttpClient::Create(std::move(options), clock);
  if (!outside) return std::move(outside).error();
  built->outside_ = *std::move(outside);

  cloud::AwsOptions aws;
  aws.url = url;
  aws.region = flags.sigv4_region;
  aws.service = flags.sigv4_service_name;
  Result<std::unique_ptr<net::RequestSigner>> signer = cloud::MakeAwsSigner(
      aws, variable, *built->outside_, *built->local_, clock);
  if (!signer) return std::move(signer).error();
  built->signer_ = *std::move(signer);
  return built;
}

void CloudCredentials::CloseIdle() {
  outside_->CloseIdle();
  local_->CloseIdle();
}

}  // namespace sextant::app
