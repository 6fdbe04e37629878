#include "app/cluster_access.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"
#include "support/temp_folder.h"
#include "support/test_certificates.h"

namespace sextant::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kGood[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class ClusterAccessTest : public ::testing::Test {
 protected:
  std::string Kubeconfig(const std::string& name, const std::string& cluster,
                         const std::string& user) {
    return folder_.Put(name,
                       "current-context: c\n"
                       "contexts: [{name: c, context: {cluster: a, user: b}}]\n"
                       "clusters: [{name: a, cluster: {" +
                           cluster + "}}]\nusers: [{name: b, user: {" + user +
                           "}}]\n");
  }

  // As a Pod whose API server has that port.
  void LiveIn(std::uint16_t port) {
    variables_ = {{"KUBERNETES_SERVICE_HOST", "127.0.0.1"},
                  {"KUBERNETES_SERVICE_PORT", std::to_string(port)}};
  }

  Result<std::unique_ptr<ClusterAccess>> Build(
      const config::ClusterFlags& flags) {
    ClusterAccess::Surroundings surroundings;
    surroundings.variable = [this](const char* name) {
      return variables_[name];
    };
    surroundings.service_account_folder = folder_.path();
    return ClusterAccess::Build(flags, surroundings, clock_);
  }

  Result<kube::Reply> Ask(kube::Client& client) {
    kube::Request request;
    request.path = "/version";
    request.repeatable = false;
    return AwaitTask(loop_,
                     client.Send(std::move(request),
                                 clock_.Now() + std::chrono::seconds(60)));
  }

  static config::ClusterFlags All(const std::string& kubeconfig) {
    config::ClusterFlags flags;
    flags.lister_kubeconfig = kubeconfig;
    flags.authentication_kubeconfig = kubeconfig;
    flags.authorization_kubeconfig = kubeconfig;
    return flags;
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  obs::Metrics metrics_;
  FileReports reports_{clock_, metrics_};
  const TempFolder folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(ClusterAccessTest, APodUsesItsServiceAccountAndFollowsIt) {
  const TestCa old_authority;
  const TestCa authority;
  ScriptedServer::Options serving;
  serving.certificate = authority.IssueServer({"127.0.0.1"});
  ScriptedServer server({{}, {{kGood}}, {{kGood}}}, serving);
  LiveIn(server.port());
  const std::string token = folder_.Put("token", "first\n");
  folder_.Put("ca.crt", old_authority.certificate_pem());
  const auto access = Build({});
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ((*access)->server(),
            "https://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ((*access)->credentials(), "the token of " + token);
  EXPECT_THAT((*access)->Followers(reports_), SizeIs(1));
  EXPECT_THAT(Ask((*access)->objects()),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("starting TLS")));

  folder_.Put("ca.crt", authority.certificate_pem());
  (*access)->Reload(reports_);
  EXPECT_THAT(Ask((*access)->objects()), IsOk());
  folder_.Put("token", "second\n");
  (*access)->Reload(reports_);
  EXPECT_THAT(Ask((*access)->watches()), IsOk());
  EXPECT_THAT(reports_.Notes(), IsEmpty());
  EXPECT_THAT(
      server.requests(),
      ElementsAre(AllOf(StartsWith("GET /version HTTP/1.1\r\n"),
                        HasSubstr("\r\nUser-Agent: sextant/"),
                        HasSubstr("\r\nAuthorization: Bearer first\r\n")),
                  HasSubstr("\r\nAuthorization: Bearer second\r\n")));
  (*access)->CloseIdle();
}

TEST_F(ClusterAccessTest, AKubeconfigSaysWhereAndAsWhom) {
  ScriptedServer server({{{kGood}, {kGood}}});
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  struct Case {
    const char* user;
    const char* authorization;
  };
  const Case cases[] = {
      {"token: t", "\r\nAuthorization: Bearer t\r\n"},
      {"username: u, password: p", "\r\nAuthorization: Basic dTpw\r\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.user);
    const auto access = Build(
        All(Kubeconfig("kubeconfig", "server: '" + url + "/k8s/c-1'", c.user)));
    ASSERT_THAT(access, IsOk());
    EXPECT_THAT(Ask((*access)->objects()), IsOk());
    EXPECT_THAT(server.requests().back(),
                AllOf(StartsWith("GET /k8s/c-1/version HTTP/1.1\r\n"),
                      HasSubstr(c.authorization)));
    (*access)->CloseIdle();
  }
}

TEST_F(ClusterAccessTest, ItsProxyIsTheWay) {
  ScriptedServer proxy({{{kGood}}});
  const auto access = Build(All(
      Kubeconfig("kubeconfig",
                 "server: 'http://kube.test', proxy-url: 'http://127.0.0.1:" +
                     std::to_string(proxy.port()) + "'",
                 "")));
  ASSERT_THAT(access, IsOk());
  EXPECT_THAT(Ask((*access)->objects()), IsOk());
  EXPECT_THAT(proxy.requests(),
              ElementsAre(StartsWith("GET http://kube.test/version HTTP/1.1")));
  (*access)->CloseIdle();
}

TEST_F(ClusterAccessTest, FlagsWithTheSameFileShareAClient) {
  const std::string a = Kubeconfig("a", "server: 'https://a.test'", "token: a");
  const std::string b = Kubeconfig("b", "server: 'https://b.test'", "token: b");
  config::ClusterFlags flags = All(a);
  Result<std::unique_ptr<ClusterAccess>> access = Build(flags);
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ(&(*access)->objects(), &(*access)->authentication());
  EXPECT_EQ(&(*access)->objects(), &(*access)->authorization());
  EXPECT_NE(&(*access)->objects(), &(*access)->watches());
  EXPECT_THAT((*access)->Followers(reports_), SizeIs(1));

  flags.authentication_kubeconfig = b;
  access = Build(flags);
  ASSERT_THAT(access, IsOk());
  EXPECT_NE(&(*access)->objects(), &(*access)->authentication());
  EXPECT_EQ(&(*access)->objects(), &(*access)->authorization());
  EXPECT_EQ((*access)->server(), "https://a.test");
  EXPECT_THAT((*access)->Followers(reports_), SizeIs(2));
}

TEST_F(ClusterAccessTest, AnotherServerTakesARestart) {
  const std::string path =
      Kubeconfig("a", "server: 'https://a.test'", "token: a");
  const auto access = Build(All(path));
  ASSERT_THAT(access, IsOk());
  (void)(*access)->Followers(reports_);
  Kubeconfig("a", "server: 'https://b.test'", "token: b");
  (*access)->Reload(reports_);
  EXPECT_THAT(reports_.Notes(),
              ElementsAre("[-]cluster_credentials kept, the file cannot be "
                          "used: --lister-kubeconfig: it names another "
                          "server; that takes a restart"));
}

TEST_F(ClusterAccessTest, WhatIsMissingIsNamedWithItsFlag) {
  const std::string good = Kubeconfig("a", "server: 'https://a'", "token: a");
  const std::string no_url = Kubeconfig("b", "server: 'kube:6443'", "");
  const std::string socks =
      Kubeconfig("c", "server: 'https://a.test', proxy-url: 'socks5://p'", "");
  const std::string no_pem = Kubeconfig(
      "d", "server: 'https://a', certificate-authority-data: YQ==", "");
  config::ClusterFlags no_authentication = All(good);
  no_authentication.authentication_kubeconfig.clear();
  config::ClusterFlags no_authorization = All(good);
  no_authorization.authorization_kubeconfig = "/nowhere/k";
  struct Case {
    const char* what;
    config::ClusterFlags flags;
    std::string message;
  };
  const std::string no_pod =
      " is not given, and this is no Pod of a cluster (KUBERNETES_SERVICE_HOST "
      "or KUBERNETES_SERVICE_PORT is not set); write ";
  const std::string or_alone =
      "=KUBECONFIG, or --standalone to serve without a cluster";
  const Case cases[] = {
      {"nothing",
       {},
       "--lister-kubeconfig" + no_pod + "--lister-kubeconfig" + or_alone},
      {"one of three", no_authentication,
       "--authentication-kubeconfig" + no_pod + "--authentication-kubeconfig" +
           or_alone},
      {"no file", no_authorization,
       "failed to read --authorization-kubeconfig: cannot read /nowhere/k: "},
      {"no URL", All(no_url),
       "--lister-kubeconfig: server: not a usable URL: "},
      {"no proxy", All(socks),
       "--lister-kubeconfig: proxy-url: HTTPS_PROXY: SOCKS"},
      {"no certificate", All(no_pem),
       "--lister-kubeconfig: the credentials of the cluster: "},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(Build(c.flags),
                FailsWith(ErrorCode::kInvalidArgument, StartsWith(c.message)));
  }
}

TEST_F(ClusterAccessTest, APodWithoutItsFilesIsToldSo) {
  variables_ = {{"KUBERNETES_SERVICE_HOST", "fd00::1"},
                {"KUBERNETES_SERVICE_PORT", "443"}};
  EXPECT_THAT(
      Build({}),
      FailsWith(ErrorCode::kInvalidArgument,
                StartsWith("failed to read the service account (for "
                           "want of --lister-kubeconfig): cannot read " +
                           folder_.path() + "/token: ")));
  folder_.Put("token", "t");
  folder_.Put("ca.crt", TestCa().certificate_pem());
  const auto access = Build({});
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ((*access)->server(), "https://[fd00::1]");
}

}  // namespace
}  // namespace sextant::app
