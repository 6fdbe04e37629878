#include "sextant/cloud/aws_signer.h"

#include <chrono>
#include <optional>
#include <utility>

#include "aws_reply.h"
#include "renewed.h"
#include "sextant/base/file.h"
#include "sextant/base/text.h"
#include "sextant/cloud/sigv4.h"

namespace sextant::cloud {
namespace {

using Lease = Renewed<AwsKeys>::Lease;
using Variable = std::function<std::string(const char*)>;

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr Duration kEarly = std::chrono::minutes(5);

// Signs with keys that are renewed.
class AwsSigner final : public net::RequestSigner {
 public:
  AwsSigner(std::string region, std::string service,
            Renewed<AwsKeys>::Fetch fetch, Clock& clock)
      : region_(std::move(region)),
        service_(std::move(service)),
        keys_(std::move(fetch), kEarly, clock) {}

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
  Renewed<AwsKeys> keys_;
};

Error Missing(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), ""};
}

// No secret and no answer: what is wrong, and where.
Error Failed(const std::string& where, const std::string& why) {
  return Error{ErrorCode::kUnavailable,
               "no AWS keys for the backend: " + where + " " + why, ""};
}

// A token as files hold it.
Result<std::string> TokenOf(const std::string& path) {
  Result<std::string> text = ReadFile(path, kMostBytes);
  if (!text) {
    Error error = std::move(text).error();
    error.code = ErrorCode::kUnavailable;
    return std::move(error).Within("no AWS keys for the backend");
  }
  std::string token(Trim(*text));
  if (token.empty()) return Failed(path, "is empty");
  // It becomes a header or a form's field.
  if (token.find_first_of("\r\n") != std::string::npos) {
    return Failed(path, "holds more than a token");
  }
  return token;
}

// Asks, and reads what comes with `read`.
Task<Result<Lease>> Ask(net::HttpClient& client, net::ClientRequest request,
                        TimePoint deadline,
                        std::optional<AwsLease> (*read)(std::string_view)) {
  const std::string where =
      request.url.scheme + "://" + request.url.Authority();
  const Result<net::ClientResponse> reply = co_await net::SendAndGather(
      client, std::move(request), deadline, kMostBytes);
  if (!reply) {
    const ErrorCode code = reply.error().code;
    Error error = Failed(where, code == ErrorCode::kDeadlineExceeded
                                    ? "did not answer in time"
                                    : "cannot be asked");
    if (code == ErrorCode::kDeadlineExceeded) error.code = code;
    error.detail = reply.error().message;
    co_return error;
  }
  if (reply->status != 200) {
    const std::string code = ErrorCodeIn(reply->body);
    co_return Failed(where, "answers " + std::to_string(reply->status) +
                                (code.empty() ? "" : " (" + code + ")"));
  }
  std::optional<AwsLease> lease = read(reply->body);
  if (!lease) co_return Failed(where, "answers something else than keys");
  co_return Lease{std::move(lease->keys), lease->end};
}

Task<Result<Lease>> Fixed(AwsKeys keys) {
  co_return Lease{std::move(keys), TimePoint::max()};
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
struct WebIdentity {
  net::Url sts;
  std::string role;
  std::string session;
  std::string token_file;
};

Task<Result<Lease>> AssumeRole(net::HttpClient& client, WebIdentity identity,
                               TimePoint deadline) {
  const Result<std::string> token = TokenOf(identity.token_file);
  if (!token) co_return token.error();
  net::ClientRequest request;
  request.method = "POST";
  request.url = identity.sts;
  if (request.url.path.empty()) request.url.path = "/";
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"Action", "AssumeRoleWithWebIdentity"},
      {"Version", "2011-06-15"},
      {"RoleArn", identity.role},
      {"RoleSessionName", identity.session},
      {"WebIdentityToken", *token}};
  request.body = FormEncode(fields);
  co_return co_await Ask(client, std::move(request), deadline, ReadStsReply);
}

Task<Result<Lease>> AskAgent(net::HttpClient& client, net::Url url,
                             std::string token_file, TimePoint deadline) {
  net::ClientRequest request;
  request.url = std::move(url);
  request.headers.Set("Accept", "application/json");
  if (!token_file.empty()) {
    const Result<std::string> token = TokenOf(token_file);
    if (!token) co_return token.error();
    request.headers.Set("Authorization", *token);
  }
  co_return co_await Ask(client, std::move(request), deadline, ReadAgentReply);
}

