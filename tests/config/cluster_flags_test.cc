#include "config/cluster_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Arguments = std::vector<std::string>;

struct Read {
  ClusterFlags flags;
  std::vector<std::string> warnings;
  std::string wrong;
};

Read ReadCluster(const Arguments& arguments, bool standalone = false) {
  Read read;
  const FlagGroup group{"Cluster", ClusterFlagRows()};
  Complaints complaints;
  std::vector<std::string> rest;
  GivenFlags given =
      GivenFlags::Take(arguments, std::span(&group, 1), rest, complaints);
  given.CheckValues(complaints);
  ReadClusterFlags(given, read.flags, read.warnings, complaints);
  if (standalone) RefuseClusterFlags(given, read.warnings, complaints);
  EXPECT_THAT(rest, IsEmpty());
  read.wrong = complaints.ToError().message;
  return read;
}

TEST(ClusterFlags, HaveThePeersDefaults) {
  const ClusterFlags flags = ReadCluster({}).flags;
  EXPECT_EQ(flags.lister_kubeconfig, "");
  EXPECT_EQ(flags.authentication_kubeconfig, "");
  EXPECT_FALSE(flags.authentication_skip_lookup);
  EXPECT_FALSE(flags.authentication_tolerate_lookup_failure);
  EXPECT_EQ(flags.token_cache_ttl, std::chrono::seconds(10));
  EXPECT_EQ(flags.client_ca_file, "");
  EXPECT_EQ(flags.requestheader_client_ca_file, "");
  EXPECT_THAT(flags.requestheader_allowed_names, IsEmpty());
  EXPECT_THAT(flags.requestheader_username_headers,
              ElementsAre("x-remote-user"));
  EXPECT_THAT(flags.requestheader_group_headers, ElementsAre("x-remote-group"));
  EXPECT_THAT(flags.requestheader_extra_headers_prefix,
              ElementsAre("x-remote-extra-"));
  EXPECT_EQ(flags.authorization_kubeconfig, "");
  EXPECT_THAT(flags.authorization_always_allow_paths,
              ElementsAre("/healthz", "/readyz", "/livez"));
  EXPECT_EQ(flags.authorized_ttl, std::chrono::seconds(10));
  EXPECT_EQ(flags.unauthorized_ttl, std::chrono::seconds(10));
}

TEST(ClusterFlags, AreAllRead) {
  const Read read = ReadCluster(
      {"--lister-kubeconfig=l", "--authentication-kubeconfig=a",
       "--authentication-skip-lookup",
       "--authentication-tolerate-lookup-failure=true",
       "--authentication-token-webhook-cache-ttl=1m", "--client-ca-file=ca",
       "--requestheader-client-ca-file=front-ca",
       "--requestheader-allowed-names=front-proxy-client,aggregator",
       "--requestheader-username-headers=X-Remote-User",
       "--requestheader-group-headers=X-Remote-Group,X-Groups",
       "--requestheader-extra-headers-prefix", "X-Remote-Extra-",
       "--authorization-kubeconfig=z",
       "--authorization-always-allow-paths=/healthz",
       "--authorization-always-allow-paths=/metrics,/apis/*",
       "--authorization-webhook-cache-authorized-ttl=5m",
       "--authorization-webhook-cache-unauthorized-ttl=0s"});
  EXPECT_EQ(read.wrong, "");
  EXPECT_THAT(read.warnings, IsEmpty());
  const ClusterFlags& flags = read.flags;
  EXPECT_EQ(flags.lister_kubeconfig, "l");
  EXPECT_EQ(flags.authentication_kubeconfig, "a");
  EXPECT_TRUE(flags.authentication_skip_lookup);
  EXPECT_TRUE(flags.authentication_tolerate_lookup_failure);
  EXPECT_EQ(flags.token_cache_ttl, std::chrono::minutes(1));
  EXPECT_EQ(flags.client_ca_file, "ca");
  EXPECT_EQ(flags.requestheader_client_ca_file, "front-ca");
  EXPECT_THAT(flags.requestheader_allowed_names,
              ElementsAre("front-proxy-client", "aggregator"));
  EXPECT_THAT(flags.requestheader_username_headers,
              ElementsAre("X-Remote-User"));
  EXPECT_THAT(flags.requestheader_group_headers,
              ElementsAre("X-Remote-Group", "X-Groups"));
  EXPECT_THAT(flags.requestheader_extra_headers_prefix,
              ElementsAre("X-Remote-Extra-"));
  EXPECT_EQ(flags.authorization_kubeconfig, "z");
  EXPECT_THAT(flags.authorization_always_allow_paths,
              ElementsAre("/healthz", "/metrics", "/apis/*"));
  EXPECT_EQ(flags.authorized_ttl, std::chrono::minutes(5));
  EXPECT_EQ(flags.unauthorized_ttl, Duration::zero());
}

