#include "sextant/cloud/aws_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <string>

#include "sextant/base/time_text.h"
#include "sextant/cloud/sigv4.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const char kUrl[] = "https://aps-workspaces.eu-west-1.amazonaws.com/w";

class AwsSignerTest : public ::testing::Test {
 protected:
  AwsSignerTest() {
    options_.url = *net::Url::Parse(kUrl);
    outside_.clock = &clock_;
    local_.clock = &clock_;
  }

  Result<std::unique_ptr<net::RequestSigner>> Make() {
    return MakeAwsSigner(
        options_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::string() : found->second;
        },
        outside_, local_, clock_);
  }

  void UseRole() {
    token_file_ = folder_.Put("token", "first.web.token\n");
    variables_ = {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                  {"AWS_WEB_IDENTITY_TOKEN_FILE", token_file_}};
  }
  void UseAgent(const std::string& url) {
    token_file_ = folder_.Put("token", "agent-token\n");
    variables_ = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file_}};
  }

  std::string StsReply(const std::string& id) {
    return "<R><Credentials><AccessKeyId>" + id +
           "</AccessKeyId><SecretAccessKey>very-secret</SecretAccessKey>"
           "<SessionToken>session</SessionToken><Expiration>" +
           FormatRfc3339(clock_.Now() + 1h) + "</Expiration></Credentials></R>";
  }

  // Time passes for what is tried again.
  Result<Done> Sign(net::RequestSigner& signer) {
    request_ = {};
    request_.url = options_.url;
    const auto signing = LaunchTask(
        loop_, signer.Sign(request_, clock_.Now(), clock_.Now() + 60s));
    for (int i = 0; i < 40 && !signing.answer(); ++i) clock_.Advance(250ms);
    return *signing.answer();
  }
  // What is sent but for what SignV4 adds.
  static std::string Sent(const net::ClientRequest& request) {
    std::string text = request.method + " " + request.url.ToString() + "\n";
    for (const auto& [name, value] : request.headers.fields()) {
      text += name + ": " + value + "\n";
    }
    return text + "\n" + request.body;
  }
  std::string AgentReply(const std::string& id) {
    return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + id +
           R"(","SecretAccessKey":"very-secret","Token":"session",)" +
           R"("Expiration":")" + FormatRfc3339(clock_.Now() + 1h) + "\"}";
  }
  std::string Proof() { return *request_.headers.Find("Authorization"); }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  FakeHttpClient outside_;
  FakeHttpClient local_;
  TempFolder folder_;
  std::string token_file_;
  std::map<std::string, std::string> variables_;
  AwsOptions options_;
  net::ClientRequest request_;
};

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

const char kAgent[] = "http://169.254.170.23/v1/credentials";

