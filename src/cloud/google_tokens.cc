#include "google_tokens.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "jwt.h"
#include "safe_url.h"
#include "sextant/base/file.h"
#include "sextant/base/http_text.h"
#include "sextant/base/json.h"
#include "sextant/base/text.h"

namespace sextant::cloud {
namespace {

using Lease = Renewed<BearerToken>::Lease;

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr char kMayRead[] = "https://www.googleapis.com/auth/monitoring.read";
// What a token needs with which another account's is fetched.
constexpr char kMayImpersonate[] =
    "https://www.googleapis.com/auth/cloud-platform";

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string Seconds(TimePoint time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch())
          .count());
}

// Google's clock may be a little behind ours.
TimePoint IssuedAt(TimePoint now) { return now - std::chrono::seconds(10); }
TimePoint EndOf(TimePoint now) { return IssuedAt(now) + std::chrono::hours(1); }

// The claims of a token that a key signs itself
// (https://google.aip.dev/auth/4111).
std::string OwnClaims(const ServiceAccountKey& key, const std::string& scope,
                      TimePoint now) {
  const std::string email = Quoted(key.email);
  return "{\"iss\":" + email + ",\"sub\":" + email +
         ",\"scope\":" + Quoted(scope) + ",\"iat\":" + Seconds(IssuedAt(now)) +
         ",\"exp\":" + Seconds(EndOf(now)) + "}";
}

// And of one that is exchanged (https://google.aip.dev/auth/4112).
std::string ExchangedClaims(const ServiceAccountKey& key,
                            const std::string& scope, TimePoint now) {
  return "{\"iss\":" + Quoted(key.email) + ",\"scope\":" + Quoted(scope) +
         ",\"aud\":" + Quoted(key.exchange->ToString()) +
         ",\"exp\":" + Seconds(EndOf(now)) +
         ",\"iat\":" + Seconds(IssuedAt(now)) + "}";
}

std::string ImpersonationBody(const Impersonation& impersonation) {
  std::string body = "{\"lifetime\":\"" +
                     std::to_string(impersonation.lifetime_seconds) +
                     "s\",\"scope\":[" + Quoted(kMayRead) + "]";
  if (!impersonation.delegates.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : impersonation.delegates) {
      names.push_back(Quoted(name));
    }
    body += ",\"delegates\":[" + Join(names, ",") + "]";
  }
  return body + "}";
}

// The token in what a file or a server of subjects' tokens says; the error
// continues its name.
Result<std::string> SubjectIn(std::string_view text, const std::string& field) {
  std::string token(Trim(text));
  if (!field.empty()) {
    const Result<nlohmann::json> parsed = ParseJson(text);
    const bool object = parsed && parsed->is_object();
    token = object && parsed->contains(field) && (*parsed)[field].is_string()
                ? (*parsed)[field].get<std::string>()
                : "";
  }
  if (IsVisibleAscii(token)) return token;
  return Error{ErrorCode::kUnavailable,
               field.empty() ? "holds something else than a token"
                             : "holds no token in the field " + GoQuote(field),
               ""};
}

}  // namespace

Task<Result<Lease>> GoogleTokens::Fetch(TimePoint deadline) const {
  BearerToken token;
  std::string quota_project = options_.quota_project;
  Result<TokenLease> lease = TokenLease{};
  if (options_.file.empty()) {
    lease = co_await FromMetadata(deadline);
  } else {
    const Result<std::string> text = ReadFile(options_.file, kMostBytes);
    Result<GoogleFile> file =
        text ? ReadGoogleFile(options_.file, *text) : text.error();
    if (!file) {
      Error error = std::move(file).error();
      error.code = ErrorCode::kUnavailable;
      co_return std::move(error).Within(servers_.failure);
    }
    if (quota_project.empty()) quota_project = file->quota_project;
    lease = co_await FromFile(*file, deadline);
  }
  if (!lease) co_return std::move(lease).error();
  token.token = std::move(lease->token);
  if (!quota_project.empty()) {
    token.headers.Set("X-Goog-User-Project", quota_project);
  }
  co_return Lease{std::move(token), lease->end};
}

Task<Result<TokenLease>> GoogleTokens::FromMetadata(TimePoint deadline) const {
  net::ClientRequest request;
  request.url = options_.metadata;
  request.url.path =
      "/computeMetadata/v1/instance/service-accounts/default/token";
  request.url.query = "scopes=" + FormEscape(kMayRead);
  request.headers.Set("Metadata-Flavor", "Google");
  // Never through a proxy, whatever the variable names.
  const Result<std::string> body = co_await AskForSecret(
      servers_, servers_.local, std::move(request), deadline);
  if (!body) {
    Error error = body.error();
    error.message +=
        "; it is the metadata server of GKE and GCE: elsewhere write "
        "--google-credentials-file=FILE";
    co_return error;
  }
  Result<TokenLease> lease = ReadTokenReply(*body, servers_.clock.Now());
  if (!lease) {
    co_return servers_.Failed(options_.metadata, lease.error().message);
  }
  co_return lease;
}

