#include "sextant/cloud/aws_signer.h"

#include <chrono>
#include <utility>
#include <vector>

#include "aws_keys.h"
#include "aws_partition.h"
#include "aws_reply.h"
#include "renewed.h"
#include "secret_servers.h"
#include "sextant/cloud/sigv4.h"

namespace sextant::cloud {
namespace {

constexpr Duration kEarly = std::chrono::minutes(5);

// Signs with keys that are renewed.
class AwsSigner final : public net::RequestSigner {
 public:
  // `servers` are those that `fetch` asks.
  AwsSigner(std::string region, std::string service,
            std::unique_ptr<const SecretServers> servers, AwsFetch fetch)
      : region_(std::move(region)),
        service_(std::move(service)),
        servers_(std::move(servers)),
        keys_(std::move(fetch), kEarly, servers_->clock) {}

  Task<Result<Done>> Sign(net::ClientRequest& request, TimePoint now,
                          TimePoint deadline) override {
    const Result<AwsKeys> keys = co_await keys_.Get(deadline);
    if (!keys) co_return keys.error();
    SignV4(request, *keys, region_, service_, now);
    co_return Done{};
  }

  // Keys that have ended are 403 to Amazon, and so is a missing right.
  bool Renew(const net::ClientRequest& request, int /*status*/,
             TimePoint /*now*/) override {
    const std::string* const proof = request.headers.Find("Authorization");
    return keys_.Drop([proof](const AwsKeys& keys) {
      return proof != nullptr &&
             proof->find("Credential=" + keys.access_key_id + "/") !=
                 std::string::npos;
    });
  }

 private:
  const std::string region_;
  const std::string service_;
  const std::unique_ptr<const SecretServers> servers_;
  Renewed<AwsKeys> keys_;
};

std::string FirstOf(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

bool IsRegion(std::string_view region) {
  return region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
         std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<net::RequestSigner>> MakeAwsSigner(
    const AwsOptions& options, const Variable& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock) {
  const std::string region =
      FirstOf({options.region, variable("AWS_REGION"),
               variable("AWS_DEFAULT_REGION"), RegionOfHost(options.url.host)});
  if (region.empty() || !IsRegion(region)) {
    return Error{ErrorCode::kInvalidArgument,
                 "--backend-auth=aws: the region is not known; write "
                 "--sigv4-region=REGION, like eu-west-1",
                 ""};
  }
  auto servers = std::make_unique<const SecretServers>(SecretServers{
      "no AWS keys for the backend", outside, local, ErrorCodeIn, clock});
  Result<AwsFetch> fetch = FindAwsKeys(region, variable, *servers);
  if (fetch && !options.role_arn.empty()) {
    fetch = AssumeAwsRole(options.role_arn, region, variable, *std::move(fetch),
                          *servers);
  }
  if (!fetch) return std::move(fetch).error();
  std::unique_ptr<net::RequestSigner> signer = std::make_unique<AwsSigner>(
      region, options.service, std::move(servers), *std::move(fetch));
  return signer;
}

}  // namespace sextant::cloud
