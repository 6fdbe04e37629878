#include "sextant/net/rsa_signature.h"

#include <gtest/gtest.h>

#include <string>

#include "sextant/net/digest.h"
#include "support/result_matchers.h"
#include "support/rsa_key.h"

namespace sextant::net {
namespace {

// A key of another kind, made for this test.
const char kEcKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge6dM0Zlmr8UrV0cE\n"
    "xyxqxaDx295adlnzC7Bmp4yjwvmhRANCAARSyXUP8wB2sdECO5REXPOPwtQwgZVV\n"
    "Nga0fQ9xLWySVzczQFjfhL6Fhnb0N7+j5qqgvOdKPfR36hzDezeR7YYD\n"
    "-----END PRIVATE KEY-----\n";

// By openssl dgst -sha256 -sign.
TEST(SignRs256, IsWhatOpensslSigns) {
  const Result<std::string> signature = SignRs256(kTestRsaKey, "header.claims");
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(LowerHex(*signature),
            "349197b331df1a6144973f1836d2bd707fbb4070ff469e4dc6b197f2a62fc85d6a"
            "c736d94c8c8d7a8bd7fe67f539d858ee96a81b32d6a22df78bca730587ce2f3e11"
            "3eea0c47ccc29a6de8bdea302587cb6b199c9454af9553bdb10ac7b91ae22ae200"
            "bd7773f23ae5afe0a8e2061f6864cbb84bea0d2ead7273304d7922563a49675f36"
            "f4215ebe1d70a8c2f0bb7f102201d3054186d031f040a5ea54e4c800bc17eb8009"
            "ec71944efa022be68b0c1225ac7e7ea1fadefee768035706472205a1a08bc313d7"
            "2220871686280d6e20db07cf195a86c1863bd25433b954c37d6008c5a866e2bc3b"
            "34c1b0635866351ede8635a8953f1c1a6cb16a6ea4cd0664b0");
}

TEST(SignRs256, SaysWhatIsWrongWithAKey) {
  const std::string key = kTestRsaKey;
  const struct {
    const char* what;
    std::string pem;
    const char* message;
  } cases[] = {
      {"no PEM", "secret",
       "no private key (without a passphrase) in the PEM text"},
      {"cut off", key.substr(0, 300),
       "no private key (without a passphrase) in the PEM text"},
      {"an elliptic curve's", kEcKey,
       "the private key in the PEM text is not an RSA key"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(SignRs256(c.pem, "x"),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

}  // namespace
}  // namespace sextant::net
