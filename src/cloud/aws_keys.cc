#include "aws_keys.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "aws_partition.h"
#include "aws_reply.h"
#include "safe_url.h"
#include "sextant/base/http_text.h"
#include "sextant/base/text.h"

namespace sextant::cloud {
namespace {

using Lease = Renewed<AwsKeys>::Lease;

constexpr Duration kEarly = std::chrono::minutes(5);
// The metadata of a node answers at once or, over one hop too many, never.
constexpr Duration kNodePatience = std::chrono::seconds(3);

Error Missing(const std::string& message) {
  return Error{ErrorCode::kInvalidArgument, message, ""};
}

// Asks, and reads what comes with `read`.
Task<Result<Lease>> Ask(const SecretServers& servers,
                        net::ClientRequest request, TimePoint deadline,
                        std::optional<AwsLease> (*read)(std::string_view)) {
  const net::Url url = request.url;
  const Result<std::string> body = co_await AskForSecret(
      servers, servers.For(url), std::move(request), deadline);
  if (!body) co_return body.error();
  std::optional<AwsLease> lease = read(*body);
  if (!lease) {
    co_return servers.Failed(url, "answers something else than keys");
  }
  co_return Lease{std::move(lease->keys), lease->end};
}

Task<Result<Lease>> Fixed(AwsKeys keys) {
  co_return Lease{std::move(keys), TimePoint::max()};
}

// A role at STS, and as whom it is assumed.
struct Role {
  net::Url sts;
  std::string arn;
  std::string session;
};

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
Task<Result<Lease>> OfWebIdentity(const SecretServers& servers, Role role,
                                  std::string token_file, TimePoint deadline) {
  const Result<std::string> token = TokenInFile(token_file);
  if (!token) co_return Error(token.error()).Within(servers.failure);
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"Action", "AssumeRoleWithWebIdentity"},
      {"Version", "2011-06-15"},
      {"RoleArn", role.arn},
      {"RoleSessionName", role.session},
      {"WebIdentityToken", *token}};
  co_return co_await Ask(servers, FormRequest(role.sts, fields), deadline,
                         ReadStsReply);
}

Task<Result<Lease>> OfAgent(const SecretServers& servers, net::Url url,
                            std::string token_file, TimePoint deadline) {
  net::ClientRequest request;
  request.url = std::move(url);
  request.headers.Set("Accept", "application/json");
  if (!token_file.empty()) {
    const Result<std::string> token = TokenInFile(token_file);
    if (!token) co_return Error(token.error()).Within(servers.failure);
    request.headers.Set("Authorization", *token);
  }
  co_return co_await Ask(servers, std::move(request), deadline, ReadAgentReply);
}

// The metadata of a node, version 2.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
class NodeMetadata {
 public:
  NodeMetadata(net::Url url, const SecretServers& servers)
      : url_(std::move(url)), servers_(servers) {}

  Task<Result<Lease>> Fetch(TimePoint deadline) const {
    const TimePoint limit =
        std::min(deadline, servers_.clock.Now() + kNodePatience);
    Result<Lease> lease = co_await Keys(limit);
    if (lease) co_return lease;
    Error error = std::move(lease).error();
    error.message +=
        "; it is the metadata of the node: give the service account a role "
        "(eks.amazonaws.com/role-arn, or a pod identity association), or set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    co_return error;
  }

 private:
  Task<Result<Lease>> Keys(TimePoint deadline) const {
    net::ClientRequest request = At("/latest/api/token");
    request.method = "PUT";
    request.headers.Set("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    const Result<std::string> token =
        co_await Text(std::move(request), deadline);
    if (!token) co_return token.error();
    const std::string folder = "/latest/meta-data/iam/security-credentials/";
    request = At(folder);
    request.headers.Set(kToken, *token);
    const Result<std::string> role =
        co_await Text(std::move(request), deadline);
    if (!role) co_return role.error();
    request = At(folder + PathSegment(*role));
    request.headers.Set(kToken, *token);
    co_return co_await Ask(servers_, std::move(request), deadline,
                           ReadAgentReply);
  }

  net::ClientRequest At(const std::string& path) const {
    net::ClientRequest request;
    request.url = url_;
    request.url.path += path;
    return request;
  }

  // The answer, a word.
  Task<Result<std::string>> Text(net::ClientRequest request,
                                 TimePoint deadline) const {
    const Result<std::string> body = co_await AskForSecret(
        servers_, servers_.local, std::move(request), deadline);
    if (!body) co_return body;
    std::string text(Trim(*body));
    if (!IsVisibleAscii(text)) {
      co_return servers_.Failed(url_, "answers something else than a word");
    }
    co_return text;
  }

  static constexpr char kToken[] = "X-aws-ec2-metadata-token";

  const net::Url url_;
  const SecretServers& servers_;
};

// Keys of a role that are had with others.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
class AssumedRole {
 public:
  AssumedRole(Role role, std::string region, AwsFetch own,
              const SecretServers& servers)
      : role_(std::move(role)),
        region_(std::move(region)),
        own_(std::move(own), kEarly, servers.clock),
        servers_(servers) {}