Task<Result<TokenLease>> GoogleTokens::FromFile(const GoogleFile& file,
                                                TimePoint deadline) const {
  if (!file.impersonation) {
    co_return co_await FromSource(file, kMayRead, deadline);
  }
  const Result<TokenLease> own =
      co_await FromSource(file, kMayImpersonate, deadline);
  if (!own) co_return own;
  co_return co_await Impersonate(*file.impersonation, own->token, deadline);
}

Task<Result<TokenLease>> GoogleTokens::FromSource(const GoogleFile& file,
                                                  const std::string& scope,
                                                  TimePoint deadline) const {
  if (const auto* key = std::get_if<ServiceAccountKey>(&file.source)) {
    co_return co_await OfKey(*key, scope, deadline);
  }
  if (const auto* account = std::get_if<ExternalAccount>(&file.source)) {
    co_return co_await OfExternal(*account, scope, deadline);
  }
  // Its scopes were chosen when the user logged in.
  const auto& user = std::get<AuthorizedUser>(file.source);
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"grant_type", "refresh_token"},
      {"refresh_token", user.refresh_token},
      {"client_id", user.client_id},
      {"client_secret", user.client_secret}};
  co_return co_await Ask(FormRequest(user.token_url, fields), deadline,
                         ReadTokenReply);
}

Task<Result<TokenLease>> GoogleTokens::OfKey(const ServiceAccountKey& key,
                                             const std::string& scope,
                                             TimePoint deadline) const {
  const TimePoint now = servers_.clock.Now();
  const std::string claims = key.exchange ? ExchangedClaims(key, scope, now)
                                          : OwnClaims(key, scope, now);
  // On the loop, though it takes a millisecond: it is once an hour.
  const Result<std::string> token = SignJwt(key.key_pem, key.key_id, claims);
  if (!token) {
    Error error = token.error();
    error.code = ErrorCode::kUnavailable;
    co_return std::move(error).Within(servers_.failure);
  }
  if (!key.exchange) co_return TokenLease{*token, EndOf(now)};
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
      {"assertion", *token}};
  co_return co_await Ask(FormRequest(*key.exchange, fields), deadline,
                         ReadTokenReply);
}

// https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
Task<Result<TokenLease>> GoogleTokens::OfExternal(
    const ExternalAccount& account, const std::string& scope,
    TimePoint deadline) const {
  const Result<std::string> subject = co_await SubjectToken(account, deadline);
  if (!subject) co_return subject.error();
  std::vector<std::pair<std::string, std::string>> fields = {
      {"audience", account.audience},
      {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"}};
  if (!account.user_project.empty() && account.client_id.empty()) {
    fields.emplace_back(
        "options", "{\"userProject\":" + Quoted(account.user_project) + "}");
  }
  fields.emplace_back("requested_token_type",
                      "urn:ietf:params:oauth:token-type:access_token");
  fields.emplace_back("scope", scope);
  fields.emplace_back("subject_token", *subject);
  fields.emplace_back("subject_token_type", account.subject_token_type);
  net::ClientRequest request = FormRequest(account.token_url, fields);
  if (!account.client_id.empty()) {
    request.headers.Set(
        "Authorization",
        BasicCredentials(account.client_id + ":" + account.client_secret));
  }
  co_return co_await Ask(std::move(request), deadline, ReadTokenReply);
}

Task<Result<std::string>> GoogleTokens::SubjectToken(
    const ExternalAccount& account, TimePoint deadline) const {
  if (!account.file.empty()) {
    const Result<std::string> text = ReadFile(account.file, kMostBytes);
    Result<std::string> token =
        text ? SubjectIn(*text, account.json_field) : text.error();
    if (token) co_return token;
    Error error = std::move(token).error();
    error.code = ErrorCode::kUnavailable;
    const std::string subject = text ? account.file + " " : "";
    error.message = servers_.failure + ": " + subject + error.message;
    co_return error;
  }
  net::ClientRequest request;
  request.url = account.url;
  request.headers = account.headers;
  const Result<std::string> text = co_await AskForSecret(
      servers_, servers_.For(account.url), std::move(request), deadline);
  if (!text) co_return text;
  Result<std::string> token = SubjectIn(*text, account.json_field);
  if (!token) co_return servers_.Failed(account.url, token.error().message);
  co_return token;
}

// https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
Task<Result<TokenLease>> GoogleTokens::Impersonate(
    const Impersonation& impersonation, const std::string& token,
    TimePoint deadline) const {
  net::ClientRequest request;
  request.method = "POST";
  request.url = impersonation.url;
  request.headers.Set("Authorization", "Bearer " + token);
  request.headers.Set("Content-Type", "application/json");
  request.body = ImpersonationBody(impersonation);
  co_return co_await Ask(std::move(request), deadline, ReadImpersonationReply);
}

Task<Result<TokenLease>> GoogleTokens::Ask(
    net::ClientRequest request, TimePoint deadline,
    Result<TokenLease> (*read)(std::string_view, TimePoint)) const {
  const net::Url url = request.url;
  const Result<std::string> body = co_await AskForSecret(
      servers_, servers_.For(url), std::move(request), deadline);
  if (!body) co_return body.error();
  Result<TokenLease> lease = read(*body, servers_.clock.Now());
  if (!lease) co_return servers_.Failed(url, lease.error().message);
  co_return lease;
}

}  // namespace sextant::cloud
