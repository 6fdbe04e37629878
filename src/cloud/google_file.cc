#include "google_file.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "safe_url.h"
#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/net/rsa_signature.h"

namespace sextant::cloud {
namespace {

constexpr char kGoogle[] = "googleapis.com";

// An object of the file; mistakes are noted with the path of their field.
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string place,
         std::vector<std::string>& mistakes)
      : object_(object), place_(std::move(place)), mistakes_(mistakes) {}

  bool Has(const char* key) const {
    const auto found = object_.find(key);
    return found != object_.end() && !found->is_null();
  }

  // Empty if it is not there.
  std::string Text(const char* key) const {
    if (!Has(key)) return {};
    const nlohmann::json& value = object_[key];
    if (value.is_string()) return value.get<std::string>();
    Mistake(key, "must be a text");
    return {};
  }

  std::string Needed(const char* key, const std::string& advice) const {
    std::string text = Text(key);
    if (text.empty()) Mistake(key, "is missing; " + advice);
    return text;
  }

  net::Url Url(const char* key, const std::string& otherwise) const {
    std::string text = Text(key);
    if (text.empty()) text = otherwise;
    if (text.empty()) {
      Mistake(key, "is missing; write an https:// URL");
      return {};
    }
    Result<net::Url> url = SafeUrl(text, place_ + key);
    if (url) return *std::move(url);
    mistakes_.push_back(url.error().message);
    return {};
  }

  // The object of that name; what is none has no fields.
  Fields Inner(const char* key) const {
    static const nlohmann::json nothing = nlohmann::json::object();
    const bool there = Has(key);
    if (there && !object_[key].is_object()) {
      Mistake(key, "must be an object: {...}");
    }
    return Fields(there && object_[key].is_object() ? object_[key] : nothing,
                  place_ + key + ".", mistakes_);
  }

  void Mistake(const char* key, const std::string& what) const {
    mistakes_.push_back(place_ + key + ": " + what);
  }

  const nlohmann::json& object() const { return object_; }
  const std::string& place() const { return place_; }

 private:
  const nlohmann::json& object_;
  const std::string place_;
  std::vector<std::string>& mistakes_;
};

bool IsHost(const std::string& text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") ==
         std::string::npos;
}

// "googleapis.com", or that of another cloud with Google's software.
std::string Universe(const Fields& fields) {
  std::string universe = fields.Text("universe_domain");
  if (universe.empty()) return kGoogle;
  if (IsHost(universe)) return universe;
  fields.Mistake("universe_domain", "is no domain; write googleapis.com");
  return kGoogle;
}

// Hosts that exchange a key's signed text for a token, of Google's own.
bool IsGooglesTokenServer(const net::Url& url) {
  constexpr std::array<std::string_view, 3> kHosts = {
      "oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"};
  return std::find(kHosts.begin(), kHosts.end(), url.host) != kHosts.end();
}

ServiceAccountKey ReadKey(const Fields& fields) {
  const std::string again = "download the key as JSON once more";
  ServiceAccountKey key;
  key.email = fields.Needed("client_email", again);
  key.key_id = fields.Text("private_key_id");
  key.key_pem = fields.Needed("private_key", again);
  if (!key.key_pem.empty()) {
    const Result<std::string> can_sign = net::SignRs256(key.key_pem, "");
    if (!can_sign) {
      fields.Mistake("private_key", can_sign.error().message + "; " + again);
    }
  }
  // A token that the key has signed itself needs no server that could be down,
  // and other universes take no other.  Who has put a server of their own in
  // the file wants it to be asked.
  if (!fields.Text("token_uri").empty()) {
    net::Url url = fields.Url("token_uri", "");
    if (Universe(fields) == kGoogle && !IsGooglesTokenServer(url)) {
      key.exchange = std::move(url);
    }
  }
  return key;
}

AuthorizedUser ReadUser(const Fields& fields) {
  const std::string again = "run gcloud auth application-default login";
  AuthorizedUser user;
  user.client_id = fields.Needed("client_id", again);
  user.client_secret = fields.Needed("client_secret", again);
  user.refresh_token = fields.Needed("refresh_token", again);
  user.token_url =
      fields.Url("token_uri", "https://oauth2." + Universe(fields) + "/token");
  return user;
}

net::Headers ReadHeaders(const Fields& source) {
  net::Headers headers;
  const Fields fields = source.Inner("headers");
  for (const auto& [name, value] : fields.object().items()) {
    headers.Add(name, fields.Text(name.c_str()));
  }
  return headers;
}

