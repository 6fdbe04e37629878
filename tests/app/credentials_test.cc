#include "app/credentials.h"

#include <gmock/gmock.h>

#include <string>

#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr char kCa[] = "-----BEGIN CERTIFICATE-----\n";

std::string Kubeconfig(const std::string& cluster, const std::string& user) {
  return "current-context: c\n"
         "contexts: [{name: c, context: {cluster: a, user: b}}]\n"
         "clusters: [{name: a, cluster: {server: 'https://kube', " +
         cluster + "}}]\nusers: [{name: b, user: {" + user + "}}]\n";
}

TEST(CredentialsReader, WhatIsTakenLaterWinsPieceByPiece) {
  const TempFolder folder;
  const std::string ca = folder.Put("ca.crt", kCa);
  const std::string certificate = folder.Put("tls.crt", "certificate");
  const std::string key = folder.Put("tls.key", "key");
  const std::string token = folder.Put("token", " of-a-file\n");
  const std::string kubeconfig = folder.Put(
      "kubeconfig",
      Kubeconfig("insecure-skip-tls-verify: true, tls-server-name: k.test, "
                 "proxy-url: 'http://proxy'",
                 "token: of-the-kubeconfig"));

  CredentialsReader reader;
  const auto context = reader.TakeKubeconfig(kubeconfig, "--k");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->server, "https://kube");
  reader.TakeCa(ca, "--ca");
  reader.TakeKeyPair(certificate, key);
  reader.TakeToken(token, "--token");
  const Result<Credentials> read = std::move(reader).Finish();
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->tls.server_name, "k.test");
  EXPECT_EQ(read->tls.ca_pem, kCa);
  EXPECT_FALSE(read->tls.insecure_skip_verify);
  ASSERT_TRUE(read->tls.certificate);
  EXPECT_EQ(read->tls.certificate->certificate_pem, "certificate");
  EXPECT_EQ(read->tls.certificate->key_pem, "key");
  EXPECT_EQ(read->token, "of-a-file");
  EXPECT_EQ(read->proxy_url, "http://proxy");
  EXPECT_THAT(read->files,
              ElementsAre(kubeconfig, ca, certificate, key, token));
  EXPECT_EQ(
      read->InWords(read->Who()),
      "the token of " + token + ", the client certificate of " + certificate);
}

TEST(CredentialsReader, AKubeconfigMaySayItInManyWays) {
  const TempFolder folder;
  folder.Put("token", "of-a-file\n");
  folder.Put("tls.crt", "certificate");
  folder.Put("tls.key", "key");
  const std::string path = folder.path() + "/kubeconfig";
  struct Case {
    const char* user;
    std::optional<std::string> token;
    std::string user_info;
    std::string words;
  };
  const Case cases[] = {
      {"token: t", "t", "", "the token of " + path},
      {"token: t, tokenFile: token", "of-a-file", "",
       "the token of " + folder.path() + "/token"},
      {"username: u, password: p", std::nullopt, "u:p",
       "user and password of " + path},
      {"client-certificate: tls.crt, client-key: tls.key", std::nullopt, "",
       "the client certificate of " + folder.path() + "/tls.crt"},
      {"client-certificate-data: YQ==, client-key-data: Yg==, token: t", "t",
       "",
       "the token of " + path + ", the client certificate of the kubeconfig"},
      {"", std::nullopt, "", "none"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.user);
    folder.Put("kubeconfig", Kubeconfig("", c.user));
    CredentialsReader reader;
    ASSERT_TRUE(reader.TakeKubeconfig(path, "--k"));
    const Result<Credentials> read = std::move(reader).Finish();
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->token, c.token);
    EXPECT_EQ(read->user_info, c.user_info);
    EXPECT_EQ(read->InWords(read->Who()), c.words);
  }
}

