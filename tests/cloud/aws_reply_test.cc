#include "cloud/aws_reply.h"

#include <gtest/gtest.h>

#include <string>

#include "sextant/base/time_text.h"

namespace sextant::cloud {
namespace {

const char kGood[] =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>"
    "<Credentials><SessionToken>T/+=</SessionToken><SecretAccessKey>S"
    "</SecretAccessKey><Expiration>2026-01-02T03:04:05Z</Expiration>"
    "<AccessKeyId>A</AccessKeyId></Credentials></AssumeRoleWithWebIdentity"
    "Result></AssumeRoleWithWebIdentityResponse>";

std::string With(std::string text, const std::string& old,
                 const std::string& fresh) {
  const std::size_t at = text.find(old);
  return at == std::string::npos ? "(not there)"
                                 : text.replace(at, old.size(), fresh);
}

TEST(ReadStsReply, TakesTheKeysAndTheirEnd) {
  const auto lease = ReadStsReply(kGood);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->keys.access_key_id, "A");
  EXPECT_EQ(lease->keys.secret_access_key, "S");
  EXPECT_EQ(lease->keys.session_token, "T/+=");
  EXPECT_EQ(FormatRfc3339(lease->end), "2026-01-02T03:04:05Z");
}

TEST(ReadStsReply, RefusesWhatIsNone) {
  const std::string cases[] = {
      "",
      "<html><body>Sign in</body></html>",
      "{}",
      With(kGood, "</Credentials>", ""),
      With(kGood, "<AccessKeyId>A", "<AccessKeyId>"),
      With(kGood, "<AccessKeyId>A", "<AccessKeyId>A\r\nX: y"),
      With(kGood, "<SessionToken>T/+=</SessionToken>", ""),
      With(kGood, "2026-01-02T03:04:05Z", "tomorrow"),
      With(kGood, "2026-01-02T03:04:05Z", "2026-13-02T03:04:05Z"),
      With(kGood, "2026-01-02T03:04:05Z", "1767323045"),
  };
  for (const std::string& text : cases) {
    SCOPED_TRACE(text);
    EXPECT_NE(text, "(not there)");
    EXPECT_FALSE(ReadStsReply(text));
  }
}

TEST(ReadAgentReply, TakesTextsOnly) {
  const std::string good =
      R"({"AccessKeyId":"A","SecretAccessKey":"S","Token":"T",)"
      R"("Expiration":"2026-01-02T03:04:05.678Z","AccountId":"1"})";
  const auto lease = ReadAgentReply(good);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->keys.session_token, "T");
  EXPECT_EQ(FormatRfc3339(lease->end), "2026-01-02T03:04:05Z");
  for (const std::string& text :
       {std::string("[]"), std::string("no JSON"), With(good, "\"A\"", "7"),
        With(good, "\"S\"", "\"a b\""), With(good, "\"T\"", "null"),
        With(good, ".678Z", ""), With(good, ".678Z", "+02:00")}) {
    SCOPED_TRACE(text);
    EXPECT_NE(text, "(not there)");
    EXPECT_FALSE(ReadAgentReply(text));
  }
}

TEST(ErrorCodeIn, IsAWordOrNothing) {
  EXPECT_EQ(ErrorCodeIn("<Error><Code>AccessDenied</Code></Error>"),
            "AccessDenied");
  EXPECT_EQ(ErrorCodeIn(R"({"code":"ExpiredToken","message":"x"})"),
            "ExpiredToken");
  for (const char* text :
       {"", "<Code>two words</Code>", "<Code></Code>", R"({"code":7})",
        R"({"code":"eyJhbGciOi.eyJzdWIi.c2ln"})"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ErrorCodeIn(text), "");
  }
}

}  // namespace
}  // namespace sextant::cloud
