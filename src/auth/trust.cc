#include "sextant/auth/trust.h"

#include <utility>

namespace sextant::auth {
namespace {

using Bundle = std::shared_ptr<const net::CaBundle>;

// Takes what can be used into `trust`; the error of the last part that cannot.
Result<Done> Take(const kube::AuthenticationConfig& config, Trust& trust) {
  Result<Done> outcome = Done{};
  if (!config.client_ca_pem.empty()) {
    Result<Bundle> ca = net::CaBundle::Parse(config.client_ca_pem);
    if (ca) {
      trust.client_ca = *std::move(ca);
    } else {
      outcome = std::move(ca).error().Within("certificate authority of users");
    }
  }
  if (!config.requestheader_ca_pem.empty()) {
    Result<Bundle> ca = net::CaBundle::Parse(config.requestheader_ca_pem);
    if (ca) {
      trust.front_proxy = FrontProxy{
          *std::move(ca),       config.allowed_names,  config.username_headers,
          config.group_headers, config.extra_prefixes, config.uid_headers};
    } else {
      outcome = std::move(ca).error().Within(
          "certificate authority of front proxies");
    }
  }
  return outcome;
}

}  // namespace

Result<Done> TrustSource::SetFromCluster(
    const kube::AuthenticationConfig& config) {
  Result<Done> outcome = Take(config, cluster_);
  Compose();
  return outcome;
}

Result<Done> TrustSource::SetFromFlags(
    const kube::AuthenticationConfig& config) {
  Result<Done> outcome = Take(config, flags_);
  Compose();
  return outcome;
}

void TrustSource::Compose() {
  auto trust = std::make_shared<Trust>(cluster_);
  if (flags_.client_ca) trust->client_ca = flags_.client_ca;
  if (flags_.front_proxy) trust->front_proxy = flags_.front_proxy;
  current_ = std::move(trust);
}

}  // namespace sextant::auth
