#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "sextant/net/pooled_client.h"
#include "support/await_task.h"
#include "support/connect_proxy.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"
#include "support/test_certificates.h"

namespace sextant::net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ProxiedClientTest : public ::testing::Test {
 protected:
  Result<ClientResponse> Send(PooledHttpClient::Options options,
                              const std::string& url) {
    const auto client =
        std::move(*PooledHttpClient::Create(std::move(options), clock_));
    ClientRequest request;
    request.url = *Url::Parse(url);
    return AwaitTask(
        loop_, SendAndGather(*client, std::move(request),
                             clock_.Now() + std::chrono::seconds(60), 1000));
  }

  static std::string At(std::uint16_t port, const std::string& user = "") {
    return "http://" + user + "127.0.0.1:" + std::to_string(port);
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
};

TEST_F(ProxiedClientTest, AsksAProxyForTheWholeUrlWhereItIsHttp) {
  ScriptedServer proxy({{{kOk}}});
  PooledHttpClient::Options options;
  options.proxies.http_proxy = At(proxy.port(), "user:pass@");
  EXPECT_THAT(Send(options, "http://prom.test:9090/api?a=b"), IsOk());
  const std::string asked = proxy.requests().at(0);
  EXPECT_THAT(asked, StartsWith("GET http://prom.test:9090/api?a=b HTTP/1.1"
                                "\r\nHost: prom.test:9090\r\n"
                                "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"));
}

TEST_F(ProxiedClientTest, AsksAProxyForATunnelWhereTheUrlIsHttps) {
  const TestCa authority;
  ScriptedServer::Options serving;
  serving.certificate = authority.IssueServer({"prom.test"});
  ScriptedServer server({{{kOk}}}, serving);
  ConnectProxy proxy(server.port());
  PooledHttpClient::Options options;
  options.tls.ca_pem = authority.certificate_pem();
  options.proxies.https_proxy = At(proxy.port(), "user@");
  const Result<ClientResponse> answer =
      Send(options, "https://prom.test/api?a=b");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(proxy.asked(),
            "CONNECT prom.test:443 HTTP/1.1\r\nHost: prom.test:443\r\n"
            "Proxy-Authorization: Basic dXNlcjo=\r\n\r\n");
  // What is the proxy's does not reach the server, nor the other way round.
  EXPECT_THAT(server.requests().at(0),
              ::testing::Not(HasSubstr("Proxy-Authorization")));
}

TEST_F(ProxiedClientTest, SaysWhatAProxyAnswersThatRefuses) {
  const struct {
    const char* what;
    const char* answer;
    const char* why;
  } cases[] = {
      {"no credentials",
       "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n"
       "\r\nno!!",
       "the proxy answers 407; it wants a user and a password in the proxy's "
       "URL"},
      {"forbidden", "HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy answers 403"},
      {"no HTTP", "nonsense\r\n\r\n",
       "reading the reply of the proxy: it is not HTTP"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    ScriptedServer proxy({{{c.answer, true}}});
    PooledHttpClient::Options options;
    options.proxies.https_proxy = At(proxy.port(), "user:secret@");
    const Result<ClientResponse> answer = Send(options, "https://prom.test");
    EXPECT_THAT(answer, FailsWith(ErrorCode::kUnavailable,
                                  StartsWith("connecting to https://prom.test "
                                             "by the proxy " +
                                             At(proxy.port()) + ": " + c.why)));
    EXPECT_THAT(answer.error().message + answer.error().detail,
                ::testing::Not(HasSubstr("secret")));
  }
}

TEST_F(ProxiedClientTest, GoesStraightToThisMachine) {
  ScriptedServer server({{{kOk}}});
  PooledHttpClient::Options options;
  options.proxies.http_proxy = "http://127.0.0.1:1";
  EXPECT_THAT(Send(options, At(server.port())), IsOk());
}

}  // namespace
}  // namespace sextant::net