void ReadSubject(const Fields& fields, ExternalAccount& account) {
  const Fields source = fields.Inner("credential_source");
  if (source.Has("executable")) {
    source.Mistake("executable",
                   "sextant runs no programs; let the program write a file, "
                   "and name it by credential_source.file");
    return;
  }
  if (source.Has("environment_id")) {
    source.Mistake("environment_id",
                   "Amazon's signed requests are not supported; on EKS use the "
                   "token of the service account: credential_source.file");
    return;
  }
  if (source.Has("certificate")) {
    source.Mistake("certificate",
                   "X.509 federation is not supported; use "
                   "credential_source.file or credential_source.url");
    return;
  }
  account.file = source.Text("file");
  if (account.file.empty() && source.Has("url")) {
    account.url = source.Url("url", "");
    account.headers = ReadHeaders(source);
  } else if (account.file.empty()) {
    fields.Mistake("credential_source",
                   "does not say where the token is; write its file or url");
  }
  const Fields format = source.Inner("format");
  const std::string type = format.Text("type");
  if (type == "json") {
    account.json_field = format.Needed("subject_token_field_name",
                                       "write the field that has the token");
  } else if (!type.empty() && type != "text") {
    format.Mistake("type", "must be text or json");
  }
}

ExternalAccount ReadExternal(const Fields& fields) {
  const std::string again =
      "make the file by gcloud iam workload-identity-pools create-cred-config";
  ExternalAccount account;
  account.audience = fields.Needed("audience", again);
  account.subject_token_type = fields.Needed("subject_token_type", again);
  account.token_url =
      fields.Url("token_url", "https://sts." + Universe(fields) + "/v1/token");
  account.client_id = fields.Text("client_id");
  account.client_secret = fields.Text("client_secret");
  account.user_project = fields.Text("workforce_pool_user_project");
  ReadSubject(fields, account);
  return account;
}

// "service_account_impersonation_url" and what goes with it.
std::optional<Impersonation> ReadImpersonation(const Fields& fields) {
  if (!fields.Has("service_account_impersonation_url")) return std::nullopt;
  Impersonation impersonation;
  impersonation.url = fields.Url("service_account_impersonation_url", "");
  if (fields.Has("delegates")) {
    const nlohmann::json& delegates = fields.object()["delegates"];
    const bool texts =
        delegates.is_array() && std::all_of(delegates.begin(), delegates.end(),
                                            [](const nlohmann::json& name) {
                                              return name.is_string();
                                            });
    if (!texts) fields.Mistake("delegates", "must be a list of texts");
    for (std::size_t i = 0; texts && i < delegates.size(); ++i) {
      impersonation.delegates.push_back(delegates[i].get<std::string>());
    }
  }
  const Fields options = fields.Inner("service_account_impersonation");
  if (options.Has("token_lifetime_seconds")) {
    const nlohmann::json& lifetime = options.object()["token_lifetime_seconds"];
    const double seconds = lifetime.is_number() ? lifetime.get<double>() : 0;
    if (seconds < 600 || seconds > 43200) {
      options.Mistake("token_lifetime_seconds",
                      "must be a number from 600 to 43200");
    } else {
      impersonation.lifetime_seconds = static_cast<int>(seconds);
    }
  }
  return impersonation;
}

void ReadSource(const Fields& fields, GoogleFile& file);

void ReadImpersonated(const Fields& fields, GoogleFile& file) {
  const Fields source = fields.Inner("source_credentials");
  const bool again = source.Text("type") == "impersonated_service_account" ||
                     source.Has("service_account_impersonation_url");
  if (again) {
    source.Mistake("type",
                   "impersonates already; name the accounts in between "
                   "by delegates");
    return;
  }
  ReadSource(source, file);
  file.impersonation = ReadImpersonation(fields);
  if (!file.impersonation) {
    fields.Mistake("service_account_impersonation_url",
                   "is missing; run gcloud "
                   "auth application-default login "
                   "--impersonate-service-account=ACCOUNT");
  }
}

void ReadSource(const Fields& fields, GoogleFile& file) {
  const std::string type = fields.Text("type");
  if (type == "service_account") {
    file.source = ReadKey(fields);
  } else if (type == "authorized_user") {
    file.source = ReadUser(fields);
  } else if (type == "external_account") {
    file.source = ReadExternal(fields);
    file.impersonation = ReadImpersonation(fields);
  } else if (type == "impersonated_service_account") {
    ReadImpersonated(fields, file);
  } else {
    fields.Mistake(
        "type",
        "must be service_account, authorized_user, external_account or "
        "impersonated_service_account" +
            std::string(type.empty() ? "" : ", not " + GoQuote(type)));
  }
}

}  // namespace

Result<GoogleFile> ReadGoogleFile(const std::string& path,
                                  std::string_view text) {
  const Result<nlohmann::json> parsed = ParseJson(text);
  std::vector<std::string> mistakes;
  GoogleFile file;
  if (!parsed) {
    mistakes.push_back(parsed.error().message);
  } else if (!parsed->is_object()) {
    mistakes.emplace_back("must be a JSON object");
  } else {
    const Fields fields(*parsed, "", mistakes);
    ReadSource(fields, file);
    file.quota_project = fields.Text("quota_project_id");
    if (!file.quota_project.empty() && !IsVisibleAscii(file.quota_project)) {
      fields.Mistake("quota_project_id", "is no project; write its ID");
    }
  }
  if (mistakes.empty()) return file;
  return Error{ErrorCode::kInvalidArgument, path + ": " + Join(mistakes, "; "),
               ""};
}

}  // namespace sextant::cloud
