#include "sextant/net/serving_tls.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "net/x509.h"
#include "support/result_matchers.h"
#include "support/test_certificates.h"
#include "support/test_server.h"
#include "support/tls_client.h"

namespace sextant::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr TimePoint kNow{std::chrono::hours(24 * 365 * 50)};

TEST(ServingTls, GivesNewConnectionsANewCertificateAndLeavesOpenOnesAlone) {
  TestServer test;
  const KeyPair next = test.ca.IssueServer({"next"});
  TlsClient open(test.loop, test.server->port());
  const std::string before = open.ServerCertificatePem();
  EXPECT_THAT(test.tls->Replace(next), IsOk());
  EXPECT_EQ(TlsClient(test.loop, test.server->port()).ServerCertificatePem(),
            next.certificate_pem);
  EXPECT_NE(before, next.certificate_pem);
  open.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(open.ReceiveReply(), EndsWith("GET /a 0\n"));
}

TEST(ServingTls, KeepsThePairWhenTheNewOneCannotBeUsed) {
  const TestCa ca;
  const KeyPair good = ca.IssueServer({"a"});
  const KeyPair other = ca.IssueServer({"b"});
  auto tls = ServingTls::Create(good);
  ASSERT_THAT(tls, IsOk());
  const TimePoint end = (*tls)->NotAfter();
  EXPECT_THAT((*tls)->Replace({good.certificate_pem, other.key_pem}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "serving certificate and key do not belong together"));
  EXPECT_THAT(
      (*tls)->Replace({good.certificate_pem, "half a k"}),
      FailsWith(ErrorCode::kInvalidArgument,
                "serving key: no private key (without a passphrase) in the PEM "
                "text"));
  EXPECT_THAT((*tls)->Replace({"", good.key_pem}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "serving certificate: no certificate in the PEM text"));
  EXPECT_EQ((*tls)->NotAfter(), end);
}

TEST(ServingTls, ShowsClientsTheCertificateOfTheNameTheyAskFor) {
  TestServer test;
  const std::string usual =
      TlsClient(test.loop, test.server->port()).ServerCertificatePem();
  const KeyPair by_certificate = test.ca.IssueServer({"a.test", "*.w.test"});
  const KeyPair by_names = test.ca.IssueServer({"whatever"});
  ASSERT_THAT(test.tls->ReplaceNamed(
                  {{by_certificate, {}}, {by_names, {"B.test", "*.c.test"}}}),
              IsOk());
  const struct {
    const char* asked;
    std::string shown;
  } cases[] = {
      {"", usual},
      {"else.test", usual},
      {"a.test", by_certificate.certificate_pem},
      {"A.Test", by_certificate.certificate_pem},
      {"x.w.test", by_certificate.certificate_pem},
      {"b.test", by_names.certificate_pem},
      {"x.c.test", by_names.certificate_pem},
      {"c.test", usual},
      {"y.x.c.test", usual},
      {"whatever", usual},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.asked);
    TlsClient::Options options;
    options.server_name = c.asked;
    TlsClient client(test.loop, test.server->port(), options);
    EXPECT_EQ(client.ServerCertificatePem(), c.shown);
    client.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.ReceiveReply(), EndsWith("GET /a 0\n"));
  }

  EXPECT_THAT(test.tls->ReplaceNamed({{by_names, {}}, {{"", ""}, {}}}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "certificate 2 of those for certain names: serving "
                        "certificate: no certificate in the PEM text"));
  TlsClient::Options options;
  options.server_name = "a.test";
  EXPECT_EQ(
      TlsClient(test.loop, test.server->port(), options).ServerCertificatePem(),
      by_certificate.certificate_pem);
}

// A resumed session would not show the client's certificate again.
TEST(ServingTls, ResumesNoSession) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    TestServer test;
    TlsClient::Options options;
    options.max_version = version;
    TlsClient first(test.loop, test.server->port(), options);
    // TLS 1.3 sends its tickets after the handshake.
    first.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(first.ReceiveReply(), EndsWith("GET / 0\n"));
    options.session = first.Session();
    const TlsClient second(test.loop, test.server->port(), options);
    EXPECT_TRUE(second.connected());
    EXPECT_FALSE(second.resumed());
  }
}

// Each cipher is all that a client of TLS 1.2 offers.
TEST(ServingTls, WantsForwardSecrecyAndAuthenticatedEncryption) {
  TestServer test;
  TestCa::Leaf leaf;
  leaf.rsa = true;  // else no cipher without forward secrecy were possible
  ASSERT_THAT(test.tls->Replace(test.ca.Issue(leaf)), IsOk());
  struct Case {
    std::string cipher;
    bool taken;
  };
  for (const Case& c : std::vector<Case>{
           {"ECDHE-RSA-AES128-GCM-SHA256", true},
           {"ECDHE-RSA-AES256-GCM-SHA384", true},
           {"ECDHE-RSA-CHACHA20-POLY1305", true},
           {"ECDHE-RSA-AES128-SHA256", false},  // CBC
           {"ECDHE-RSA-AES256-SHA", false},
           {"AES128-GCM-SHA256", false},  // not forward secret
           {"AES256-GCM-SHA384", false},
           {"AES128-SHA", false},
       }) {
    SCOPED_TRACE(c.cipher);
    TlsClient::Options options;
    options.max_version = TLS1_2_VERSION;
    options.ciphers = c.cipher;
    EXPECT_EQ(TlsClient(test.loop, test.server->port(), options).connected(),
              c.taken);
  }
}

TEST(MakeSelfSigned, MakesACertificateForAYearAndForServers) {
  const Result<KeyPair> pair = MakeSelfSigned(
      {"localhost", "sextant.monitoring.svc", "127.0.0.1", "::1"}, kNow);
  ASSERT_THAT(pair, IsOk());
  const auto tls = ServingTls::Create(*pair);
  ASSERT_THAT(tls, IsOk());
  EXPECT_EQ((*tls)->NotAfter(), kNow + std::chrono::hours(24 * 365));

  const auto certificates = ParseCertificates(pair->certificate_pem);
  ASSERT_THAT(certificates, IsOk());
  X509* const certificate = certificates->front().get();
  for (const char* name : {"localhost", "sextant.monitoring.svc"}) {
    EXPECT_EQ(X509_check_host(certificate, name, 0, 0, nullptr), 1) << name;
  }
  EXPECT_EQ(X509_check_host(certificate, "other", 0, 0, nullptr), 0);
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(X509_check_ip_asc(certificate, address, 0), 1) << address;
  }
  EXPECT_EQ(X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(certificate, X509_PURPOSE_SSL_CLIENT, 0), 0);
  const std::time_t begin = std::chrono::duration_cast<std::chrono::seconds>(
                                kNow.time_since_epoch() - std::chrono::hours(1))
                                .count();
  std::time_t earlier = begin - 1;
  std::time_t later = begin + 1;
  EXPECT_GT(X509_cmp_time(X509_get0_notBefore(certificate), &earlier), 0);
  EXPECT_LT(X509_cmp_time(X509_get0_notBefore(certificate), &later), 0);
}

TEST(MakeSelfSigned, NeedsANameAndMakesAnotherKeyEachTime) {
  EXPECT_THAT(MakeSelfSigned({}, kNow),
              FailsWith(ErrorCode::kInvalidArgument,
                        "a certificate needs at least one name"));
  EXPECT_NE(MakeSelfSigned({"a"}, kNow)->key_pem,
            MakeSelfSigned({"a"}, kNow)->key_pem);
}

}  // namespace
}  // namespace sextant::net
