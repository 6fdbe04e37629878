#include "sextant/config/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/result_matchers.h"

namespace sextant::config {
namespace {

constexpr char kWhole[] = R"(apiVersion: v1
kind: Config
current-context: here
preferences: {}
contexts:
- name: there
  context: {cluster: there, user: nobody}
- name: here
  context: {cluster: prom, user: me, namespace: shop}
clusters:
- name: prom
  cluster:
    server: https://prom:9443
    certificate-authority-data: Q0E=
    tls-server-name: prom.test
    proxy-url: http://proxy:3128
- name: there
  cluster:
    server: https://there
    insecure-skip-tls-verify: true
users:
- name: me
  user:
    client-certificate: certs/me.crt
    client-key: /keys/me.key
    tokenFile: ../token
- name: nobody
  user: {}
)";

TEST(Kubeconfig, TheCurrentContextIsRead) {
  const auto read = ParseKubeconfig("/etc/prom/config", kWhole);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name, "here");
  EXPECT_EQ(read->namespace_, "shop");
  EXPECT_EQ(read->server, "https://prom:9443");
  EXPECT_EQ(read->tls_server_name, "prom.test");
  EXPECT_EQ(read->proxy_url, "http://proxy:3128");
  EXPECT_FALSE(read->insecure_skip_tls_verify);
  EXPECT_EQ(read->certificate_authority.data, "CA");
  EXPECT_EQ(read->client_certificate.file, "/etc/prom/certs/me.crt");
  EXPECT_EQ(read->client_key.file, "/keys/me.key");
  EXPECT_EQ(read->token_file, "/etc/prom/../token");
}

TEST(Kubeconfig, AnotherContextCanBeNamed) {
  const auto read = ParseKubeconfig("f", kWhole, "there");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->server, "https://there");
  EXPECT_TRUE(read->insecure_skip_tls_verify);
  EXPECT_TRUE(read->client_certificate.empty());
}

// A kubeconfig with one user and one cluster.
std::string With(const std::string& cluster, const std::string& user) {
  return "current-context: c\ncontexts:\n- name: c\n  context: {cluster: a, "
         "user: b}\nclusters:\n- name: a\n  cluster: {" +
         cluster + "}\nusers:\n- name: b\n  user: {" + user + "}\n";
}

TEST(Kubeconfig, WhatCannotBeUsedIsSaidWithItsPlace) {
  const std::string server = "server: https://a";
  const struct {
    std::string what;
    std::string text;
    std::string context;
    std::string message;
  } cases[] = {
      {"nothing", "", "",
       "f: is no kubeconfig; kubectl config view --flatten prints one"},
      {"a list", "- a\n", "",
       "f: is no kubeconfig; kubectl config view --flatten prints one"},
      {"no context", "contexts: []\n", "",
       "f:1:1: current-context: is missing; kubectl config use-context NAME "
       "writes it"},
      {"a slip", kWhole, "hre",
       "f:6:1: contexts: there is none called \"hre\"; did you mean "
       "\"here\"?"},
      {"no clusters",
       "current-context: c\ncontexts:\n- name: c\n  context: "
       "{cluster: a}\n",
       "", "f:1:1: clusters: is missing"},
      {"no server", With("", ""), "",
       "f:7:12: clusters[0].cluster.server: is missing; write the server's "
       "URL"},
      {"no base64", With(server + ", certificate-authority-data: '*'", ""), "",
       "f:7:60: clusters[0].cluster.certificate-authority-data: is not base64; "
       "write the output of: base64 -w0 FILE"},
      {"a contradiction",
       With(server + ", insecure-skip-tls-verify: true, "
                     "certificate-authority: a.crt",
            ""),
       "",
       "f:7:12: clusters[0].cluster.insecure-skip-tls-verify: a certificate "
       "authority is given too; leave one of them out"},
      {"no boolean", With(server + ", insecure-skip-tls-verify: perhaps", ""),
       "",
       "f:7:58: clusters[0].cluster.insecure-skip-tls-verify: must be true or "
       "false"},
      {"a plug-in", With(server, "exec: {command: aws}"), "",
       "f:10:16: users[0].user.exec: would start another program, which "
       "sextant never does; use token, tokenFile or a client certificate"},
      {"an old plug-in", With(server, "auth-provider: {name: gcp}"), "",
       "f:10:25: users[0].user.auth-provider: would start another program, "
       "which sextant never does; use token, tokenFile or a client "
       "certificate"},
      {"half a pair", With(server, "client-certificate: a.crt"), "",
       "f:10:9: users[0].user.client-key: is missing; certificate and key go "
       "together"},
      {"a password alone", With(server, "password: hunter2"), "",
       "f:10:9: users[0].user.username: is missing; password and username go "
       "together"},
      {"no text", With(server, "token: [a]"), "",
       "f:10:17: users[0].user.token: must be a text"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto read = ParseKubeconfig("f", c.text, c.context);
    EXPECT_THAT(read, FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

}  // namespace
}  // namespace sextant::config
