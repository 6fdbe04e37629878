// Roles that are assumed, and the regions and hosts that are asked for them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws_fixture.h"

namespace sextant::cloud {
namespace {

using ::testing::HasSubstr;

using AwsRolesTest = AwsSignerTest;

TEST_F(AwsRolesTest, AnotherRoleIsAssumedWithOnesOwnKeys) {
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
TEST_F(AwsRolesTest, TheKeysThatAssumeARoleAreRenewedToo) {
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

TEST_F(AwsRolesTest, ARoleIsNamedInFull) {
  variables_ = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  options_.role_arn = "other";
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                "--sigv4-role-arn: is no role; write it like "
                                "arn:aws:iam::123456789012:role/NAME"));
}

// aws_partition_test.cc has more of them.
TEST_F(AwsRolesTest, EachPartitionHasItsHosts) {
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

TEST_F(AwsRolesTest, TheEnvironmentNamesTheSessionAndSts) {
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

TEST_F(AwsRolesTest, TheRegionIsTheFlagsTheEnvironmentsOrTheUrls) {
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