// As the SDKs: what is asked without TLS stays on the node.
bool StaysOnNode(const net::Url& url) {
  return url.host == "localhost" || url.host == "::1" ||
         url.host.starts_with("127.") || url.host == "169.254.170.2" ||
         url.host == "169.254.170.23" || url.host == "fd00:ec2::23";
}

Result<net::Url> SafeUrl(const std::string& text, const std::string& what) {
  Result<net::Url> url = net::Url::Parse(text);
  if (!url) return std::move(url).error().Within(what);
  if (url->scheme != "https" && !StaysOnNode(*url)) {
    return Missing(what + ": secrets would go to " + url->Authority() +
                   " without TLS; write an https:// URL");
  }
  return url;
}

// "eu-west-1" of aps-workspaces.eu-west-1.amazonaws.com.
std::string RegionOf(const std::string& host) {
  const std::vector<std::string> parts = Split(host, '.');
  const bool amazon = host.ends_with(".amazonaws.com") ||
                      host.ends_with(".amazonaws.com.cn") ||
                      host.ends_with(".api.aws");
  return amazon && parts.size() >= 4 ? parts[1] : std::string();
}

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

Result<net::Url> StsOf(const std::string& region, const Variable& variable) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    const std::string own = variable(name);
    if (!own.empty()) return SafeUrl(own, name);
  }
  return net::Url::Parse("https://sts." + region + ".amazonaws.com" +
                         (region.starts_with("cn-") ? ".cn" : "") + "/");
}

Result<Renewed<AwsKeys>::Fetch> FindKeys(const std::string& region,
                                         const Variable& variable,
                                         net::HttpClient& outside,
                                         net::HttpClient& local) {
  const AwsKeys keys{variable("AWS_ACCESS_KEY_ID"),
                     variable("AWS_SECRET_ACCESS_KEY"),
                     variable("AWS_SESSION_TOKEN")};
  if (keys.access_key_id.empty() != keys.secret_access_key.empty()) {
    return Missing(
        "--backend-auth=aws: of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
        "one is not set; set both or none");
  }
  if (!keys.access_key_id.empty()) {
    return Renewed<AwsKeys>::Fetch(
        [keys](TimePoint /*deadline*/) { return Fixed(keys); });
  }
  WebIdentity identity;
  identity.role = variable("AWS_ROLE_ARN");
  identity.token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!identity.role.empty() && !identity.token_file.empty()) {
    Result<net::Url> sts = StsOf(region, variable);
    if (!sts) return std::move(sts).error();
    identity.sts = *std::move(sts);
    identity.session = FirstOf({variable("AWS_ROLE_SESSION_NAME"), "sextant"});
    return Renewed<AwsKeys>::Fetch([&outside, identity](TimePoint deadline) {
      return AssumeRole(outside, identity, deadline);
    });
  }
  const std::string agent = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!agent.empty()) {
    Result<net::Url> url = SafeUrl(agent, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!url) return std::move(url).error();
    const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    return Renewed<AwsKeys>::Fetch(
        [&local, url = *std::move(url), file](TimePoint deadline) {
          return AskAgent(local, url, file, deadline);
        });
  }
  return Missing(
      "--backend-auth=aws: no keys in the environment; give the service "
      "account "
      "a role (eks.amazonaws.com/role-arn, or a pod identity association), or "
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

}  // namespace

Result<std::unique_ptr<net::RequestSigner>> MakeAwsSigner(
    const AwsOptions& options, const Variable& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock) {
  const std::string region =
      FirstOf({options.region, variable("AWS_REGION"),
               variable("AWS_DEFAULT_REGION"), RegionOf(options.url.host)});
  if (region.empty() || !IsRegion(region)) {
    return Missing(
        "--backend-auth=aws: the region is not known; write "
        "--sigv4-region=REGION, like eu-west-1");
  }
  Result<Renewed<AwsKeys>::Fetch> fetch =
      FindKeys(region, variable, outside, local);
  if (!fetch) return std::move(fetch).error();
  std::unique_ptr<net::RequestSigner> signer = std::make_unique<AwsSigner>(
      region, options.service, *std::move(fetch), clock);
  return signer;
}

}  // namespace sextant::cloud