TEST(CredentialsReader, TheFirstMistakeCounts) {
  const TempFolder folder;
  const std::string bad = folder.Put("bad", "\n");
  const std::string plugin =
      folder.Put("plugin", Kubeconfig("", "exec: {command: secret-helper}"));
  const std::string halves =
      folder.Put("halves", Kubeconfig("", "tokenFile: /nowhere/token"));
  struct Case {
    const char* what;
    void (*take)(CredentialsReader&, const std::string&);
    std::string path;
    std::string message;
  };
  const auto ca = [](CredentialsReader& r, const std::string& path) {
    r.TakeCa(path, "--ca");
  };
  const auto token = [](CredentialsReader& r, const std::string& path) {
    r.TakeToken(path, "--token");
  };
  const auto kubeconfig = [](CredentialsReader& r, const std::string& path) {
    EXPECT_FALSE(r.TakeKubeconfig(path, "--k"));
  };
  const Case cases[] = {
      {"no CA", ca, "/nowhere/ca",
       "failed to read --ca: cannot read /nowhere/ca: "},
      {"no CA in it", ca, bad, "no certs found in --ca: " + bad},
      {"no token", token, "/nowhere/token",
       "failed to read --token: cannot read /nowhere/token: "},
      {"no token in it", token, bad, "no token found in --token: " + bad},
      {"no kubeconfig", kubeconfig, "/nowhere/k",
       "failed to read --k: cannot read /nowhere/k: "},
      {"no kubeconfig in it", kubeconfig, bad,
       "--k:\n" + bad + ": is no kubeconfig"},
      {"a plug-in", kubeconfig, plugin,
       "--k:\n" + plugin +
           ":4:32: users[0].user.exec: would start another program, which "
           "sextant never does"},
      {"no file that it names", kubeconfig, halves,
       "failed to read tokenFile: cannot read /nowhere/token: "},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    CredentialsReader reader;
    c.take(reader, c.path);
    reader.TakeToken("/nowhere/else", "--other");
    reader.Fail("and more");
    EXPECT_THAT(std::move(reader).Finish(),
                FailsWith(ErrorCode::kInvalidArgument, StartsWith(c.message)));
  }
}

TEST(Credentials, AProxyOfTheirOwnWinsOverTheEnvironments) {
  const net::ProxySettings environment{"http://a", "http://b", "c"};
  Credentials credentials;
  EXPECT_EQ(credentials.Proxies(environment).http_proxy, "http://a");
  EXPECT_EQ(credentials.Proxies(environment).no_proxy, "c");
  credentials.proxy_url = "http://own";
  EXPECT_EQ(credentials.Proxies(environment).http_proxy, "http://own");
  EXPECT_EQ(credentials.Proxies(environment).https_proxy, "http://own");
  EXPECT_EQ(credentials.Proxies(environment).no_proxy, "");
}

TEST(Credentials, WhatIsSentMakesThemDiffer) {
  struct Case {
    const char* what;
    void (*change)(Credentials&);
    bool same;
  };
  const Case cases[] = {
      {"token", [](Credentials& c) { c.token = "t"; }, false},
      {"CA", [](Credentials& c) { c.tls.ca_pem = "x"; }, false},
      {"name", [](Credentials& c) { c.tls.server_name = "x"; }, false},
      {"trust", [](Credentials& c) { c.tls.insecure_skip_verify = true; },
       false},
      {"certificate",
       [](Credentials& c) {
         c.tls.certificate = net::KeyPair{"a", ""};
       },
       false},
      {"key",
       [](Credentials& c) {
         c.tls.certificate = net::KeyPair{"", "a"};
       },
       false},
      {"source", [](Credentials& c) { c.token_source = "x"; }, true},
      {"files", [](Credentials& c) { c.files = {"x"}; }, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Credentials changed;
    c.change(changed);
    EXPECT_EQ(changed.SameAs(Credentials()), c.same);
    EXPECT_TRUE(changed.SameAs(changed));
  }
}

}  // namespace
}  // namespace sextant::app
