// Keys that the agent of EKS Pod Identity gives, or the node.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws_fixture.h"

namespace sextant::cloud {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using AwsMetadataTest = AwsSignerTest;

const char kAgent[] = "http://169.254.170.23/v1/credentials";

TEST_F(AwsMetadataTest, TheAgentOfPodIdentityIsAskedWithItsToken) {
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

TEST_F(AwsMetadataTest, AnAgentThatFailsIsNamedAndItsAnswerIsNot) {
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

TEST_F(AwsMetadataTest, KeysThatAreGoodOutlastAnAgentThatHangs) {
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

const char kRoles[] = "/latest/meta-data/iam/security-credentials/";

TEST_F(AwsMetadataTest, TheNodeIsAskedLastAndByATokenOfItsOwn) {
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

TEST_F(AwsMetadataTest, ANodeThatDoesNotAnswerCostsThreeSeconds) {
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

}  // namespace
}  // namespace sextant::cloud
