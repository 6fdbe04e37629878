#include "cloud/google_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "cloud/jwt.h"
#include "sextant/base/json.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/rsa_key.h"
#include "support/run_task.h"
#include "support/temp_folder.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

using Lease = Renewed<BearerToken>::Lease;

const char kForm[] = "application/x-www-form-urlencoded";
const char kReply[] =
    R"({"access_token":"ya29.c","expires_in":3599,"token_type":"Bearer"})";

class GoogleTokensTest : public ::testing::Test {
 protected:
  GoogleTokensTest() {
    // 2026-01-02T03:04:05Z
    clock_.Advance(1767323045s);
    options_.metadata = *net::Url::Parse("http://169.254.169.254");
  }

  void Use(const std::string& file) {
    options_.file = folder_.Put("credentials.json", file);
  }

  Result<Lease> Fetch() {
    const GoogleTokens tokens(options_, servers_);
    return *RunTask(loop_, tokens.Fetch(clock_.Now()));
  }

  // A request as it is written, without what the connection adds.
  static std::string Sent(const net::ClientRequest& request) {
    std::string text = request.method + " " + request.url.ToString() + "\n";
    for (const auto& [name, value] : request.headers.fields()) {
      text += name + ": " + value + "\n";
    }
    return text + "\n" + request.body;
  }