TEST(ClusterFlags, WarnWhereAggregationWouldFail) {
  EXPECT_THAT(
      ReadCluster({"--requestheader-username-headers=X-User",
                   "--requestheader-group-headers=",
                   "--requestheader-extra-headers-prefix=X-Extra-"})
          .warnings,
      ElementsAre("--requestheader-username-headers: without X-Remote-User "
                  "among them, API aggregation will not work",
                  "--requestheader-extra-headers-prefix: without "
                  "X-Remote-Extra- among them, API aggregation will not work"));
}

TEST(ClusterFlags, SayWhatIsWrong) {
  const struct {
    std::string argument;
    std::string want;
  } cases[] = {
      {"--requestheader-username-headers=\" \"",
       "--requestheader-username-headers: empty value in "
       "\"requestheader-username-headers\"; write names with commas between "
       "them"},
      {"--requestheader-group-headers=a,",
       "--requestheader-group-headers: empty value in "
       "\"requestheader-group-headers\"; write names with commas between them"},
      {"--requestheader-extra-headers-prefix= ",
       "--requestheader-extra-headers-prefix: empty value in "
       "\"requestheader-extra-headers-prefix\"; write names with commas "
       "between "
       "them"},
      {"--requestheader-allowed-names=,",
       "--requestheader-allowed-names: empty value in "
       "\"requestheader-allowed-names\"; write names with commas between them"},
      {"--authorization-always-allow-paths=/a*b",
       "--authorization-always-allow-paths: \"/a*b\": only a trailing * is "
       "allowed"},
      {"--authorization-always-allow-paths=/debug/explain",
       "--authorization-always-allow-paths: \"/debug/explain\": what is below "
       "/debug shows queries and answers, and always needs a permission; leave "
       "it out"},
      {"--authentication-token-webhook-cache-ttl=10",
       "--authentication-token-webhook-cache-ttl: time: missing unit in "
       "duration \"10\"; write it like 30s, 5m or 1h30m"},
      {"--client-burst=x",
       "--client-burst: must be a whole number of at least 0, not \"x\""},
      {"--client-qps=x", "--client-qps: must be a number, not \"x\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.argument);
    EXPECT_EQ(ReadCluster({c.argument}).wrong, c.want);
  }
}

TEST(ClusterFlags, WithStandaloneAGateThatKeepsNobodyOutIsAMistake) {
  for (const std::string flag :
       {"--authentication-kubeconfig", "--client-ca-file",
        "--requestheader-client-ca-file", "--requestheader-allowed-names",
        "--authorization-kubeconfig"}) {
    SCOPED_TRACE(flag);
    EXPECT_EQ(ReadCluster({flag + "=x"}, true).wrong,
              flag +
                  ": with --standalone nobody is asked who they are, so it "
                  "would keep nobody out; leave it or --standalone out");
    EXPECT_EQ(ReadCluster({flag + "="}, true).wrong, "");
  }
  const Read read = ReadCluster(
      {"--lister-kubeconfig=l", "--authentication-skip-lookup=false"}, true);
  EXPECT_EQ(read.wrong, "");
  EXPECT_THAT(read.warnings,
              ElementsAre("--lister-kubeconfig does nothing: with --standalone "
                          "no cluster is asked"));
}

}  // namespace
}  // namespace sextant::config
