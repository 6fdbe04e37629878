#include "sextant/net/peer.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "support/http2_client.h"
#include "support/result_matchers.h"
#include "support/test_certificates.h"
#include "support/test_server.h"
#include "support/tls_client.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

TimePoint Now() {
  return std::chrono::time_point_cast<Duration>(
      std::chrono::system_clock::now());
}

// What a server sees of a client with this certificate; null if it has none.
std::shared_ptr<const PeerCertificate> Shown(
    TestServer& test, const std::optional<KeyPair>& certificate,
    const std::string& alpn = "http/1.1") {
  TlsClient::Options options;
  options.certificate = certificate;
  options.alpn = alpn;
  TlsClient client(test.loop, test.server->port(), options);
  EXPECT_TRUE(client.connected());
  test.requests.clear();
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReceiveReply();
  EXPECT_EQ(test.requests.size(), 1U);
  return test.requests.empty() ? nullptr : test.requests[0].peer_certificate;
}

std::shared_ptr<const CaBundle> Bundle(const std::string& pem) {
  Result<std::shared_ptr<const CaBundle>> bundle = CaBundle::Parse(pem);
  EXPECT_THAT(bundle, IsOk());
  return *bundle;
}

TEST(PeerCertificate, IsNullWithoutACertificate) {
  TestServer test;
  EXPECT_EQ(Shown(test, std::nullopt), nullptr);
}

TEST(PeerCertificate, SaysWhoAVerifiedClientIs) {
  TestServer test;
  const TestCa authority("clients");
  const auto shown =
      Shown(test, authority.IssueClient("jane", {"team:a", "team:b"}));
  ASSERT_NE(shown, nullptr);
  const Result<CertificateSubject> subject =
      shown->Verify(Bundle(authority.certificate_pem()), Now());
  ASSERT_THAT(subject, IsOk());
  EXPECT_EQ(subject->common_name, "jane");
  EXPECT_THAT(subject->organizations, ElementsAre("team:a", "team:b"));
  EXPECT_THAT(subject->sha256, MatchesRegex("[0-9a-f]{64}"));
}

TEST(PeerCertificate, ComesWithEveryRequestOfAnHttp2Connection) {
  TestServer test;
  const TestCa authority("clients");
  const auto bundle = Bundle(authority.certificate_pem());
  Http2Client client(test.loop, test.server->port(),
                     authority.IssueClient("jane", {"team"}));
  EXPECT_EQ(client.tls.Alpn(), "h2");
  for (const std::string path : {"/a", "/b"}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(client.Await(client.Submit("GET", path)).Status(), "200");
    ASSERT_EQ(test.requests.back().target, path);
    ASSERT_NE(test.requests.back().peer_certificate, nullptr);
    const Result<CertificateSubject> subject =
        test.requests.back().peer_certificate->Verify(bundle, Now());
    ASSERT_THAT(subject, IsOk());
    EXPECT_EQ(subject->common_name, "jane");
    EXPECT_THAT(subject->organizations, ElementsAre("team"));
  }
}

// The handshake succeeds with any certificate; the question comes later.
TEST(PeerCertificate, RefusesWhomTheBundleDoesNotVouchFor) {
  TestServer test;
  const TestCa authority("clients");
  const TestCa other("clients");  // the same name, another key
  const auto bundle = Bundle(authority.certificate_pem());
  TestCa::Leaf expired;
  expired.purpose = CertificatePurpose::kClient;
  expired.not_before = Now() - std::chrono::hours(2);
  expired.not_after = Now() - std::chrono::hours(1);
  TestCa::Leaf early = expired;
  early.not_before = Now() + std::chrono::hours(1);
  early.not_after = Now() + std::chrono::hours(2);
  struct Case {
    std::string what;
    KeyPair certificate;
    std::string message;
  };
  for (const Case& c : std::vector<Case>{
           {"signed by itself", *MakeSelfSigned({"jane"}, Now()),
            "client certificate: self-signed certificate"},
           {"another authority", other.IssueClient("jane"),
            "client certificate: unable to get local issuer certificate"},
           {"for servers", authority.IssueServer({"jane"}),
            "client certificate: unsuitable certificate purpose"},
           {"expired", authority.Issue(expired),
            "client certificate: certificate has expired"},
           {"not yet valid", authority.Issue(early),
            "client certificate: certificate is not yet valid"},
       }) {
    SCOPED_TRACE(c.what);
    const auto shown = Shown(test, c.certificate);
    ASSERT_NE(shown, nullptr);
    EXPECT_THAT(shown->Verify(bundle, Now()),
                FailsWith(ErrorCode::kUnauthenticated, c.message));
    // Asked again, it says the same.
    EXPECT_THAT(shown->Verify(bundle, Now()),
                FailsWith(ErrorCode::kUnauthenticated, c.message));
  }
}

TEST(PeerCertificate, AsksAgainForAnotherBundleAndAnotherTime) {
  TestServer test;
  const TestCa authority("clients");
  const TestCa other("others");
  const auto bundle = Bundle(authority.certificate_pem());
  const auto strangers = Bundle(other.certificate_pem());
  const auto both =
      Bundle(other.certificate_pem() + authority.certificate_pem());
  const auto shown = Shown(test, authority.IssueClient("jane"));
  ASSERT_NE(shown, nullptr);
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(shown->Verify(bundle, Now()), IsOk());
    EXPECT_THAT(shown->Verify(both, Now()), IsOk());
    EXPECT_FALSE(shown->Verify(strangers, Now()));
    EXPECT_FALSE(shown->Verify(bundle, Now() + std::chrono::hours(13)));
    EXPECT_FALSE(shown->Verify(bundle, Now() - std::chrono::hours(3)));
  }
}

TEST(CaBundle, RefusesWhatHoldsNoCertificate) {
  const TestCa authority;
  std::string damaged = authority.certificate_pem();
  damaged.replace(100, 4, "!!!!");
  struct Case {
    std::string pem;
    std::string message;
  };
  for (const Case& c : std::vector<Case>{
           {"", "CA bundle: no certificate in the PEM text"},
           {"hello", "CA bundle: no certificate in the PEM text"},
           {authority.IssueClient("jane").key_pem,
            "CA bundle: no certificate in the PEM text"},
           {damaged, "CA bundle: a certificate in the PEM text is damaged"},
           {authority.certificate_pem() + damaged,
            "CA bundle: a certificate in the PEM text is damaged"},
       }) {
    SCOPED_TRACE(c.pem);
    EXPECT_THAT(CaBundle::Parse(c.pem),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

}  // namespace
}  // namespace sextant::net