  static std::string KeyFile(const std::string& more) {
    std::string file =
        R"({"type":"service_account","client_email":"a@p.example",)"
        R"("private_key_id":"key-1","private_key":)";
    AppendJsonString(file, kTestRsaKey);
    return file + more + "}";
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  FakeHttpClient outside_;
  FakeHttpClient local_;
  TempFolder folder_;
  GoogleTokens::Options options_;
  SecretServers servers_{"no Google token", outside_, local_, OAuthErrorIn,
                         clock_};
};

TEST_F(GoogleTokensTest, TheMetadataServerIsAskedWithItsHeader) {
  local_.Answer("/computeMetadata/v1/instance/service-accounts/default/token",
                {.body = kReply});
  const Result<Lease> lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_EQ(lease->value.token, "ya29.c");
  EXPECT_THAT(lease->value.headers.fields(), IsEmpty());
  EXPECT_EQ(lease->end, clock_.Now() + 3599s);
  ASSERT_EQ(local_.requests.size(), 1U);
  EXPECT_EQ(Sent(local_.requests[0]),
            "GET http://169.254.169.254/computeMetadata/v1/instance/"
            "service-accounts/default/token?scopes=https%3A%2F%2Fwww."
            "googleapis.com%2Fauth%2Fmonitoring.read\n"
            "Metadata-Flavor: Google\n\n");
  EXPECT_THAT(outside_.requests, IsEmpty());
}

TEST_F(GoogleTokensTest, WithoutAMetadataServerItSaysWhatToWrite) {
  EXPECT_THAT(Fetch(),
              FailsWith(ErrorCode::kUnavailable,
                        "no Google token: http://169.254.169.254 answers 404; "
                        "it is the metadata server of GKE and GCE: elsewhere "
                        "write --google-credentials-file=FILE"));
}

TEST_F(GoogleTokensTest, AKeySignsTheTokenItself) {
  Use(KeyFile(R"(,"token_uri":"https://oauth2.googleapis.com/token")"));
  const Result<Lease> lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_EQ(
      lease->value.token,
      *SignJwt(kTestRsaKey, "key-1",
               R"({"iss":"a@p.example","sub":"a@p.example",)"
               R"("scope":"https://www.googleapis.com/auth/monitoring.read",)"
               R"("iat":1767323035,"exp":1767326635})"));
  EXPECT_EQ(lease->end, clock_.Now() + 1h - 10s);
  EXPECT_THAT(outside_.requests, IsEmpty());
}

TEST_F(GoogleTokensTest, AKeyIsExchangedWhereItsFileSays) {
  Use(KeyFile(R"(,"token_uri":"https://tokens.example/t")"));
  outside_.Answer("/t", {.body = kReply});
  const Result<Lease> lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_EQ(lease->value.token, "ya29.c");
  ASSERT_EQ(outside_.requests.size(), 1U);
  EXPECT_EQ(
      Sent(outside_.requests[0]),
      std::string("POST https://tokens.example/t\nContent-Type: ") + kForm +
          "\n\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-"
          "bearer&assertion=" +
          *SignJwt(
              kTestRsaKey, "key-1",
              R"({"iss":"a@p.example",)"
              R"("scope":"https://www.googleapis.com/auth/monitoring.read",)"
              R"("aud":"https://tokens.example/t","exp":1767326635,)"
              R"("iat":1767323035})"));
}

TEST_F(GoogleTokensTest, AUserRefreshesAndSaysWhoPays) {
  Use(R"({"type":"authorized_user","client_id":"c 1","client_secret":"s&=",)"
      R"("refresh_token":"1//r","quota_project_id":"payer"})");
  outside_.Answer("/token", {.body = kReply});
  Result<Lease> lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_THAT(lease->value.headers.fields(),
              ElementsAre(Pair("X-Goog-User-Project", "payer")));
  EXPECT_EQ(Sent(outside_.requests[0]),
            std::string("POST https://oauth2.googleapis.com/token\n"
                        "Content-Type: ") +
                kForm +
                "\n\ngrant_type=refresh_token&refresh_token=1%2F%2Fr&client_id="
                "c+1&client_secret=s%26%3D");
  options_.quota_project = "of-the-environment";
  lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_THAT(lease->value.headers.fields(),
              ElementsAre(Pair("X-Goog-User-Project", "of-the-environment")));
}

std::string External(const std::string& source, const std::string& more) {
  return R"({"type":"external_account","audience":"//iam.googleapis.com/x",)"
         R"("subject_token_type":"urn:ietf:params:oauth:token-type:jwt",)"
         R"("credential_source":)" +
         source + more + "}";
}

TEST_F(GoogleTokensTest, AnExternalAccountExchangesTheTokenOfItsFile) {
  const std::string file = folder_.Put("token", "a.b.c\n");
  Use(External(R"({"file":")" + file + "\"}", ""));
  outside_.Answer("/v1/token", {.body = kReply});
  ASSERT_THAT(Fetch(), IsOk());
  const auto want = [](const std::string& token) {
    return std::string("POST https://sts.googleapis.com/v1/token\n") +
           "Content-Type: " + kForm +
           "\n\naudience=%2F%2Fiam.googleapis.com%2Fx&grant_type=urn%3Aietf%"
           "3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&requested_token_"
           "type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&scope="
           "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fmonitoring.read&subject_"
           "token=" +
           token +
           "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";
  };
  EXPECT_EQ(Sent(outside_.requests[0]), want("a.b.c"));
  // Kubernetes has written another one since.
  folder_.Put("token", "d.e.f\n");
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_EQ(Sent(outside_.requests[1]), want("d.e.f"));
}

TEST_F(GoogleTokensTest, ItsClientAndUserProjectGoAlong) {
  const std::string file = folder_.Put("token", "a.b.c");
  outside_.Answer("/v1/token", {.body = kReply});
  Use(External(R"({"file":")" + file + "\"}",
               R"(,"client_id":"c","client_secret":"s",)"
               R"("workforce_pool_user_project":"123")"));
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_EQ(*outside_.requests[0].headers.Find("Authorization"), "Basic Yzpz");
  EXPECT_THAT(outside_.requests[0].body, Not(HasSubstr("options=")));
  Use(External(R"({"file":")" + file + "\"}",
               R"(,"workforce_pool_user_project":"123")"));
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_EQ(outside_.requests[1].headers.Find("Authorization"), nullptr);
  EXPECT_THAT(outside_.requests[1].body,
              HasSubstr("token-exchange&options=%7B%22userProject%22%3A%22123"
                        "%22%7D&requested_token_type="));
}

TEST_F(GoogleTokensTest, TheTokenAtAUrlIsAFieldOfJson) {
  Use(External(R"({"url":"http://169.254.169.254/t?a=b",)"
               R"("headers":{"Metadata":"True"},"format":{"type":"json",)"
               R"("subject_token_field_name":"id"}})",
               ""));
  local_.Answer("/t", {.body = R"({"id":"a.b.c","access_token":"x"})"});
  outside_.Answer("/v1/token", {.body = kReply});
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_EQ(Sent(local_.requests[0]),
            "GET http://169.254.169.254/t?a=b\nMetadata: True\n\n");
  EXPECT_THAT(outside_.requests[0].body, HasSubstr("&subject_token=a.b.c&"));
}

TEST_F(GoogleTokensTest, AServiceAccountIsImpersonated) {
  const std::string file = folder_.Put("token", "a.b.c");
  Use(External(
      R"({"file":")" + file + "\"}",
      R"(,"service_account_impersonation_url":)"
      R"("https://iam.example/sa:generateAccessToken",)"
      R"("service_account_impersonation":{"token_lifetime_seconds":2800})"));
  outside_.Answer("/v1/token", {.body = kReply});
  outside_.Answer("/sa:generateAccessToken",
                  {.body = R"({"accessToken":"ya29.d",)"
                           R"("expireTime":"2026-01-02T03:50:45Z"})"});
  const Result<Lease> lease = Fetch();
  ASSERT_THAT(lease, IsOk());
  EXPECT_EQ(lease->value.token, "ya29.d");
  EXPECT_EQ(lease->end, clock_.Now() + 2800s);
  ASSERT_EQ(outside_.requests.size(), 2U);
  EXPECT_THAT(outside_.requests[0].body,
              HasSubstr("&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2F"
                        "cloud-platform&"));
  EXPECT_EQ(Sent(outside_.requests[1]),
            "POST https://iam.example/sa:generateAccessToken\n"
            "Authorization: Bearer ya29.c\n"
            "Content-Type: application/json\n\n"
            R"({"lifetime":"2800s","scope":)"
            R"(["https://www.googleapis.com/auth/monitoring.read"]})");
}

TEST_F(GoogleTokensTest, ByTheKeyOfAnotherToo) {
  Use(R"({"type":"impersonated_service_account","delegates":["d@p"],)"
      R"("service_account_impersonation_url":"https://iam.example/b",)"
      R"("source_credentials":)" +
      KeyFile("") + "}");
  outside_.Answer("/b", {.body = R"({"accessToken":"ya29.d",)"
                                 R"("expireTime":"2026-01-02T04:04:05Z"})"});
  ASSERT_THAT(Fetch(), IsOk());
  ASSERT_EQ(outside_.requests.size(), 1U);
  EXPECT_EQ(*outside_.requests[0].headers.Find("Authorization"),
            "Bearer " +
                *SignJwt(kTestRsaKey, "key-1",
                         R"({"iss":"a@p.example","sub":"a@p.example","scope":)"
                         R"("https://www.googleapis.com/auth/cloud-platform",)"
                         R"("iat":1767323035,"exp":1767326635})"));
  EXPECT_EQ(outside_.requests[0].body,
            R"({"lifetime":"3600s","scope":)"
            R"(["https://www.googleapis.com/auth/monitoring.read"],)"
            R"("delegates":["d@p"]})");
}

// Each step names its server, and no error has a part of what it was sent.
TEST_F(GoogleTokensTest, WhatFailsIsNamedAndSecretsAreNot) {
  const std::string token = folder_.Put("token", "very.secret.subject");
  const std::string external = External(
      R"({"file":")" + token + "\"}",
      R"(,"service_account_impersonation_url":"https://iam.example/sa")");
  const struct {
    const char* what;
    FakeReply sts;
    FakeReply iam;
    const char* message;
  } cases[] = {
      {"a code",
       {.status = 400,
        .body = R"({"error":"invalid_grant","error_description":)"
                R"("very.secret.subject"})"},
       {},
       "https://sts.googleapis.com answers 400 (invalid_grant)"},
      {"HTML",
       {.body = "<html>very.secret.subject"},
       {},
       "https://sts.googleapis.com answers something else than a token"},
      {"a token of the past",
       {.body = R"({"access_token":"very.secret","expires_in":-1})"},
       {},
       "https://sts.googleapis.com answers a token that has ended"},
      {"no right to impersonate",
       {.body = R"({"access_token":"very.secret","expires_in":3599})"},
       {.status = 403,
        .body = R"({"error":{"status":"PERMISSION_DENIED",)"
                R"("message":"very.secret"}})"},
       "https://iam.example answers 403 (PERMISSION_DENIED)"},
      {"no time",
       {.body = R"({"access_token":"very.secret","expires_in":3599})"},
       {.body = R"({"accessToken":"very.secret","expireTime":"soon"})"},
       "https://iam.example answers a token and not when it ends "
       "(expireTime)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    Use(external);
    outside_.Answer("/v1/token", c.sts);
    outside_.Answer("/sa", c.iam);
    const Result<Lease> lease = Fetch();
    ASSERT_THAT(lease, FailsWith(ErrorCode::kUnavailable,
                                 std::string("no Google token: ") + c.message));
    EXPECT_THAT(lease.error().message + lease.error().detail,
                Not(HasSubstr("very.secret")));
  }
}

TEST_F(GoogleTokensTest, FilesThatAreWrongAreNamed) {
  const std::string token = folder_.Put("token", "two words");
  Use(External(R"({"file":")" + token + "\"}", ""));
  EXPECT_THAT(Fetch(), FailsWith(ErrorCode::kUnavailable,
                                 "no Google token: " + token +
                                     " holds something else than a token"));
  Use(External(R"({"file":")" + token +
                   R"(","format":{"type":"json",)"
                   R"("subject_token_field_name":"id"}})",
               ""));
  EXPECT_THAT(Fetch(), FailsWith(ErrorCode::kUnavailable,
                                 "no Google token: " + token +
                                     " holds no token in the field \"id\""));
  std::filesystem::remove(token);
  EXPECT_THAT(Fetch(),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("no Google token: cannot read " + token)));
  Use("{");
  EXPECT_THAT(Fetch(), FailsWith(ErrorCode::kUnavailable,
                                 HasSubstr("no Google token: " + options_.file +
                                           ": not valid JSON")));
  std::filesystem::remove(options_.file);
  EXPECT_THAT(Fetch(), FailsWith(ErrorCode::kUnavailable,
                                 HasSubstr("no Google token: cannot read " +
                                           options_.file)));
  EXPECT_THAT(outside_.requests, IsEmpty());
}

}  // namespace
}  // namespace sextant::cloud