  Task<Result<Lease>> Fetch(TimePoint deadline) {
    const Result<AwsKeys> own = co_await own_.Get(deadline);
    if (!own) co_return own.error();
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"Action", "AssumeRole"},
        {"Version", "2011-06-15"},
        {"RoleArn", role_.arn},
        {"RoleSessionName", role_.session}};
    net::ClientRequest request = FormRequest(role_.sts, fields);
    SignV4(request, *own, region_, "sts", servers_.clock.Now());
    Result<Lease> lease =
        co_await Ask(servers_, std::move(request), deadline, ReadStsReply);
    // Perhaps they are not good any more.
    if (!lease) {
      own_.Drop([&own](const AwsKeys& keys) {
        return keys.access_key_id == own->access_key_id;
      });
    }
    co_return lease;
  }

 private:
  const Role role_;
  const std::string region_;
  Renewed<AwsKeys> own_;
  const SecretServers& servers_;
};

std::string SessionOf(const Variable& variable) {
  const std::string session = variable("AWS_ROLE_SESSION_NAME");
  return session.empty() ? "sextant" : session;
}

Result<net::Url> StsOf(const std::string& region, const Variable& variable) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    const std::string own = variable(name);
    if (!own.empty()) return SafeUrl(own, name);
  }
  return net::Url::Parse(StsOfRegion(region));
}

Result<AwsFetch> OfNode(const Variable& variable,
                        const SecretServers& servers) {
  if (EqualsIgnoringCase(variable("AWS_EC2_METADATA_DISABLED"), "true")) {
    return Missing(
        "--backend-auth=aws: no keys in the environment, and "
        "AWS_EC2_METADATA_DISABLED is set; give the service account a role "
        "(eks.amazonaws.com/role-arn, or a pod identity association), or set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  const char kEndpoint[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  const std::string own = variable(kEndpoint);
  Result<net::Url> url =
      SafeUrl(own.empty() ? "http://169.254.169.254" : own, kEndpoint);
  if (!url) return std::move(url).error();
  while (url->path.ends_with('/')) url->path.pop_back();
  const auto node =
      std::make_shared<const NodeMetadata>(*std::move(url), servers);
  return AwsFetch([node](TimePoint deadline) { return node->Fetch(deadline); });
}

}  // namespace

Result<AwsFetch> FindAwsKeys(const std::string& region,
                             const Variable& variable,
                             const SecretServers& servers) {
  const AwsKeys keys{variable("AWS_ACCESS_KEY_ID"),
                     variable("AWS_SECRET_ACCESS_KEY"),
                     variable("AWS_SESSION_TOKEN")};
  if (keys.access_key_id.empty() != keys.secret_access_key.empty()) {
    return Missing(
        "--backend-auth=aws: of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
        "one is not set; set both or none");
  }
  if (!keys.access_key_id.empty()) {
    return AwsFetch([keys](TimePoint /*deadline*/) { return Fixed(keys); });
  }
  const std::string arn = variable("AWS_ROLE_ARN");
  const std::string web_token = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!arn.empty() && !web_token.empty()) {
    Result<net::Url> sts = StsOf(region, variable);
    if (!sts) return std::move(sts).error();
    const Role role{*std::move(sts), arn, SessionOf(variable)};
    return AwsFetch([&servers, role, web_token](TimePoint deadline) {
      return OfWebIdentity(servers, role, web_token, deadline);
    });
  }
  const std::string agent = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!agent.empty()) {
    Result<net::Url> url = SafeUrl(agent, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!url) return std::move(url).error();
    const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    return AwsFetch(
        [&servers, url = *std::move(url), file](TimePoint deadline) {
          return OfAgent(servers, url, file, deadline);
        });
  }
  return OfNode(variable, servers);
}

Result<AwsFetch> AssumeAwsRole(const std::string& role,
                               const std::string& region,
                               const Variable& variable, AwsFetch own,
                               const SecretServers& servers) {
  if (!role.starts_with("arn:")) {
    return Missing(
        "--sigv4-role-arn: is no role; write it like "
        "arn:aws:iam::123456789012:role/NAME");
  }
  Result<net::Url> sts = StsOf(region, variable);
  if (!sts) return std::move(sts).error();
  const auto assumed = std::make_shared<AssumedRole>(
      Role{*std::move(sts), role, SessionOf(variable)}, region, std::move(own),
      servers);
  return AwsFetch(
      [assumed](TimePoint deadline) { return assumed->Fetch(deadline); });
}

}  // namespace sextant::cloud
