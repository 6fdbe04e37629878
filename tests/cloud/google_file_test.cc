#include "cloud/google_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sextant/base/json.h"
#include "support/result_matchers.h"
#include "support/rsa_key.h"

namespace sextant::cloud {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string KeyField() {
  std::string field = R"("private_key":)";
  AppendJsonString(field, kTestRsaKey);
  return field;
}

// A service account's key, and `more` fields.
std::string KeyFile(const std::string& more) {
  return R"({"type":"service_account","client_email":"a@p.example",)" +
         KeyField() + R"(,"private_key_id":"key-1")" + more + "}";
}

TEST(ReadGoogleFile, AKeySignsItsTokensItself) {
  const auto file = ReadGoogleFile(
      "f", KeyFile(R"(,"project_id":"p","quota_project_id":"payer",)"
                   R"("token_uri":"https://oauth2.googleapis.com/token")"));
  ASSERT_THAT(file, IsOk());
  const auto& key = std::get<ServiceAccountKey>(file->source);
  EXPECT_EQ(key.email, "a@p.example");
  EXPECT_EQ(key.key_pem, kTestRsaKey);
  EXPECT_EQ(key.key_id, "key-1");
  EXPECT_FALSE(key.exchange);
  EXPECT_FALSE(file->impersonation);
  EXPECT_EQ(file->quota_project, "payer");
}

TEST(ReadGoogleFile, AKeyIsExchangedAtAServerThatIsNotGoogles) {
  const struct {
    const char* more;
    const char* exchange;
  } cases[] = {
      {"", ""},
      {R"(,"token_uri":"https://accounts.google.com/o/oauth2/token")", ""},
      {R"(,"token_uri":"https://www.googleapis.com/oauth2/v4/token")", ""},
      {R"(,"token_uri":"https://tokens.example/t")",
       "https://tokens.example/t"},
      {R"(,"token_uri":"http://127.0.0.1:1/t")", "http://127.0.0.1:1/t"},
      {R"(,"universe_domain":"googleapis.com",)"
       R"("token_uri":"https://tokens.example/t")",
       "https://tokens.example/t"},
      // Other universes take tokens that a key has signed, and no others.
      {R"(,"universe_domain":"apis.example",)"
       R"("token_uri":"https://oauth2.apis.example/token")",
       ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.more);
    const auto file = ReadGoogleFile("f", KeyFile(c.more));
    ASSERT_THAT(file, IsOk());
    const auto& key = std::get<ServiceAccountKey>(file->source);
    EXPECT_EQ(key.exchange ? key.exchange->ToString() : "", c.exchange);
  }
}

TEST(ReadGoogleFile, AUserHasARefreshToken) {
  const auto file = ReadGoogleFile(
      "f", R"({"type":"authorized_user","client_id":"c","client_secret":"s",)"
           R"("refresh_token":"r","quota_project_id":"p"})");
  ASSERT_THAT(file, IsOk());
  const auto& user = std::get<AuthorizedUser>(file->source);
  EXPECT_EQ(user.client_id, "c");
  EXPECT_EQ(user.client_secret, "s");
  EXPECT_EQ(user.refresh_token, "r");
  EXPECT_EQ(user.token_url.ToString(), "https://oauth2.googleapis.com/token");
  EXPECT_EQ(file->quota_project, "p");
}

const char kExternal[] =
    R"({"type":"external_account","audience":"//iam.googleapis.com/x",)"
    R"("subject_token_type":"urn:ietf:params:oauth:token-type:jwt",)";

TEST(ReadGoogleFile, AnExternalAccountHasItsTokenInAFile) {
  const auto file = ReadGoogleFile(
      "f",
      std::string(kExternal) +
          R"("credential_source":{"file":"/t","format":{"type":"text"}},)"
          R"("service_account_impersonation_url":"https://i.example/a:gen",)"
          R"("service_account_impersonation":{"token_lifetime_seconds":2800},)"
          R"("client_id":"c","client_secret":"s",)"
          R"("workforce_pool_user_project":"123"})");
  ASSERT_THAT(file, IsOk());
  const auto& account = std::get<ExternalAccount>(file->source);
  EXPECT_EQ(account.audience, "//iam.googleapis.com/x");
  EXPECT_EQ(account.subject_token_type, "urn:ietf:params:oauth:token-type:jwt");
  EXPECT_EQ(account.token_url.ToString(),
            "https://sts.googleapis.com/v1/token");
  EXPECT_EQ(account.file, "/t");
  EXPECT_EQ(account.json_field, "");
  EXPECT_EQ(account.client_id, "c");
  EXPECT_EQ(account.client_secret, "s");
  EXPECT_EQ(account.user_project, "123");
  ASSERT_TRUE(file->impersonation);
  EXPECT_EQ(file->impersonation->url.ToString(), "https://i.example/a:gen");
  EXPECT_EQ(file->impersonation->lifetime_seconds, 2800);
}

TEST(ReadGoogleFile, OrAtAUrl) {
  const auto file = ReadGoogleFile(
      "f", std::string(kExternal) +
               R"("token_url":"https://sts.example/t","credential_source":)"
               R"({"url":"http://169.254.169.254/t?a=b",)"
               R"("headers":{"Metadata":"True"},"format":{"type":"json",)"
               R"("subject_token_field_name":"access_token"}}})");
  ASSERT_THAT(file, IsOk());
  const auto& account = std::get<ExternalAccount>(file->source);
  EXPECT_EQ(account.token_url.ToString(), "https://sts.example/t");
  EXPECT_EQ(account.file, "");
  EXPECT_EQ(account.url.ToString(), "http://169.254.169.254/t?a=b");
  EXPECT_THAT(account.headers.fields(), ElementsAre(Pair("Metadata", "True")));
  EXPECT_EQ(account.json_field, "access_token");
  EXPECT_FALSE(file->impersonation);
}

TEST(ReadGoogleFile, AnotherUniverseHasTokenServersOfItsOwn) {
  const std::string user =
      R"({"type":"authorized_user","client_id":"c","client_secret":"s",)"
      R"("refresh_token":"r")";
  const std::string external =
      std::string(kExternal) + R"("credential_source":{"file":"/t"})";
  const struct {
    std::string text;
    const char* token_url;
  } cases[] = {
      {user + "}", "https://oauth2.googleapis.com/token"},
      {user + R"(,"universe_domain":""})",
       "https://oauth2.googleapis.com/token"},
      {user + R"(,"universe_domain":"googleapis.com"})",
       "https://oauth2.googleapis.com/token"},
      {user + R"(,"universe_domain":"apis.example"})",
       "https://oauth2.apis.example/token"},
      {user + R"(,"universe_domain":"apis.example",)"
              R"("token_uri":"https://tokens.example/t"})",
       "https://tokens.example/t"},
      {external + "}", "https://sts.googleapis.com/v1/token"},
      {external + R"(,"universe_domain":null})",
       "https://sts.googleapis.com/v1/token"},
      {external + R"(,"universe_domain":"apis.example"})",
       "https://sts.apis.example/v1/token"},
      {external + R"(,"universe_domain":"apis.example",)"
                  R"("token_url":"https://sts.example/t"})",
       "https://sts.example/t"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto file = ReadGoogleFile("f", c.text);
    ASSERT_THAT(file, IsOk());
    const auto* const account = std::get_if<ExternalAccount>(&file->source);
    EXPECT_EQ(account != nullptr
                  ? account->token_url.ToString()
                  : std::get<AuthorizedUser>(file->source).token_url.ToString(),
              c.token_url);
  }
}

TEST(ReadGoogleFile, AnotherAccountCanBeImpersonated) {
  const auto file = ReadGoogleFile(
      "f", R"({"type":"impersonated_service_account","delegates":["d@p"],)"
           R"("service_account_impersonation_url":"https://i.example/b:gen",)"
           R"("source_credentials":)" +
               KeyFile("") + "}");
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(std::get<ServiceAccountKey>(file->source).email, "a@p.example");
  ASSERT_TRUE(file->impersonation);
  EXPECT_EQ(file->impersonation->url.ToString(), "https://i.example/b:gen");
  EXPECT_THAT(file->impersonation->delegates, ElementsAre("d@p"));
  EXPECT_EQ(file->impersonation->lifetime_seconds, 3600);
}

TEST(ReadGoogleFile, SaysWhereItIsWrongAndWhatToWrite) {
  const std::string external = kExternal;
  const auto with_source = [&external](const std::string& source) {
    return external + R"("credential_source":)" + source + "}";
  };
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"", "not valid JSON at byte 1"},
      {"very-secret", "not valid JSON at byte 1"},
      {"[]", "must be a JSON object"},
      {"{}",
       "type: must be service_account, authorized_user, external_account or "
       "impersonated_service_account"},
      {R"({"type":"gdch_service_account"})",
       "type: must be service_account, authorized_user, external_account or "
       "impersonated_service_account, not \"gdch_service_account\""},
      {R"({"type":"service_account","client_email":"a","private_key":)"
       R"("very-secret"})",
       "private_key: no private key (without a passphrase) in the PEM text; "
       "download the key as JSON once more"},
      {R"({"type":"service_account","client_email":7})",
       "client_email: must be a text; client_email: is missing; download the "
       "key as JSON once more; private_key: is missing; download the key as "
       "JSON once more"},
      {KeyFile(R"(,"token_uri":"http://tokens.example/t")"),
       "token_uri: secrets would go to tokens.example without TLS; write an "
       "https:// URL"},
      {KeyFile(R"(,"universe_domain":"a/b?c",)"
               R"("token_uri":"https://t.example")"),
       "universe_domain: is no domain; write googleapis.com"},
      {R"({"type":"authorized_user","client_id":"c","client_secret":)"
       R"("very-secret","refresh_token":"r","universe_domain":"a@evil"})",
       "universe_domain: is no domain; write googleapis.com"},
      {external + R"("credential_source":{"file":"/t"},)"
                  R"("universe_domain":"evil.example/?"})",
       "universe_domain: is no domain; write googleapis.com"},
      {R"({"type":"authorized_user","client_id":"c","client_secret":)"
       R"("very-secret"})",
       "refresh_token: is missing; run gcloud auth application-default login"},
      {KeyFile(R"(,"quota_project_id":"a\nb")"),
       "quota_project_id: is no project; write its ID"},
      {external + "\"a\":1}",
       "credential_source: does not say where the token is; write its file or "
       "url"},
      {with_source("7"),
       "credential_source: must be an object: {...}; credential_source: does "
       "not say where the token is; write its file or url"},
      {with_source(R"({"executable":{"command":"/bin/very-secret"}})"),
       "credential_source.executable: sextant runs no programs; let the "
       "program write a file, and name it by credential_source.file"},
      {with_source(R"({"environment_id":"aws1"})"),
       "credential_source.environment_id: Amazon's signed requests are not "
       "supported; on EKS use the token of the service account: "
       "credential_source.file"},
      {with_source(R"({"certificate":{}})"),
       "credential_source.certificate: X.509 federation is not supported; use "
       "credential_source.file or credential_source.url"},
      {with_source(R"({"url":"http://10.0.0.1/t"})"),
       "credential_source.url: secrets would go to 10.0.0.1 without TLS; write "
       "an https:// URL"},
      {with_source(R"({"file":"/t","format":{"type":"json"}})"),
       "credential_source.format.subject_token_field_name: is missing; write "
       "the field that has the token"},
      {with_source(R"({"file":"/t","format":{"type":"xml"}})"),
       "credential_source.format.type: must be text or json"},
      {external +
           R"("credential_source":{"file":"/t"},)"
           R"("service_account_impersonation_url":"https://i.example/a",)"
           R"("service_account_impersonation":{"token_lifetime_seconds":99}})",
       "service_account_impersonation.token_lifetime_seconds: must be a number "
       "from 600 to 43200"},
      {R"({"type":"impersonated_service_account","source_credentials":)" +
           KeyFile("") + "}",
       "service_account_impersonation_url: is missing; run gcloud auth "
       "application-default login --impersonate-service-account=ACCOUNT"},
      {R"({"type":"impersonated_service_account","source_credentials":)"
       R"({"type":"impersonated_service_account"}})",
       "source_credentials.type: impersonates already; name the accounts in "
       "between by delegates"},
      {R"({"type":"impersonated_service_account","delegates":[7],)"
       R"("service_account_impersonation_url":"https://i.example/b",)"
       R"("source_credentials":)" +
           KeyFile("") + "}",
       "delegates: must be a list of texts"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto file = ReadGoogleFile("/f.json", c.text);
    EXPECT_THAT(
        file, FailsWith(ErrorCode::kInvalidArgument, "/f.json: " + c.message));
    if (file) continue;
    EXPECT_THAT(file.error().message + file.error().detail,
                Not(HasSubstr("very-secret")));
  }
}

}  // namespace
}  // namespace sextant::cloud
