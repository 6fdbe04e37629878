// The key `backends`, as ParseMetricsConfig() reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sextant/config/metrics_config.h"

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Backends, AServerHasTheKeysThatTheFlagsOfABackendHave) {
  Problems problems;
  const MetricsConfig config = ParseMetricsConfig("f", R"(
backends:
- name: shop
  url: https://vm:8427/select/0/prometheus
  dialect: victoriametrics
  verb: POST
  headers: {X-Scope-OrgID: shop, X-B: "1=2"}
  timeout: 5s
  caFile: ca.crt
  clientTlsCertFile: tls.crt
  clientTlsKeyFile: tls.key
  tokenFile: token
  maxInFlight: 8
  circuitBreaker: {failures: 2, pause: 500ms, longestPause: 1m}
- {name: b, url: http://b, auth: aws, sigv4Region: eu-west-1}
- {name: pair, failover: [shop, b]}
- {name: both, shards: [pair, default], shardedBy: [pod]}
rules:
- {seriesQuery: x, backend: pair}
- {seriesQuery: y}
externalRules:
- {seriesQuery: z, backend: both}
resourceRules: {backend: default}
)",
                                                  problems);
  EXPECT_EQ(problems.ErrorText(), "");
  ASSERT_EQ(config.backends.size(), 4U);
  const Backend& shop = config.backends[0];
  EXPECT_EQ(shop.name, "shop");
  EXPECT_EQ(shop.path, "backends[0]");
  EXPECT_EQ(shop.flags.url, "https://vm:8427/select/0/prometheus");
  EXPECT_EQ(shop.flags.dialect, "victoriametrics");
  EXPECT_EQ(shop.flags.verb, BackendFlags::Verb::kPost);
  EXPECT_THAT(shop.flags.headers,
              ElementsAre(Pair("X-Scope-OrgID", "shop"), Pair("X-B", "1=2")));
  EXPECT_EQ(shop.flags.timeout, std::chrono::seconds(5));
  EXPECT_EQ(shop.flags.ca_file, "ca.crt");
  EXPECT_EQ(shop.flags.client_cert_file, "tls.crt");
  EXPECT_EQ(shop.flags.client_key_file, "tls.key");
  EXPECT_EQ(shop.flags.token_file, "token");
  EXPECT_EQ(shop.max_in_flight, 8U);
  EXPECT_EQ(shop.failures, 2U);
  EXPECT_EQ(shop.pause, std::chrono::milliseconds(500));
  EXPECT_EQ(shop.longest_pause, std::chrono::minutes(1));
  EXPECT_EQ(config.backends[1].flags.auth, BackendFlags::Auth::kAws);
  EXPECT_EQ(config.backends[1].flags.sigv4_region, "eu-west-1");
  EXPECT_EQ(config.backends[1].max_in_flight, 64U);
  EXPECT_THAT(config.backends[2].failover, ElementsAre("shop", "b"));
  EXPECT_THAT(config.backends[3].shards, ElementsAre("pair", "default"));
  EXPECT_THAT(config.backends[3].sharded_by, ElementsAre("pod"));
  EXPECT_EQ(config.rules[0].backend.value, "pair");
  EXPECT_EQ(config.rules[1].backend.value, "");
  EXPECT_EQ(config.external_rules[0].backend.value, "both");
  EXPECT_EQ(config.resource_rules->backend.value, "default");
}

