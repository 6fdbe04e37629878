#include "app/backend_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"
#include "support/temp_folder.h"
#include "support/test_certificates.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const char kEmptyVector[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 63\r\n\r\n"
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";

std::string NoVariable(const char*) { return {}; }

class BackendClientTest : public ::testing::Test {
 protected:
  std::string Put(const std::string& name, const std::string& text) {
    return folder_.Put(name, text);
  }

  Result<std::unique_ptr<BackendClient>> Build(
      const config::BackendFlags& flags) {
    return BackendClient::Build(flags, NoVariable, clock_, metrics_);
  }

  Result<model::QueryResult> Ask(BackendClient& client) {
    return AwaitTask(
        loop_, client.backend().Query("up", clock_.Now(),
                                      clock_.Now() + std::chrono::seconds(60)));
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  obs::Metrics metrics_;
  FileReports reports_{clock_, metrics_};
  TempFolder folder_;
};

TEST_F(BackendClientTest, ATokenThatChangesIsSentAndABadOneIsNot) {
  ScriptedServer server({{{kEmptyVector}, {kEmptyVector}, {kEmptyVector}}});
  config::BackendFlags flags;
  flags.dialect = "prometheus";
  flags.url = "http://127.0.0.1:" + std::to_string(server.port());
  flags.token_file = Put("token", "first\n");
  const auto client = Build(flags);
  ASSERT_THAT(client, IsOk());
  EXPECT_EQ((*client)->Followers(reports_).size(), 1u);
  ASSERT_THAT(Ask(**client), IsOk());

  Put("token", "");
  (*client)->Reload(reports_);
  EXPECT_THAT(reports_.Notes(),
              ElementsAre("[-]backend_credentials kept, the file cannot be "
                          "used: no token found in prometheus-token-file: " +
                          flags.token_file));
  ASSERT_THAT(Ask(**client), IsOk());

  Put("token", "second");
  (*client)->Reload(reports_);
  EXPECT_THAT(reports_.Notes(), IsEmpty());
  ASSERT_THAT(Ask(**client), IsOk());

  const std::vector<std::string> asked = server.requests();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_THAT(asked[0], HasSubstr("\r\nAuthorization: Bearer first\r\n"));
  EXPECT_THAT(asked[1], HasSubstr("\r\nAuthorization: Bearer first\r\n"));
  EXPECT_THAT(asked[2], HasSubstr("\r\nAuthorization: Bearer second\r\n"));
  (*client)->CloseIdle();
}

TEST_F(BackendClientTest, AnAuthorityThatChangesIsTrusted) {
  const TestCa old_authority;
  const TestCa new_authority;
  ScriptedServer::Options serving;
  serving.certificate = new_authority.IssueServer({"127.0.0.1"});
  ScriptedServer server({{{kEmptyVector}}, {{kEmptyVector}}}, serving);
  config::BackendFlags flags;
  flags.dialect = "prometheus";
  flags.url = "https://127.0.0.1:" + std::to_string(server.port());
  flags.ca_file = Put("ca.crt", old_authority.certificate_pem());
  const auto client = Build(flags);
  ASSERT_THAT(client, IsOk());
  (void)(*client)->Followers(reports_);
  EXPECT_THAT(Ask(**client),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("starting TLS")));

  Put("ca.crt", new_authority.certificate_pem());
  (*client)->Reload(reports_);
  EXPECT_THAT(Ask(**client), IsOk());
  (*client)->CloseIdle();
}

TEST_F(BackendClientTest, AKubeconfigGivesWhatNoFlagGives) {
  const TestCa authority;
  config::BackendFlags flags;
  flags.kubeconfig = Put("kubeconfig", R"(current-context: c
contexts: [{name: c, context: {cluster: a, user: b}}]
clusters:
- {name: a, cluster: {server: 'https://unused', tls-server-name: prom.test,
    certificate-authority: ca.crt}}
users: [{name: b, user: {token: of-the-kubeconfig}}]
)");
  Put("ca.crt", authority.certificate_pem());
  Result<Credentials> access = ReadBackendCredentials(flags);
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ(access->tls.server_name, "prom.test");
  EXPECT_EQ(access->tls.ca_pem, authority.certificate_pem());
  EXPECT_EQ(access->token, "of-the-kubeconfig");
  EXPECT_EQ(BackendCredentialsInWords(flags, *access),
            "the token of " + flags.kubeconfig);

  // prometheus-adapter forgets the kubeconfig beside a CA file.
  flags.token_file = Put("token", "of-the-flag");
  access = ReadBackendCredentials(flags);
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ(access->token, "of-the-flag");
  EXPECT_EQ(access->tls.server_name, "prom.test");
}

