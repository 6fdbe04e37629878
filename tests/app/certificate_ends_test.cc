#include "app/certificate_ends.h"

#include <gmock/gmock.h>

#include <string>

#include "app/credentials.h"
#include "support/test_certificates.h"

namespace sextant::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Line(const std::string& use, const std::string& value) {
  return "sextant_certificate_not_after_seconds{use=\"" + use + "\"} " + value;
}

TEST(CertificateEnds, ShowThoseThatThereAreAsTheyAreNow) {
  obs::Metrics metrics;
  Credentials backend;
  CertificateEnds ends;
  ends.serving = [] { return TimePoint(std::chrono::seconds(100)); };
  ends.backend_client = [&backend] { return backend.CertificateEnd(); };
  ShowCertificateEnds(std::move(ends), metrics);
  EXPECT_THAT(metrics.Text(), HasSubstr(Line("serving", "100\n")));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("_client\"")));

  const TestCa ca;
  for (const int end : {2'000'000'001, 2'100'000'001}) {
    TestCa::Leaf leaf;
    leaf.purpose = CertificatePurpose::kClient;
    leaf.not_after = TimePoint(std::chrono::seconds(end));
    backend.tls.certificate = ca.Issue(leaf);
    EXPECT_THAT(metrics.Text(),
                HasSubstr(Line("backend_client", std::to_string(end) + "\n")));
  }
}

TEST(CertificateEnds, ACertificateThatCannotBeReadHasNone) {
  Credentials credentials;
  credentials.tls.certificate = net::KeyPair{"no PEM", "no PEM"};
  EXPECT_EQ(credentials.CertificateEnd(), std::nullopt);
}

}  // namespace
}  // namespace sextant::app
