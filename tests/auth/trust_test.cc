#include "sextant/auth/trust.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/result_matchers.h"
#include "support/test_certificates.h"

namespace sextant::auth {
namespace {

kube::AuthenticationConfig Config(const std::string& client_ca,
                                  const std::string& proxy_ca,
                                  const std::string& name) {
  kube::AuthenticationConfig config;
  config.client_ca_pem = client_ca;
  config.requestheader_ca_pem = proxy_ca;
  config.allowed_names = {name};
  config.username_headers = {name + "-user"};
  config.group_headers = {name + "-group"};
  config.extra_prefixes = {name + "-extra-"};
  config.uid_headers = {name + "-uid"};
  return config;
}

const std::string& Pem() {
  static const std::string kPem = TestCa().certificate_pem();
  return kPem;
}

TEST(TrustSource, TrustsNobodyAtFirst) {
  const TrustSource source;
  EXPECT_EQ(source.Current()->client_ca, nullptr);
  EXPECT_FALSE(source.Current()->front_proxy);
}

TEST(TrustSource, TakesWhatTheClusterSays) {
  TrustSource source;
  EXPECT_THAT(source.SetFromCluster(Config(Pem(), Pem(), "cluster")), IsOk());
  const std::shared_ptr<const Trust> trust = source.Current();
  EXPECT_NE(trust->client_ca, nullptr);
  ASSERT_TRUE(trust->front_proxy);
  EXPECT_NE(trust->front_proxy->ca, nullptr);
  EXPECT_EQ(trust->front_proxy->allowed_names[0], "cluster");
  EXPECT_EQ(trust->front_proxy->username_headers[0], "cluster-user");
  EXPECT_EQ(trust->front_proxy->group_headers[0], "cluster-group");
  EXPECT_EQ(trust->front_proxy->extra_prefixes[0], "cluster-extra-");
  EXPECT_EQ(trust->front_proxy->uid_headers[0], "cluster-uid");

  // A snapshot stays as it is.
  EXPECT_THAT(source.SetFromCluster(Config(Pem(), Pem(), "changed")), IsOk());
  EXPECT_EQ(trust->front_proxy->allowed_names[0], "cluster");
  EXPECT_EQ(source.Current()->front_proxy->allowed_names[0], "changed");
}

// Each part comes from one source, in whichever order they are heard.
TEST(TrustSource, LetsFlagsTakeThePlaceOfAPart) {
  const struct {
    std::string what, client_ca, proxy_ca;
    bool own_client_ca, own_proxy;
  } kCases[] = {
      {"no file", "", "", false, false},
      {"client CA", Pem(), "", true, false},
      {"front proxy", "", Pem(), false, true},
      {"both", Pem(), Pem(), true, true},
  };
  for (const auto& c : kCases) {
    for (const bool flags_first : {true, false}) {
      SCOPED_TRACE(c.what);
      TrustSource source;
      const auto flags = Config(c.client_ca, c.proxy_ca, "flags");
      if (flags_first) {
        EXPECT_THAT(source.SetFromFlags(flags), IsOk());
      }
      EXPECT_THAT(source.SetFromCluster(Config(Pem(), Pem(), "cluster")),
                  IsOk());
      if (!flags_first) {
        const auto of_cluster = source.Current()->client_ca;
        EXPECT_THAT(source.SetFromFlags(flags), IsOk());
        EXPECT_EQ(source.Current()->client_ca != of_cluster, c.own_client_ca);
      }
      EXPECT_EQ(source.Current()->front_proxy->username_headers[0],
                c.own_proxy ? "flags-user" : "cluster-user");
    }
  }
}

TEST(TrustSource, KeepsWhatItHasWhenThePartIsUnusable) {
  TrustSource source;
  EXPECT_THAT(source.SetFromCluster(Config(Pem(), Pem(), "first")), IsOk());
  const std::shared_ptr<const Trust> first = source.Current();
  const struct {
    kube::AuthenticationConfig config;
    std::string message;  // empty: none
  } kCases[] = {
      {{}, ""},
      {Config("junk", "", "second"),
       "certificate authority of users: CA bundle: no certificate in the PEM "
       "text"},
      {Config("", "junk", "second"),
       "certificate authority of front proxies: CA bundle: no certificate in "
       "the PEM text"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const Result<Done> outcome = source.SetFromCluster(c.config);
    if (c.message.empty()) {
      EXPECT_THAT(outcome, IsOk());
    } else {
      EXPECT_THAT(outcome, FailsWith(ErrorCode::kInvalidArgument, c.message));
    }
    EXPECT_EQ(source.Current()->client_ca, first->client_ca);
    EXPECT_EQ(source.Current()->front_proxy->ca, first->front_proxy->ca);
    EXPECT_EQ(source.Current()->front_proxy->allowed_names[0], "first");
  }
  // The other part is taken all the same.
  EXPECT_FALSE(source.SetFromCluster(Config("junk", Pem(), "third")));
  EXPECT_EQ(source.Current()->client_ca, first->client_ca);
  EXPECT_EQ(source.Current()->front_proxy->allowed_names[0], "third");
}

}  // namespace
}  // namespace sextant::auth
