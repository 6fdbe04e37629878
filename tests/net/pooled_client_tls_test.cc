#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "sextant/net/pooled_client.h"
#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"
#include "support/test_certificates.h"

namespace sextant::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class TlsClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<PooledHttpClient> MakeClient(
      PooledHttpClient::Options options) {
    return std::move(*PooledHttpClient::Create(std::move(options), clock_));
  }

  PooledHttpClient::Options Trusting(const TestCa& authority) {
    PooledHttpClient::Options options;
    options.tls.ca_pem = authority.certificate_pem();
    return options;
  }

  Task<Result<ClientResponse>> Sending(PooledHttpClient& client,
                                       const std::string& url) {
    ClientRequest request;
    request.url = *Url::Parse(url);
    return SendAndGather(client, std::move(request),
                         clock_.Now() + std::chrono::seconds(60), 1 << 20);
  }

  Result<ClientResponse> Send(PooledHttpClient& client,
                              const std::string& url) {
    return AwaitTask(loop_, Sending(client, url));
  }

  static ScriptedServer::Options With(KeyPair pair) {
    ScriptedServer::Options options;
    options.certificate = std::move(pair);
    return options;
  }

  static std::string At(const ScriptedServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port());
  }

  const TestCa authority_;
  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
};

TEST_F(TlsClientTest, TrustsItsAuthorityAndUsesTheConnectionAgain) {
  ScriptedServer server({{{kOk}, {kOk}}},
                        With(authority_.IssueServer({"127.0.0.1"})));
  const auto client = MakeClient(Trusting(authority_));
  EXPECT_EQ(Send(*client, At(server))->body, "ok");
  EXPECT_EQ(Send(*client, At(server))->body, "ok");
  EXPECT_EQ(server.accepted(), 1u);
}

TEST_F(TlsClientTest, TrustsAnyOfSeveralAuthorities) {
  const TestCa other("another authority");
  ScriptedServer server({{{kOk}}}, With(authority_.IssueServer({"127.0.0.1"})));
  PooledHttpClient::Options options;
  options.tls.ca_pem = other.certificate_pem() + authority_.certificate_pem();
  EXPECT_THAT(Send(*MakeClient(options), At(server)), IsOk());
}

TEST_F(TlsClientTest, RepeatsARequestIfAKeptConnectionBreaks) {
  ScriptedServer server({{{kOk}, {"", true}}, {{kOk}}},
                        With(authority_.IssueServer({"127.0.0.1"})));
  const auto client = MakeClient(Trusting(authority_));
  EXPECT_THAT(Send(*client, At(server)), IsOk());
  EXPECT_THAT(Send(*client, At(server)), IsOk());
  EXPECT_EQ(server.accepted(), 2u);
}

TEST_F(TlsClientTest, ShowsItsCertificateToAServerThatAsks) {
  ScriptedServer::Options server_options =
      With(authority_.IssueServer({"127.0.0.1"}));
  server_options.client_ca_pem = authority_.certificate_pem();
  ScriptedServer server({{{kOk}}}, server_options);
  PooledHttpClient::Options options = Trusting(authority_);
  options.tls.certificate = authority_.IssueClient("sextant");
  EXPECT_THAT(Send(*MakeClient(options), At(server)), IsOk());
  EXPECT_EQ(server.client_name(), "sextant");

  options.tls.certificate.reset();
  const Result<ClientResponse> refused = Send(*MakeClient(options), At(server));
  ASSERT_FALSE(refused);
  EXPECT_THAT(
      refused.error().message,
      AllOf(HasSubstr(At(server) + ": "), HasSubstr("certificate required")));
}

TEST_F(TlsClientTest, RefusesAServerItCannotTrust) {
  const TestCa unknown("unknown authority");
  TestCa::Leaf expired;
  expired.names = {"127.0.0.1"};
  expired.not_after = expired.not_before + std::chrono::minutes(1);
  TestCa::Leaf for_clients;
  for_clients.names = {"127.0.0.1"};
  for_clients.purpose = CertificatePurpose::kClient;
  TestCa::Leaf only_named;
  only_named.common_name = "127.0.0.1";
  const struct {
    const char* what;
    KeyPair pair;
    std::string why;
  } kCases[] = {
      {"another authority", unknown.IssueServer({"127.0.0.1"}),
       "unable to get local issuer certificate; it was issued by "
       "\"CN=unknown authority\": give that authority's certificate as the CA"},
      {"another name", authority_.IssueServer({"prom.test", "10.0.0.1", "::1"}),
       "IP address mismatch; it is for prom.test, 10.0.0.1, ::1: use one of "
       "these in the URL, or set the TLS server name"},
      {"a common name only", authority_.Issue(only_named),
       "IP address mismatch; it is for no DNS name or IP address at all: use "
       "one of these in the URL, or set the TLS server name"},
      {"expired", authority_.Issue(expired),
       "certificate has expired; the certificate is \"CN=test leaf\""},
      {"a client's", authority_.Issue(for_clients),
       "unsuitable certificate purpose; the certificate is \"CN=test leaf\""},
  };
  const auto client = MakeClient(Trusting(authority_));
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ScriptedServer server({{{kOk}}}, With(c.pair));
    EXPECT_THAT(
        Send(*client, At(server)),
        FailsWith(ErrorCode::kUnavailable,
                  "starting TLS with " + At(server) +
                      ": the server's certificate is refused: " + c.why));
    EXPECT_EQ(server.requests().size(), 0u);
  }
}