TEST_F(BackendClientTest, WordsNameWhatIsSentTheStrongestFirst) {
  struct Case {
    const char* words;
    config::BackendFlags flags;
    Credentials credentials;
  };
  Credentials with_token;
  with_token.token = "secret";
  with_token.token_source = "/token";
  with_token.user_info = "u:secret";
  Credentials with_user = with_token;
  with_user.token.reset();
  with_user.user_source = "/kubeconfig";
  Credentials with_certificate;
  with_certificate.tls.certificate = net::KeyPair{"secret", "secret"};
  with_certificate.certificate_source = "/tls.crt";
  config::BackendFlags header;
  header.headers = {{"authorization", "secret"}};
  config::BackendFlags url;
  url.url = "http://u:secret@prom";
  const Case cases[] = {
      {"none", {}, {}},
      {"the token of /token", {}, with_token},
      {"the token of /token", url, with_token},
      {"the header Authorization of --prometheus-header", header, with_token},
      {"user and password of /kubeconfig", url, with_user},
      {"user and password of --prometheus-url, the client certificate of "
       "/tls.crt",
       url, with_certificate},
      {"the client certificate of /tls.crt", {}, with_certificate},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.words);
    EXPECT_EQ(BackendCredentialsInWords(c.flags, c.credentials), c.words);
  }
}

TEST_F(BackendClientTest, WhatCannotBeUsedIsSaidInThePeersWords) {
  const TestCa authority;
  const net::KeyPair pair = authority.IssueClient("a");
  const std::string good = Put("good.crt", pair.certificate_pem);
  const std::string bad = Put("bad", "nonsense");
  const struct {
    const char* what;
    std::string config::BackendFlags::*file;
    std::string path;
    std::string message;
  } cases[] = {
      {"no CA file", &config::BackendFlags::ca_file, "/nowhere/ca.crt",
       "failed to read prometheus-ca-file: cannot read /nowhere/ca.crt: "},
      {"no CA in it", &config::BackendFlags::ca_file, bad,
       "no certs found in prometheus-ca-file: " + bad},
      {"no certificate", &config::BackendFlags::client_cert_file,
       "/nowhere/tls.crt",
       "failed to read TLS key pair: cannot read /nowhere/tls.crt: "},
      {"no token file", &config::BackendFlags::token_file, "/nowhere/token",
       "failed to read prometheus-token-file: cannot read /nowhere/token: "},
      {"no kubeconfig", &config::BackendFlags::kubeconfig, bad,
       "prometheus-auth-config:\n" + bad + ": is no kubeconfig"},
      {"no URL", &config::BackendFlags::url, "prom:9090",
       "--prometheus-url: not a usable URL: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    config::BackendFlags flags;
    flags.*c.file = c.path;
    flags.client_key_file = flags.client_cert_file;
    EXPECT_THAT(Build(flags),
                FailsWith(ErrorCode::kInvalidArgument, StartsWith(c.message)));
  }

  config::BackendFlags halves;
  halves.client_cert_file = good;
  halves.client_key_file = bad;
  EXPECT_THAT(Build(halves),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("the client key is not a usable PEM")));
}

TEST_F(BackendClientTest, EveryDialectOfTheFlagIsOne) {
  // The texts of the flag stand in config, which knows no backend.
  config::BackendFlags flags;
  flags.url = "http://prom.test";
  const std::string help = config::BackendHelpText();
  for (const backend::Dialect& dialect : backend::Dialects()) {
    const std::string name(dialect.name);
    SCOPED_TRACE(name);
    EXPECT_THAT(help, HasSubstr("|" + name));
    flags.dialect = name;
    const auto client = Build(flags);
    ASSERT_THAT(client, IsOk());
    EXPECT_EQ((*client)->backend().recognised().dialect, &dialect);
  }
  flags.dialect = "auto";
  const auto client = Build(flags);
  ASSERT_THAT(client, IsOk());
  EXPECT_EQ((*client)->backend().recognised().why, "");
}

TEST_F(BackendClientTest, AProxyThatCannotBeUsedIsToldAtOnce) {
  config::BackendFlags flags;
  flags.url = "https://prom.test";
  const auto built = BackendClient::Build(
      flags,
      [](const char* name) {
        return std::string(name) == "HTTPS_PROXY" ? "socks5://p" : "";
      },
      clock_, metrics_);
  EXPECT_THAT(built, FailsWith(ErrorCode::kInvalidArgument,
                               StartsWith("HTTPS_PROXY: SOCKS proxies")));
}

}  // namespace
}  // namespace sextant::app
