#include "sextant/net/certificate_end.h"

#include <gtest/gtest.h>

#include "support/result_matchers.h"
#include "support/test_certificates.h"

namespace sextant::net {
namespace {

TEST(CertificateEndOf, IsThatOfTheLeaf) {
  const TestCa ca;
  TestCa::Leaf leaf;
  leaf.not_after = TimePoint(std::chrono::seconds(2'000'000'000));
  KeyPair pair = ca.Issue(leaf);
  pair.certificate_pem += ca.certificate_pem();
  EXPECT_EQ(*CertificateEndOf(pair), leaf.not_after);
}

TEST(CertificateEndOf, IsAnErrorWithoutACertificate) {
  EXPECT_THAT(
      CertificateEndOf({"none", "none"}),
      FailsWith(ErrorCode::kInvalidArgument, "no certificate in the PEM text"));
}

}  // namespace
}  // namespace sextant::net