TEST_F(AwsSignerTest, TheAgentOfPodIdentityIsAskedWithItsToken) {
  UseAgent(kAgent);
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  local_.Answer("/v1/credentials", {.body = AgentReply("ASIA1")});
  ASSERT_THAT(Sign(**signer), IsOk());
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA1/"));
  EXPECT_EQ(*request_.headers.Find("x-amz-security-token"), "session");
  ASSERT_EQ(local_.requests.size(), 1U);
  // The file's whole text is the header, with no word in front.
  EXPECT_EQ(Sent(local_.requests[0]),
            std::string("GET ") + kAgent +
                "\nAccept: application/json\nAuthorization: agent-token\n\n");

  // Kubernetes has written another token since; the keys end soon.
  folder_.Put("token", "second-agent-token\n");
  clock_.Advance(55min);
  local_.Answer("/v1/credentials", {.body = AgentReply("ASIA2")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA2/"));
  ASSERT_EQ(local_.requests.size(), 2U);
  EXPECT_EQ(Sent(local_.requests[1]), std::string("GET ") + kAgent +
                                          "\nAccept: application/json\n"
                                          "Authorization: second-agent-token"
                                          "\n\n");
  EXPECT_EQ(outside_.requests.size(), 0U);
}

TEST_F(AwsSignerTest, AnAgentThatFailsIsNamedAndItsAnswerIsNot) {
  UseAgent(kAgent);
  const struct {
    const char* what;
    FakeReply reply;
    ErrorCode code;
    const char* message;
    std::size_t times;
  } cases[] = {
      {"500",
       {.status = 500, .body = "agent-token very-secret"},
       ErrorCode::kUnavailable,
       "answers 500",
       5},
      {"it repeats the token",
       {.status = 400,
        .body = R"({"code":"AccessDenied","message":"agent-token"})"},
       ErrorCode::kUnavailable,
       "answers 400 (AccessDenied)",
       1},
      {"HTML",
       {.body = "<html>agent-token</html>"},
       ErrorCode::kUnavailable,
       "answers something else than keys",
       1},
      {"half of the keys",
       {.body = R"({"AccessKeyId":"ASIA1","SecretAccessKey":"very-secret"})"},
       ErrorCode::kUnavailable,
       "answers something else than keys",
       1},
      {"no agent",
       {.error = Error{ErrorCode::kUnavailable, "refused", ""}},
       ErrorCode::kUnavailable,
       "cannot be asked",
       5},
      {"silence",
       {.open = true},
       ErrorCode::kDeadlineExceeded,
       "did not answer in time",
       1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto signer = Make();
    ASSERT_THAT(signer, IsOk());
    local_.requests.clear();
    local_.Answer("/v1/credentials", c.reply);
    const TimePoint before = clock_.Now();
    const Result<Done> done = Sign(**signer);
    EXPECT_THAT(
        done,
        FailsWith(
            c.code,
            std::string("no AWS keys for the backend: http://169.254.170.23 ") +
                c.message));
    EXPECT_EQ(local_.requests.size(), c.times);
    EXPECT_LE(clock_.Now() - before, 10s);
    const std::string all = done.error().message + done.error().detail;
    EXPECT_THAT(all, Not(HasSubstr("agent-token")));
    EXPECT_THAT(all, Not(HasSubstr("very-secret")));
    EXPECT_EQ(request_.headers.fields().size(), 0U);
  }
}

TEST_F(AwsSignerTest, KeysThatAreGoodOutlastAnAgentThatHangs) {
  UseAgent(kAgent);
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  local_.Answer("/v1/credentials", {.body = AgentReply("ASIA1")});
  ASSERT_THAT(Sign(**signer), IsOk());
  clock_.Advance(55min);
  local_.Answer("/v1/credentials", {.open = true});
  TimePoint before = clock_.Now();
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA1/"));
  EXPECT_EQ(clock_.Now() - before, 2s);
  // And is left alone for a while.
  before = clock_.Now();
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_EQ(clock_.Now() - before, 0s);
  EXPECT_EQ(local_.requests.size(), 2U);
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

const char kRoles[] = "/latest/meta-data/iam/security-credentials/";

TEST_F(AwsSignerTest, TheNodeIsAskedLastAndByATokenOfItsOwn) {
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  local_.Answer("/latest/api/token", {.body = "metadata-token"});
  local_.Answer(kRoles, {.body = "node role\n"});
  // No path of its own.
  EXPECT_THAT(Sign(**signer),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("answers something else than a word; it is "
                                  "the metadata of the node: give the service "
                                  "account a role (")));
  local_.requests.clear();
  local_.Answer(kRoles, {.body = "node-role\n"});
  local_.Answer(std::string(kRoles) + "node-role",
                {.body = AgentReply("ASIA1")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA1/"));
  EXPECT_EQ(*request_.headers.Find("x-amz-security-token"), "session");
  ASSERT_EQ(local_.requests.size(), 3U);
  const std::string at = "http://169.254.169.254";
  EXPECT_EQ(Sent(local_.requests[0]),
            "PUT " + at +
                "/latest/api/token\n"
                "X-aws-ec2-metadata-token-ttl-seconds: 21600\n\n");
  EXPECT_EQ(
      Sent(local_.requests[1]),
      "GET " + at + kRoles + "\nX-aws-ec2-metadata-token: metadata-token\n\n");
  EXPECT_EQ(Sent(local_.requests[2]),
            "GET " + at + kRoles +
                "node-role\nX-aws-ec2-metadata-token: metadata-token\n\n");
  EXPECT_EQ(outside_.requests.size(), 0U);
}

TEST_F(AwsSignerTest, ANodeThatDoesNotAnswerCostsThreeSeconds) {
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  local_.Answer("/latest/api/token", {.open = true});
  const TimePoint before = clock_.Now();
  const Result<Done> done = Sign(**signer);
  EXPECT_THAT(done, FailsWith(ErrorCode::kDeadlineExceeded,
                              HasSubstr("http://169.254.169.254 did not answer "
                                        "in time; it is the metadata of the "
                                        "node: ")));
  EXPECT_EQ(clock_.Now() - before, 3s);
}

TEST_F(AwsSignerTest, AnotherRoleIsAssumedWithOnesOwnKeys) {
  variables_ = {{"AWS_ACCESS_KEY_ID", "AKID"},
                {"AWS_SECRET_ACCESS_KEY", "secret"}};
  options_.role_arn = "arn:aws:iam::2:role/other";
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.Answer("/", {.body = StsReply("ASIA2")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA2/19700101/eu-west-1/aps/"));
  ASSERT_EQ(outside_.requests.size(), 1U);
  net::ClientRequest want;
  want.method = "POST";
  want.url = *net::Url::Parse("https://sts.eu-west-1.amazonaws.com/");
  want.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  want.body =
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A2%3A"
      "role%2Fother&RoleSessionName=sextant";
  SignV4(want, AwsKeys{"AKID", "secret", ""}, "eu-west-1", "sts", clock_.Now());
  EXPECT_EQ(Sent(outside_.requests[0]), Sent(want));

  clock_.Advance(55min);
  outside_.Answer("/", {.body = StsReply("ASIA3")});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA3/"));
}

// A role of the service account, then one of another account: two exchanges,
// and fresh keys for the second when the first ones are refused.
TEST_F(AwsSignerTest, TheKeysThatAssumeARoleAreRenewedToo) {
  UseRole();
  options_.role_arn = "arn:aws:iam::2:role/other";
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.AnswerInTurn(
      "/", {{.body = StsReply("ASIA1")}, {.body = StsReply("ASIA2")}});
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA2/"));
  EXPECT_THAT(*outside_.requests[1].headers.Find("Authorization"),
              HasSubstr("Credential=ASIA1/19700101/eu-west-1/sts/"));

  clock_.Advance(2min);
  ASSERT_TRUE((*signer)->Renew(request_, 403, clock_.Now()));
  outside_.AnswerInTurn("/",
                        {{.status = 403, .body = "<Code>ExpiredToken</Code>"},
                         {.body = StsReply("ASIA3")},
                         {.body = StsReply("ASIA4")}});
  EXPECT_THAT(Sign(**signer),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("answers 403 (ExpiredToken)")));
  ASSERT_THAT(Sign(**signer), IsOk());
  EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA4/"));
}

TEST_F(AwsSignerTest, ARoleIsNamedInFull) {
  variables_ = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  options_.role_arn = "other";
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                "--sigv4-role-arn: is no role; write it like "
                                "arn:aws:iam::123456789012:role/NAME"));
}

// aws_partition_test.cc has more of them.
TEST_F(AwsSignerTest, EachPartitionHasItsHosts) {
  const struct {
    const char* host;
    const char* region;
    const char* sts;
  } cases[] = {
      {"aps-workspaces-fips.us-gov-west-1.api.aws", "us-gov-west-1",
       "https://sts.us-gov-west-1.amazonaws.com/"},
      {"aps-workspaces.cn-north-1.amazonaws.com.cn", "cn-north-1",
       "https://sts.cn-north-1.amazonaws.com.cn/"},
      {"vpce-0123456789abcdef0-a1b2c3d4.aps-workspaces.eu-west-1.vpce."
       "amazonaws.com",
       "eu-west-1", "https://sts.eu-west-1.amazonaws.com/"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.host);
    UseRole();
    options_.url = *net::Url::Parse(std::string("https://") + c.host + "/w");
    const auto signer = Make();
    ASSERT_THAT(signer, IsOk());
    outside_.requests.clear();
    outside_.Answer("/", {.body = StsReply("ASIA1")});
    ASSERT_THAT(Sign(**signer), IsOk());
    EXPECT_THAT(Proof(), HasSubstr("Credential=ASIA1/19700101/" +
                                   std::string(c.region) + "/aps/"));
    ASSERT_EQ(outside_.requests.size(), 1U);
    EXPECT_EQ(outside_.requests[0].url.ToString(), c.sts);
  }
}

TEST_F(AwsSignerTest, TheEnvironmentNamesTheSessionAndSts) {
  const struct {
    const char* what;
    std::map<std::string, std::string> variables;
    const char* sts;
    const char* session;
  } cases[] = {
      {"neither", {}, "https://sts.eu-west-1.amazonaws.com/", "sextant"},
      {"a session",
       {{"AWS_ROLE_SESSION_NAME", "a+b@c"}},
       "https://sts.eu-west-1.amazonaws.com/",
       "a%2Bb%40c"},
      {"an endpoint of all services",
       {{"AWS_ENDPOINT_URL", "https://all.example:8443"}},
       "https://all.example:8443/",
       "sextant"},
      {"one of STS too",
       {{"AWS_ENDPOINT_URL", "https://all.example"},
        {"AWS_ENDPOINT_URL_STS", "https://sts.example/"}},
       "https://sts.example/",
       "sextant"},
  };
  for (const bool other_role : {false, true}) {
    for (const auto& c : cases) {
      SCOPED_TRACE(std::string(c.what) + (other_role ? ", another role" : ""));
      UseRole();
      variables_.insert(c.variables.begin(), c.variables.end());
      options_.role_arn = other_role ? "arn:aws:iam::2:role/other" : "";
      const auto signer = Make();
      ASSERT_THAT(signer, IsOk());
      outside_.requests.clear();
      outside_.Answer("/", {.body = StsReply("ASIA1")});
      ASSERT_THAT(Sign(**signer), IsOk());
      EXPECT_EQ(outside_.requests.size(), other_role ? 2U : 1U);
      for (const net::ClientRequest& asked : outside_.requests) {
        EXPECT_EQ(asked.url.ToString(), c.sts);
        EXPECT_THAT(
            asked.body + "&",
            HasSubstr("&RoleSessionName=" + std::string(c.session) + "&"));
      }
    }
  }
}

TEST_F(AwsSignerTest, TheRegionIsTheFlagsTheEnvironmentsOrTheUrls) {
  variables_ = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  const auto region = [this] {
    const auto signer = Make();
    if (!signer || !Sign(**signer)) return std::string("(none)");
    return Proof().substr(Proof().find("/19700101/") + 10, 9);
  };
  EXPECT_EQ(region(), "eu-west-1");
  variables_["AWS_DEFAULT_REGION"] = "us-east-1";
  EXPECT_EQ(region(), "us-east-1");
  variables_["AWS_REGION"] = "us-east-2";
  EXPECT_EQ(region(), "us-east-2");
  options_.region = "us-west-2";
  EXPECT_EQ(region(), "us-west-2");
}

}  // namespace
}  // namespace sextant::cloud
