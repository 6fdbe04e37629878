#include "cloud_credentials.h"

#include <utility>

#include "sextant/cloud/aws_signer.h"
#include "sextant/cloud/azure_signer.h"
#include "sextant/cloud/google_signer.h"
#include "sextant/net/proxy.h"

namespace sextant::app {
namespace {

using Auth = config::BackendFlags::Auth;
using Variable = std::function<std::string(const char*)>;

Result<std::unique_ptr<net::RequestSigner>> MakeSigner(
    const config::BackendFlags& flags, const net::Url& url,
    const Variable& variable, net::HttpClient& outside, net::HttpClient& local,
    Clock& clock) {
  if (flags.auth == Auth::kGoogle) {
    cloud::GoogleOptions google;
    google.url = url;
    google.credentials_file = flags.google_credentials_file;
    return cloud::MakeGoogleSigner(google, variable, outside, local, clock);
  }
  if (flags.auth == Auth::kAzure) {
    cloud::AzureOptions azure;
    azure.url = url;
    azure.audience = flags.azure_audience;
    return cloud::MakeAzureSigner(azure, variable, outside, local, clock);
  }
  cloud::AwsOptions aws;
  aws.url = url;
  aws.region = flags.sigv4_region;
  aws.service = flags.sigv4_service_name;
  aws.role_arn = flags.sigv4_role_arn;
  return cloud::MakeAwsSigner(aws, variable, outside, local, clock);
}

}  // namespace

Result<std::unique_ptr<CloudCredentials>> CloudCredentials::Build(
    const config::BackendFlags& flags, const net::Url& url,
    const Variable& variable, Clock& clock) {
  if (flags.auth == Auth::kNone) {
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

  Result<std::unique_ptr<net::RequestSigner>> signer =
      MakeSigner(flags, url, variable, *built->outside_, *built->local_, clock);
  if (!signer) return std::move(signer).error();
  built->signer_ = *std::move(signer);
  return built;
}

std::string CloudCredentials::InWords(Auth auth) {
  switch (auth) {
    case Auth::kNone:
      return {};
    case Auth::kAws:
      return "a signature with AWS keys";
    case Auth::kGoogle:
      return "a token of Google";
    case Auth::kAzure:
      return "a token of Azure";
  }
  return {};
}

void CloudCredentials::CloseIdle() {
  outside_->CloseIdle();
  local_->CloseIdle();
}

}  // namespace sextant::app
