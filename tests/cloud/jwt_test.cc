#include "cloud/jwt.h"

#include <gtest/gtest.h>

#include <string>

#include "support/result_matchers.h"
#include "support/rsa_key.h"

namespace sextant::cloud {
namespace {

TEST(Base64Url, HasAnAlphabetOfItsOwnAndNoPadding) {
  EXPECT_EQ(Base64Url(""), "");
  EXPECT_EQ(Base64Url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(Base64Url("a"), "YQ");
  EXPECT_EQ(Base64Url("ab"), "YWI");
}

// The signature is that of openssl dgst -sha256 -sign.
TEST(SignJwt, JoinsHeaderClaimsAndSignature) {
  const Result<std::string> token =
      SignJwt(kTestRsaKey, "key-1", R"({"iss":"a@b","exp":1})");
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(*token,
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOi"
            "JhQGIiLCJleHAiOjF9.SHwrVL9oGuqyHhglANpwov3vkTPr8TPBuEUf0uxHTW0it3C"
            "hP56tHamrDL2QeSlyShRf4e9VLRrXowYzlpqqsI-uB5R2Sbh49_R2x0WEis1O1CxLp"
            "Q1MuY0fOO7Bnl7MvGBNNRAaVZpKLo0VOwz1WprZDqO9CbE6bUl0LO-509v4OxuI7zR"
            "SCYIg-APs-EDbtvPNzLcUlU4L9Aosnji41VKaF2sGafTxF6NxHNXzGuiR32dqAUdrd"
            "opdN5mUg0vel3zWDMDLzZ6ZKTd7Xp0fEUUo4IT1raQZvL_Hr4fbAdkj_dVZ2x2gG9U"
            "GbvMTzOP15sDnexYtCdH1j37bl27q8A");
}

TEST(SignJwt, LeavesOutAKeyIdThatIsNotThere) {
  const Result<std::string> token = SignJwt(kTestRsaKey, "", "{}");
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(
      token->substr(0, token->rfind('.')),
      Base64Url(R"({"alg":"RS256","typ":"JWT"})") + "." + Base64Url("{}"));
}

TEST(SignJwt, SaysWhatIsWrongWithTheKey) {
  EXPECT_THAT(SignJwt("secret", "", "{}"),
              FailsWith(ErrorCode::kInvalidArgument,
                        "no private key (without a passphrase) in the PEM "
                        "text"));
}

}  // namespace
}  // namespace sextant::cloud
