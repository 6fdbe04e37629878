#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws_fixture.h"

namespace sextant::cloud {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(AwsSignerTest, KeysOfTheEnvironmentComeFirst) {
  UseRole();
  variables_["AWS_ACCESS_KEY_ID"] = "AKID";
  variables_["AWS_SECRET_ACCESS_KEY"] = "secret";
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=AKID/19700101/eu-west-1/aps/"));
  EXPECT_THAT(Proof(), HasSubstr("SignedHeaders=host;x-amz-date,"));
  // There are no others, so asking again is no use.
  clock_.Advance(1h);
  EXPECT_FALSE((*signer)->Renew(request_, 403, clock_.Now()));
  EXPECT_EQ(outside_.requests.size(), 0U);

  variables_["AWS_SESSION_TOKEN"] = "session";
  const auto other = Make();
  ASSERT_THAT(other, IsOk());
  ASSERT_THAT(Sign(**other), IsOk());
  EXPECT_EQ(*request_.headers.Find("x-amz-security-token"), "session");
}

TEST_F(AwsSignerTest, TheTokenOfTheServiceAccountIsExchanged) {
  UseRole();
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  EXPECT_EQ(outside_.requests.size(), 0U);
  outside_.Answer("/", {.body = StsReply("ASIA1")});
  ASSERT_THAT(Sign(**signer), IsOk());
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA1/"));
  EXPECT_EQ(*request_.headers.Find("x-amz-security-token"), "session");
  ASSERT_EQ(outside_.requests.size(), 1U);
  const net::ClientRequest& asked = outside_.requests[0];
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url.ToString(), "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(asked.headers.fields().size(), 1U);
  EXPECT_EQ(*asked.headers.Find("Content-Type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(asked.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
            "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=sextant&"
            "WebIdentityToken=first.web.token");

  // Kubernetes has written another token since; the keys end soon.
  folder_.Put("token", "second.web.token");
  clock_.Advance(55min);
  outside_.Answer("/", {.body = StsReply("ASIA2")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA2/"));
  EXPECT_THAT(outside_.requests[1].body,
              HasSubstr("&WebIdentityToken=second.web.token"));
  EXPECT_EQ(local_.requests.size(), 0U);
}

TEST_F(AwsSignerTest, KeysThatAreRefusedAreRenewedOnce) {
  UseRole();
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.Answer("/", {.body = StsReply("ASIA1")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_FALSE((*signer)->Renew(request_, 403, clock_.Now()));
  clock_.Advance(1min);
  const net::ClientRequest refused = request_;
  EXPECT_TRUE((*signer)->Renew(refused, 403, clock_.Now()));
  outside_.Answer("/", {.body = StsReply("ASIA2")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA2/"));
  // Another request that was refused with the first keys.
  EXPECT_TRUE((*signer)->Renew(refused, 403, clock_.Now()));
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_EQ(outside_.requests.size(), 2U);
}

TEST_F(AwsSignerTest, ServersThatFailAreNamedAndTheirAnswersAreNot) {
  UseRole();
  const struct {
    const char* what;
    FakeReply reply;
    const char* message;
  } cases[] = {
      {"it repeats the token",
       {.status = 400,
        .body = "<Error><Code>InvalidIdentityToken</Code><Message>"
                "first.web.token</Message></Error>"},
       "answers 400 (InvalidIdentityToken)"},
      {"the token as a code",
       {.status = 400, .body = "<Code>first.web.token</Code>"},
       "answers 400"},
      {"500", {.status = 500, .body = "very-secret"}, "answers 500"},
      {"a redirect", {.status = 302}, "answers 302"},
      {"HTML",
       {.body = "<html>first.web.token</html>"},
       "answers something else than keys"},
      {"nothing", {.body = ""}, "answers something else than keys"},
      {"too much", {.body = std::string(1 << 20, 'x')}, "cannot be asked"},
      {"no network",
       {.error = Error{ErrorCode::kUnavailable, "refused", ""}},
       "cannot be asked"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto signer = Make();
    ASSERT_THAT(signer, IsOk());
    outside_.Answer("/", c.reply);
    const Result<Done> done = Sign(**signer);
    EXPECT_THAT(done,
                FailsWith(ErrorCode::kUnavailable,
                          std::string("no AWS keys for the backend: https://"
                                      "sts.eu-west-1.amazonaws.com ") +
                              c.message));
    const std::string all = done.error().message + done.error().detail;
    EXPECT_THAT(all, Not(HasSubstr("web.token")));
    EXPECT_THAT(all, Not(HasSubstr("very-secret")));
    EXPECT_EQ(request_.headers.fields().size(), 0U);
  }
}

TEST_F(AwsSignerTest, AServerThatHangsCostsTenSeconds) {
  UseRole();
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.Answer("/", {.open = true});
  net::ClientRequest request;
  request.url = options_.url;
  auto asking = LaunchTask(
      loop_, (*signer)->Sign(request, clock_.Now(), clock_.Now() + 60s));
  clock_.Advance(10s);
  ASSERT_TRUE(asking.answer());
  EXPECT_EQ(asking.answer()->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(AwsSignerTest, AFileWithoutATokenIsNamed) {
  UseRole();
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  folder_.Put("token", "\n");
  EXPECT_THAT(
      Sign(**signer),
      FailsWith(ErrorCode::kUnavailable,
                "no AWS keys for the backend: " + token_file_ + " is empty"));
  folder_.Put("token", "a\nb");
  EXPECT_THAT(Sign(**signer),
              FailsWith(ErrorCode::kUnavailable,
                        "no AWS keys for the backend: " + token_file_ +
                            " holds more than a token"));
  std::filesystem::remove(token_file_);
  EXPECT_THAT(Sign(**signer),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("cannot read " + token_file_)));
  EXPECT_EQ(outside_.requests.size(), 0U);
}

TEST_F(AwsSignerTest, SaysWhatTheEnvironmentLacks) {
  const struct {
    const char* what;
    std::map<std::string, std::string> variables;
    const char* url;
    const char* message;
  } cases[] = {
      {"nothing",
       {{"AWS_EC2_METADATA_DISABLED", "true"}},
       kUrl,
       "no keys in the environment"},
      {"half a pair",
       {{"AWS_ACCESS_KEY_ID", "A"}},
       kUrl,
       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY one is not set"},
      {"half a role",
       {{"AWS_ROLE_ARN", "r"}, {"AWS_EC2_METADATA_DISABLED", "true"}},
       kUrl,
       "no keys in the environment"},
      {"metadata elsewhere",
       {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://10.0.0.1"}},
       kUrl,
       "AWS_EC2_METADATA_SERVICE_ENDPOINT: secrets would go to 10.0.0.1 "
       "without TLS"},
      {"no region",
       {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}},
       "https://prom.example.com",
       "write --sigv4-region=REGION"},
      {"a region that is a host",
       {{"AWS_REGION", "x.evil.example/"}},
       kUrl,
       "write --sigv4-region=REGION"},
      {"an agent elsewhere",
       {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x"}},
       kUrl,
       "AWS_CONTAINER_CREDENTIALS_FULL_URI: secrets would go to 10.0.0.1 "
       "without TLS"},
      {"STS without TLS",
       {{"AWS_ROLE_ARN", "r"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"},
        {"AWS_ENDPOINT_URL_STS", "http://sts.example"}},
       kUrl,
       "AWS_ENDPOINT_URL_STS: secrets would go to sts.example without TLS"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    variables_ = c.variables;
    options_.url = *net::Url::Parse(c.url);
    EXPECT_THAT(Make(),
                FailsWith(ErrorCode::kInvalidArgument, HasSubstr(c.message)));
  }
}

}  // namespace
}  // namespace sextant::cloud
