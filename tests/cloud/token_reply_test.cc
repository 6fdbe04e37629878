#include "cloud/token_reply.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/result_matchers.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{1767323045s};  // 2026-01-02T03:04:05Z

TEST(ReadTokenReply, TakesNumbersAndTexts) {
  const struct {
    const char* expires_in;
    Duration lasts;
  } cases[] = {
      {"3599", 3599s}, {"\"86399\"", 86399s}, {"3599.0", 3599s},
      {"1", 1s},       {"1e300", 24h},        {"99999999999999999999", 24h},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.expires_in);
    const Result<TokenLease> lease = ReadTokenReply(
        std::string(R"({"access_token":"ya29.c","token_type":"bearer",)") +
            R"("expires_in":)" + c.expires_in + "}",
        kNow);
    ASSERT_THAT(lease, IsOk());
    EXPECT_EQ(lease->token, "ya29.c");
    EXPECT_EQ(lease->end, kNow + c.lasts);
  }
}

TEST(ReadTokenReply, RefusesWhatIsNone) {
  const char kNone[] = "answers something else than a token";
  const char kNoEnd[] = "answers a token and not when it ends (expires_in)";
  const char kEnded[] = "answers a token that has ended";
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", kNone},
      {"<html>Sign in</html>", kNone},
      {"[]", kNone},
      {"{}", kNone},
      {R"({"access_token":"","expires_in":3599})", kNone},
      {R"({"access_token":7,"expires_in":3599})", kNone},
      {R"({"access_token":"a\r\nX: y","expires_in":3599})", kNone},
      {R"({"accessToken":"t","expires_in":3599})", kNone},
      {R"({"access_token":"t"})", kNoEnd},
      {R"({"access_token":"t","expires_in":null})", kNoEnd},
      {R"({"access_token":"t","expires_in":"soon"})", kNoEnd},
      {R"({"access_token":"t","expires_in":"3599s"})", kNoEnd},
      {R"({"access_token":"t","expires_in":"nan"})", kNoEnd},
      {R"({"access_token":"t","expires_in":0})", kEnded},
      {R"({"access_token":"t","expires_in":-3599})", kEnded},
      {R"({"access_token":"t","expires_in":"-1"})", kEnded},
      {R"({"access_token":"t","expires_in":9,"token_type":"mac"})",
       "answers a token that is no bearer token"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(ReadTokenReply(c.text, kNow),
                FailsWith(ErrorCode::kUnavailable, c.message));
  }
}

TEST(ReadImpersonationReply, TakesATimeInTheFuture) {
  const Result<TokenLease> lease = ReadImpersonationReply(
      R"({"accessToken":"ya29.d","expireTime":"2026-01-02T04:04:05Z"})", kNow);
  ASSERT_THAT(lease, IsOk());
  EXPECT_EQ(lease->token, "ya29.d");
  EXPECT_EQ(lease->end, kNow + 1h);
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"<html>", "answers something else than a token"},
      {R"({"access_token":"t","expireTime":"2026-01-02T04:04:05Z"})",
       "answers something else than a token"},
      {R"({"accessToken":"t"})",
       "answers a token and not when it ends (expireTime)"},
      {R"({"accessToken":"t","expireTime":3600})",
       "answers a token and not when it ends (expireTime)"},
      {R"({"accessToken":"t","expireTime":"2026-01-02T03:04:05Z"})",
       "answers a token that has ended"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(ReadImpersonationReply(c.text, kNow),
                FailsWith(ErrorCode::kUnavailable, c.message));
  }
}

TEST(OAuthErrorIn, IsACodeOrNothing) {
  const struct {
    const char* reply;
    const char* code;
  } cases[] = {
      {R"({"error":"invalid_grant","error_description":"secret"})",
       "invalid_grant"},
      {R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})",
       "PERMISSION_DENIED"},
      {R"({"error":"invalid_client","error_codes":[7000215]})",
       "AADSTS7000215"},
      {R"({"error":"invalid_client","error_codes":["secret"]})",
       "invalid_client"},
      {R"({"error":"two words"})", ""},
      {R"({"error":"eyJhbGciOi.eyJzdWIi.c2ln"})", ""},
      {R"({"error":{"status":7}})", ""},
      {R"({"error":["x"]})", ""},
      {R"({"message":"secret"})", ""},
      {"[]", ""},
      {"<html>", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.reply);
    EXPECT_EQ(OAuthErrorIn(c.reply), c.code);
  }
}

}  // namespace
}  // namespace sextant::cloud