TEST(Backends, EveryMistakeHasItsPlaceAndItsCure) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"backends: [{name: shop, url: http://a}]\n"
       "rules:\n- {seriesQuery: x, backend: shpo}\n",
       "f:3:29: rules[0].backend: there is no backend \"shpo\"; did you mean "
       "\"shop\"?"},
      {"resourceRules: {backend: nowhere}\n",
       "f:1:26: resourceRules.backend: there is no backend \"nowhere\"; "
       "known: default"},
      {"backends: [{name: a}]\n",
       "f:1:12: backends[0]: has no url; write url: http://HOST:PORT"},
      {"backends: [{url: http://a}]\n", "backends[0]: has no name"},
      {"backends: [{name: a b, url: http://a}]\n",
       "f:1:19: backends[0].name: must be a name of letters"},
      {"backends: [{name: a, url: a:9090}]\n",
       "backends[0].url: must begin with http:// or https://"},
      {"backends: [{name: a, url: http://a, timeout: soon}]\n",
       "backends[0].timeout: "},
      {"backends: [{name: a, url: http://a, timeout: 1h}]\n",
       "backends[0].timeout: must be 5m at most"},
      {"backends: [{name: a, url: http://a, token_file: t}]\n",
       "a backend has no key \"token_file\"; did you mean \"tokenFile\"?"},
      {"backends: [{name: a, url: http://a, clientTlsCertFile: c}]\n",
       "clientTlsCertFile: its key is missing; write clientTlsKeyFile: FILE "
       "too"},
      {"backends: [{name: a, url: http://a, auth: aws, tokenFile: t}]\n",
       "auth: aws: tokenFile says too who asks"},
      {"backends:\n- {name: a, url: http://a}\n- {name: a, url: http://b}\n",
       "f:3:3: backends[1]: the name \"a\" is given twice"},
      {"backends:\n- {name: a, url: http://a}\n- {name: p, failover: [a, "
       "bb]}\n",
       "backends[1]: there is no backend \"bb\""},
      {"backends:\n- {name: p, failover: [default]}\n",
       "backends[0]: needs two backends or more"},
      {"backends:\n- {name: p, failover: [q, default]}\n- {name: q, "
       "failover: [p, default]}\n",
       "backends[0]: \"p\" is made of itself"},
      {"backends:\n- {name: p, shards: [default, default], shardedBy: "
       "[pod]}\n",
       "backends[0]: names \"default\" twice"},
      {"backends:\n- {name: a, url: http://a}\n- {name: p, shards: [a, "
       "default]}\n",
       "backends[1]: shards need shardedBy"},
      {"backends:\n- {name: p, failover: [a, b], url: http://x}\n",
       "backends[0].url: belongs to a server, and this backend is made of "
       "others"},
      {"backends: [{name: a, url: http://a, maxInFlight: -1}]\n",
       "backends[0].maxInFlight: must be a number from 0 to 100000"},
      {"backends: [{name: a, url: http://a, circuitBreaker: {pause: 0s}}]\n",
       "backends[0].circuitBreaker.pause: must be a time of 5m at most"},
      {"rules:\n- seriesQuery: x\n  circuitBreaker: {}\n",
       "it belongs to a backend: check the indentation"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Problems problems;
    ParseMetricsConfig("f", c.text, problems);
    EXPECT_THAT(problems.ErrorText(), HasSubstr(c.error));
  }
}

TEST(Backends, NoSecretIsInAnError) {
  Problems problems;
  ParseMetricsConfig(
      "f",
      "backends:\n"
      "- {name: a, url: 'ftp://u:hunter2@a'}\n"
      "- {name: b, url: http://b, headers: {X: \"hunter2\\n\"}}\n",
      problems);
  EXPECT_TRUE(problems.HasErrors());
  EXPECT_THAT(problems.ErrorText(), ::testing::Not(HasSubstr("hunter2")));
}

TEST(Backends, TheContentTellsBackendsApart) {
  const auto content = [](const char* text) {
    Problems problems;
    return ParseMetricsConfig("f", text, problems).backends_content;
  };
  const std::string one = content("backends: [{name: a, url: http://a}]");
  EXPECT_EQ(one, content("backends:\n- name: a\n  url: http://a # same\n"));
  EXPECT_NE(one, content("backends: [{name: a, url: http://b}]"));
  EXPECT_NE(one, content("rules: []"));
}

}  // namespace
}  // namespace sextant::config