TEST_F(TlsClientTest, VerifiesTheNameOfTheUrlOrTheOneItWasGiven) {
  ScriptedServer server({{{kOk}}}, With(authority_.IssueServer({"prom.test"})));
  const std::string url = "https://localhost:" + std::to_string(server.port());
  EXPECT_THAT(Send(*MakeClient(Trusting(authority_)), url),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("hostname mismatch; it is for prom.test")));
  PooledHttpClient::Options options = Trusting(authority_);
  options.tls.server_name = "prom.test";
  EXPECT_THAT(Send(*MakeClient(options), url), IsOk());
}

TEST_F(TlsClientTest, TakesAnyCertificateOnlyWhereItWasToldTo) {
  const TestCa other;
  ScriptedServer server({{{kOk}}}, With(other.IssueServer({"else.test"})));
  PooledHttpClient::Options options = Trusting(authority_);
  options.tls.insecure_skip_verify = true;
  EXPECT_THAT(Send(*MakeClient(options), At(server)), IsOk());
}

TEST_F(TlsClientTest, ReplacedAuthoritiesCountForEveryRequestThatFollows) {
  const TestCa other;
  ScriptedServer server({{{kOk}, {kOk}}, {{kOk}}, {{kOk}}},
                        With(authority_.IssueServer({"127.0.0.1"})));
  const auto client = MakeClient(Trusting(authority_));
  ASSERT_THAT(Send(*client, At(server)), IsOk());

  EXPECT_THAT(client->ReplaceTls({.ca_pem = "nonsense"}),
              FailsWith(ErrorCode::kInvalidArgument,
                        StartsWith("the CA is not a list of PEM ")));
  ASSERT_THAT(Send(*client, At(server)), IsOk());
  EXPECT_EQ(server.accepted(), 1u);

  ASSERT_THAT(client->ReplaceTls({.ca_pem = other.certificate_pem()}), IsOk());
  EXPECT_THAT(Send(*client, At(server)),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("starting TLS")));
  ASSERT_THAT(client->ReplaceTls({.ca_pem = authority_.certificate_pem()}),
              IsOk());
  EXPECT_THAT(Send(*client, At(server)), IsOk());
}

TEST_F(TlsClientTest, TrustsNoTestAuthorityBySystemDefault) {
  ScriptedServer server({{{kOk}}}, With(authority_.IssueServer({"127.0.0.1"})));
  EXPECT_THAT(
      Send(*MakeClient({}), At(server)),
      FailsWith(ErrorCode::kUnavailable, HasSubstr("CN=test authority")));
}

// A cut connection must not pass for the end of the body.
TEST_F(TlsClientTest, TellsAnOrderlyEndFromACut) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\n\r\nwhole", true}}},
                        With(authority_.IssueServer({"127.0.0.1"})));
  const auto client = MakeClient(Trusting(authority_));
  const Result<ClientResponse> response = Send(*client, At(server));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "whole");

  ScriptedServer::Options cutting = With(authority_.IssueServer({"127.0.0.1"}));
  cutting.cut = true;
  ScriptedServer cutter({{{"HTTP/1.1 200 OK\r\n\r\nhalf", true}}}, cutting);
  EXPECT_THAT(
      Send(*client, At(cutter)),
      FailsWith(ErrorCode::kUnavailable,
                AllOf(StartsWith("reading the reply of " + At(cutter) + ": "),
                      HasSubstr("unexpected eof"))));
}

TEST_F(TlsClientTest, SaysThatTheServerDoesNotSpeakTls) {
  // Reads what comes until a blank line, which is never.
  ScriptedServer silent({{{kOk}}});
  const auto client = MakeClient(Trusting(authority_));
  const std::string url = At(silent);
  auto answer = StartTask(loop_, Sending(*client, url));
  RunUntil(loop_, [&] { return silent.accepted() == 1; });
  clock_.Advance(std::chrono::milliseconds(9999));
  EXPECT_FALSE(answer->has_value());
  clock_.Advance(std::chrono::milliseconds(1));
  RunUntil(loop_, [&] { return answer->has_value(); });
  EXPECT_THAT(**answer, FailsWith(ErrorCode::kUnavailable,
                                  "starting TLS with " + url +
                                      ": no answer within 10000 ms"));
  RunUntil(loop_, [&] { return silent.ended() == 1; });

  ScriptedServer::Options speaking;
  speaking.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n";
  ScriptedServer plain({{{kOk}}}, speaking);
  EXPECT_THAT(Send(*client, At(plain)),
              FailsWith(ErrorCode::kUnavailable,
                        AllOf(StartsWith("starting TLS with " + At(plain)),
                              HasSubstr("wrong version number"))));
}

TEST_F(TlsClientTest, RefusesPemsThatAreNone) {
  const KeyPair pair = authority_.IssueClient("a");
  const KeyPair other = authority_.IssueClient("b");
  const struct {
    const char* what;
    std::string ca;
    std::optional<KeyPair> certificate;
    const char* why;
  } kCases[] = {
      {"CA", "nonsense", std::nullopt, "the CA is not a list of PEM "},
      {"broken CA",
       authority_.certificate_pem() + "-----BEGIN CERTIFICATE-----\nMII\n",
       std::nullopt, "the CA is not a list of PEM "},
      {"certificate", "", KeyPair{"nonsense", pair.key_pem},
       "the client certificate is not a usable PEM certificate"},
      {"key", "", KeyPair{pair.certificate_pem, "nonsense"},
       "the client key is not a usable PEM private key"},
      {"another's key", "", KeyPair{pair.certificate_pem, other.key_pem},
       "the client key does not belong to the client certificate"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    PooledHttpClient::Options options;
    options.tls.ca_pem = c.ca;
    options.tls.certificate = c.certificate;
    EXPECT_THAT(PooledHttpClient::Create(options, clock_),
                FailsWith(ErrorCode::kInvalidArgument, StartsWith(c.why)));
  }
}

}  // namespace
}  // namespace sextant::net
