#include "sextant/cloud/azure_signer.h"

#include <chrono>
#include <optional>
#include <utility>

#include "renewed.h"
#include "safe_url.h"
#include "secret_servers.h"
#include "sextant/base/http_text.h"
#include "sextant/base/text.h"
#include "token_reply.h"
#include "token_signer.h"

namespace sextant::cloud {
namespace {

using Lease = Renewed<BearerToken>::Lease;
using Variable = std::function<std::string(const char*)>;

constexpr Duration kEarly = std::chrono::minutes(5);
constexpr char kMetadata[] =
    "http://169.254.169.254/metadata/identity/oauth2/token";

constexpr char kAdvice[] =
    "; it is the metadata of an Azure machine: with workload identity label "
    "the pod azure.workload.identity/use=true, elsewhere set AZURE_TENANT_ID, "
    "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET";

// One of Azure's clouds, known by how the hosts of its workspaces end.
struct AzureCloud {
  const char* suffix;
  const char* authority;
  const char* audience;
};
constexpr AzureCloud kPublic = {"", "https://login.microsoftonline.com",
                                "https://prometheus.monitor.azure.com"};
constexpr AzureCloud kOthers[] = {
    {".prometheus.monitor.azure.us", "https://login.microsoftonline.us",
     "https://prometheus.monitor.azure.us"},
    {".prometheus.monitor.azure.cn", "https://login.chinacloudapi.cn",
     "https://prometheus.monitor.azure.cn"}};

const AzureCloud& CloudOf(const std::string& host) {
  for (const AzureCloud& cloud : kOthers) {
    if (host.ends_with(cloud.suffix)) return cloud;
  }
  return kPublic;
}

Error Missing(const std::string& message) {
  return Error{ErrorCode::kInvalidArgument, "--backend-auth=azure: " + message,
               ""};
}

// How a token is asked for.
struct Identity {
  std::string audience;
  std::string client_id;
  // Of an application; nothing: the node's managed identity.
  std::optional<net::Url> token_url;
  std::string secret;
  std::string token_file;  // in place of a secret
};

class AzureTokens {
 public:
  AzureTokens(Identity identity, SecretServers servers)
      : identity_(std::move(identity)), servers_(std::move(servers)) {}

  Task<Result<Lease>> Fetch(TimePoint deadline) const {
    const Result<net::ClientRequest> request =
        identity_.token_url ? OfApplication()
                            : Result<net::ClientRequest>(OfNode());
    if (!request) co_return request.error();
    const net::Url url = request->url;
    const Result<std::string> body =
        co_await AskForSecret(servers_, servers_.For(url), *request, deadline);
    if (!body) {
      Error error = body.error();
      if (!identity_.token_url) error.message += kAdvice;
      co_return error;
    }
    Result<TokenLease> lease = ReadTokenReply(*body, servers_.clock.Now());
    if (!lease) co_return servers_.Failed(url, lease.error().message);
    BearerToken token;
    token.token = std::move(lease->token);
    co_return Lease{std::move(token), lease->end};
  }

 private:
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
  Result<net::ClientRequest> OfApplication() const {
    std::vector<std::pair<std::string, std::string>> fields = {
        {"grant_type", "client_credentials"},
        {"client_id", identity_.client_id}};
    if (identity_.token_file.empty()) {
      fields.emplace_back("client_secret", identity_.secret);
    } else {
      const Result<std::string> token = TokenInFile(identity_.token_file);
      if (!token) return Error(token.error()).Within(servers_.failure);
      fields.emplace_back(
          "client_assertion_type",
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      fields.emplace_back("client_assertion", *token);
    }
    fields.emplace_back("scope", identity_.audience + "/.default");
    return FormRequest(*identity_.token_url, fields);
  }

  // https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
  net::ClientRequest OfNode() const {
    net::ClientRequest request;
    request.url = *net::Url::Parse(kMetadata);
    request.url.query =
        "api-version=2018-02-01&resource=" + FormEscape(identity_.audience);
    if (!identity_.client_id.empty()) {
      request.url.query += "&client_id=" + FormEscape(identity_.client_id);
    }
    request.headers.Set("Metadata", "true");
    return request;
  }

  const Identity identity_;
  const SecretServers servers_;
};

Result<Identity> FindIdentity(const AzureOptions& options,
                              const Variable& variable) {
  const AzureCloud& cloud = CloudOf(options.url.host);
  Identity identity;
  identity.audience =
      options.audience.empty() ? cloud.audience : options.audience;
  // A scope is an audience with this at its end.
  constexpr std::string_view kDefault = "/.default";
  if (identity.audience.ends_with(kDefault)) {
    identity.audience.resize(identity.audience.size() - kDefault.size());
  }
  if (!IsVisibleAscii(identity.audience)) {
    return Missing("--azure-audience must be a URL, like " +
                   std::string(cloud.audience));
  }
  identity.client_id = variable("AZURE_CLIENT_ID");
  identity.secret = variable("AZURE_CLIENT_SECRET");
  if (identity.secret.empty()) {
    identity.token_file = variable("AZURE_FEDERATED_TOKEN_FILE");
  }
  if (identity.secret.empty() && identity.token_file.empty()) return identity;
  const std::string tenant = variable("AZURE_TENANT_ID");
  if (tenant.empty() || identity.client_id.empty()) {
    return Missing(std::string(identity.secret.empty()
                                   ? "AZURE_FEDERATED_TOKEN_FILE"
                                   : "AZURE_CLIENT_SECRET") +
                   " is set and " +
                   (tenant.empty() ? "AZURE_TENANT_ID" : "AZURE_CLIENT_ID") +
                   " is not; set both");
  }
  std::string authority = variable("AZURE_AUTHORITY_HOST");
  if (authority.empty()) authority = cloud.authority;
  Result<net::Url> url = SafeUrl(authority, "AZURE_AUTHORITY_HOST");
  if (!url) return std::move(url).error();
  while (url->path.ends_with('/')) url->path.pop_back();
  url->path += "/" + PathSegment(tenant) + "/oauth2/v2.0/token";
  identity.token_url = *std::move(url);
  return identity;
}

}  // namespace

Result<std::unique_ptr<net::RequestSigner>> MakeAzureSigner(
    const AzureOptions& options, const Variable& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock) {
  const Result<net::Url> backend =
      SafeUrl(options.url.ToString(), "--backend-auth=azure");
  if (!backend) return backend.error();
  Result<Identity> identity = FindIdentity(options, variable);
  if (!identity) return std::move(identity).error();
  const SecretServers servers{"no Azure token for the backend", outside, local,
                              OAuthErrorIn, clock};
  const auto held =
      std::make_shared<const AzureTokens>(*std::move(identity), servers);
  std::unique_ptr<net::RequestSigner> signer = std::make_unique<TokenSigner>(
      [held](TimePoint deadline) { return held->Fetch(deadline); }, kEarly,
      clock);
  return signer;
}

}  // namespace sextant::cloud
