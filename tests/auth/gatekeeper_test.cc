#include "sextant/auth/gatekeeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "world.h"

namespace sextant::auth {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;

// Checklist of the wire, 67 to 72.
TEST(Gatekeeper, KnowsWhoCalls) {
  Handshakes handshakes;
  const Certificate proxy = handshakes.Show(Proxy());
  const Certificate alice = handshakes.Show(
      TheAuthorities().users.IssueClient("alice", {"devs", "ops"}));
  const Certificate impostor =
      handshakes.Show(TheAuthorities().users.IssueClient("front-proxy-client"));
  const Certificate stranger =
      handshakes.Show(TheAuthorities().strangers.IssueClient("alice"));
  const net::Headers good = {{"Authorization", "Bearer good"}};
  const model::Identity carol{
      "carol", "u7", {"ops", "system:authenticated"}, {{"k", {"v"}}}};
  const model::Identity anonymous{
      "system:anonymous", "", {"system:unauthenticated"}, {}};
  const struct {
    std::string what;
    Certificate certificate;
    net::Headers headers;
    model::Identity want;
  } kCases[] = {
      {"the aggregator itself",
       proxy,
       {{"X-Remote-User", "system:aggregator"}},
       {"system:aggregator", "", {"system:authenticated"}, {}}},
      {"a user through the aggregator",
       proxy,
       {{"X-Remote-User", "bob"},
        {"X-Remote-Group", "a,b"},
        {"X-Remote-Group", "system:authenticated"},
        {"X-Remote-Uid", "u1"},
        {"X-Remote-Extra-Acme.com%2Fproject", "x"}},
       {"bob",
        "",
        {"a,b", "system:authenticated"},
        {{"acme.com/project", {"x"}}}}},
      {"nobody through the aggregator",
       proxy,
       {{"X-Remote-User", "system:anonymous"},
        {"X-Remote-Group", "system:unauthenticated"}},
       anonymous},
      {"the proxy's word goes before a token",
       proxy,
       With(good, "X-Remote-User", "bob"),
       {"bob", "", {"system:authenticated"}, {}}},
      {"a certificate goes before a token",
       alice,
       good,
       {"alice", "", {"devs", "ops", "system:authenticated"}, {}}},
      {"a certificate beside a bad token",
       alice,
       {{"Authorization", "Bearer bad"}},
       {"alice", "", {"devs", "ops", "system:authenticated"}, {}}},
      {"a user's certificate is no proxy's",
       alice,
       kForged,
       {"alice", "", {"devs", "ops", "system:authenticated"}, {}}},
      {"the proxy's name from the authority of users",
       impostor,
       kForged,
       {"front-proxy-client", "", {"system:authenticated"}, {}}},
      {"a token", nullptr, good, carol},
      {"a token beside forged headers", nullptr,
       With(kForged, "Authorization", "Bearer good"), carol},
      {"an unknown certificate and a token", stranger, good, carol},
      {"the proxy's certificate without a name, and a token", proxy, good,
       carol},
      {"nothing", nullptr, {}, anonymous},
      {"forged headers", nullptr, kForged, anonymous},
      {"Basic",
       nullptr,
       {{"Authorization", "Basic YWRtaW46c2VjcmV0"}},
       anonymous},
      {"Bearer without a token",
       nullptr,
       {{"Authorization", "Bearer "}},
       anonymous},
      {"impersonation",
       nullptr,
       {{"Impersonate-User", "admin"}, {"Impersonate-Group", "system:masters"}},
       anonymous},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    World world;
    const model::Admission admission = world.Admit(c.certificate, c.headers);
    EXPECT_FALSE(admission.refusal);
    model::Identity caller = admission.caller;
    const auto credential =
        caller.extra.find("authentication.kubernetes.io/credential-id");
    const bool by_certificate =
        c.certificate == alice || c.certificate == impostor;
    EXPECT_EQ(credential != caller.extra.end(), by_certificate);
    if (by_certificate) caller.extra.erase(credential);
    EXPECT_EQ(caller, c.want);
    // Whoever it is, the question is about him.
    ASSERT_EQ(world.access.asked.size(), 1U);
    EXPECT_EQ(world.access.asked[0].who, admission.caller);
    // Checklist, 96.
    EXPECT_EQ(admission.keep_connection,
              c.certificate == proxy || !(caller == anonymous));
  }
}

// Checklist of the wire, 64, 65, 73 and 96: ways to get in that are none.
TEST(Gatekeeper, AnswersFalseCredentialsWith401) {
  Handshakes handshakes;
  const TestCa& proxies = TheAuthorities().proxies;
  const Certificate proxy = handshakes.Show(Proxy());
  const struct {
    std::string what;
    Certificate certificate;
    net::Headers headers;
    std::string detail;
  } kCases[] = {
      {"signed by itself",
       handshakes.Show(*net::MakeSelfSigned({"front-proxy-client"}, RealNow())),
       kForged, "self-signed certificate"},
      {"another authority of the same name",
       handshakes.Show(
           TheAuthorities().strangers.IssueClient("front-proxy-client")),
       kForged, "unable to get local issuer certificate"},
      {"expired", handshakes.Show(ProxyAt(hours(-9))), kForged,
       "certificate has expired"},
      {"not yet valid", handshakes.Show(ProxyAt(hours(1))), kForged,
       "certificate is not yet valid"},
      {"a serving certificate as client's", handshakes.Show(ProxyForServing()),
       kForged, "unsuitable certificate purpose"},
      {"another common name", handshakes.Show(proxies.IssueClient("mallory")),
       kForged, "\"mallory\" is not an allowed name"},
      {"the allowed name as an organization",
       handshakes.Show(proxies.IssueClient("mallory", {"front-proxy-client"})),
       kForged, "\"mallory\" is not an allowed name"},
      {"the proxy without a user", proxy, {}, "client certificate: "},
      {"the proxy with an empty user",
       proxy,
       {{"X-Remote-User", ""}, {"X-Remote-Group", "system:masters"}},
       "client certificate: "},
      {"the proxy with two users",
       proxy,
       {{"X-Remote-User", "admin"}, {"X-Remote-User", "bob"}},
       "header X-Remote-User is there twice"},
      {"the proxy with a user under a similar name",
       proxy,
       {{"X_Remote_User", "admin"}},
       "client certificate: "},
      {"a user's serving certificate",
       handshakes.Show(TheAuthorities().users.IssueServer({"x"})),
       {},
       "unsuitable certificate purpose"},
      {"a bad token",
       nullptr,
       {{"Authorization", "Bearer bad"}},
       "nobody's token"},
      {"two tokens",
       nullptr,
       {{"Authorization", "Bearer good"}, {"Authorization", "Bearer bad"}},
       "header Authorization is there twice"},
      {"two tokens in one",
       nullptr,
       {{"Authorization", "Bearer good bad"}},
       "header Authorization holds no bearer token"},
      {"a bad token beside forged headers", nullptr,
       With(kForged, "Authorization", "Bearer bad"), "nobody's token"},
      {"an unknown certificate and a bad token",
       handshakes.Show(TheAuthorities().strangers.IssueClient("alice")),
       {{"Authorization", "Bearer bad"}},
       "nobody's token"},
  };
  for (const auto& c : kCases) {
    // Also for what everybody may have.
    for (const std::string& target : {kPods, std::string("/healthz")}) {
      SCOPED_TRACE(c.what + " " + target);
      World world;
      const model::Admission admission =
          world.Admit(c.certificate, c.headers, target);
      ASSERT_TRUE(admission.refusal);
      EXPECT_EQ(admission.refusal->error.code, ErrorCode::kUnauthenticated);
      EXPECT_EQ(admission.refusal->error.message, "Unauthorized");
      EXPECT_THAT(admission.refusal->error.detail, HasSubstr(c.detail));
      EXPECT_EQ(admission.caller.user, "");
      EXPECT_FALSE(admission.keep_connection);
      EXPECT_TRUE(world.access.asked.empty());
    }
  }
}

// Without an authority to compare with, a certificate says nothing.
TEST(Gatekeeper, DoesNotLookAtCertificatesWithoutAnAuthority) {
  Handshakes handshakes;
  const Certificate proxy = handshakes.Show(Proxy());
  World world;
  const TrustSource nobody;
  Gatekeeper gatekeeper({}, nobody, world.tokens, world.access, world.clock,
                        world.metrics);
  const auto admission = RunTask(
      world.loop,
      gatekeeper.Admit(World::Request(proxy, kForged), TimePoint::max()));
  EXPECT_EQ(admission->caller.user, "system:anonymous");
}

// Checklist of the wire, 74.
TEST(Gatekeeper, FollowsWhomToTrustOnOpenConnections) {
  Handshakes handshakes;
  const Certificate old_proxy = handshakes.Show(Proxy());
  const Certificate new_proxy = handshakes.Show(
      TheAuthorities().strangers.IssueClient("front-proxy-client"));
  World world;
  const net::Headers bob = {{"X-Remote-User", "bob"}};
  EXPECT_FALSE(world.Admit(old_proxy, bob).refusal);
  EXPECT_TRUE(world.Admit(new_proxy, bob).refusal);

  kube::AuthenticationConfig config = ClusterConfig();
  config.requestheader_ca_pem += TheAuthorities().strangers.certificate_pem();
  EXPECT_THAT(world.trust.SetFromCluster(config), IsOk());
  EXPECT_FALSE(world.Admit(old_proxy, bob).refusal);
  EXPECT_FALSE(world.Admit(new_proxy, bob).refusal);

  config.requestheader_ca_pem = TheAuthorities().strangers.certificate_pem();
  EXPECT_THAT(world.trust.SetFromCluster(config), IsOk());
  EXPECT_TRUE(world.Admit(old_proxy, bob).refusal);
  EXPECT_FALSE(world.Admit(new_proxy, bob).refusal);

  config.allowed_names = {"another-name"};
  EXPECT_THAT(world.trust.SetFromCluster(config), IsOk());
  EXPECT_TRUE(world.Admit(new_proxy, bob).refusal);

  // 66
  config.allowed_names = {};
  EXPECT_THAT(world.trust.SetFromCluster(config), IsOk());
  EXPECT_FALSE(world.Admit(new_proxy, bob).refusal);
}

TEST(Gatekeeper, RefusesACertificateThatHasEndedSinceTheHandshake) {
  Handshakes handshakes;
  const Certificate proxy = handshakes.Show(Proxy());
  World world;
  const net::Headers bob = {{"X-Remote-User", "bob"}};
  EXPECT_FALSE(world.Admit(proxy, bob).refusal);
  world.clock.Advance(hours(13));
  EXPECT_TRUE(world.Admit(proxy, bob).refusal);
}

TEST(Gatekeeper, CountsHowCallersProveWhoTheyAre) {
  Handshakes handshakes;
  const Certificate alice =
      handshakes.Show(TheAuthorities().users.IssueClient("alice"));
  World world;
  world.Admit(handshakes.Show(Proxy()), {{"X-Remote-User", "bob"}});
  world.Admit(alice, {});
  world.Admit(nullptr, {{"Authorization", "Bearer good"}});
  world.Admit(nullptr, {{"Authorization", "Bearer bad"}});
  world.Admit(nullptr, {});
  world.Admit(handshakes.Show(TheAuthorities().strangers.IssueClient("x")), {});
  const std::string text = world.metrics.Text();
  for (const char* series : {"method=\"front_proxy\",result=\"success\"} 1",
                             "method=\"front_proxy\",result=\"failure\"} 1",
                             "method=\"certificate\",result=\"success\"} 1",
                             "method=\"certificate\",result=\"failure\"} 1",
                             "method=\"token\",result=\"success\"} 1",
                             "method=\"token\",result=\"failure\"} 1",
                             "method=\"none\",result=\"success\"} 1"}) {
    EXPECT_THAT(text, HasSubstr("sextant_authentication_attempts_total{" +
                                std::string(series) + "\n"));
  }
}

}  // namespace
}  // namespace sextant::auth
