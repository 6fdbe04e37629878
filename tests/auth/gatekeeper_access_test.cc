// What auth::Gatekeeper does once it knows who calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/launch_task.h"
#include "world.h"

namespace sextant::auth {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Checklist of the wire, 80.
TEST(Gatekeeper, AsksNothingForMastersAndOpenPaths) {
  Handshakes handshakes;
  const Certificate proxy = handshakes.Show(Proxy());
  const net::Headers master = {{"X-Remote-User", "root"},
                               {"X-Remote-Group", "system:masters"}};
  const struct {
    Certificate certificate;
    net::Headers headers;
    std::string target;
    bool asked;
  } kCases[] = {
      {proxy, master, kPods, false},
      {proxy, master, "/debug/explain?path=/x", false},
      {nullptr, {}, "/healthz", false},
      {nullptr, {}, "/livez?verbose", false},
      {nullptr, {}, "/readyz", false},
      {nullptr, {}, "/readyz/ping", true},
      {nullptr, {}, "/metrics", true},
      {nullptr, {}, "/debug/explain?path=/x", true},
      {proxy,
       {{"X-Remote-User", "bob"}, {"X-Remote-Group", "system:masters,x"}},
       kPods,
       true},
      {proxy, {{"X-Remote-User", "system:masters"}}, kPods, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    World world;
    world.access.verdict = {};
    const model::Admission admission =
        world.Admit(c.certificate, c.headers, c.target);
    EXPECT_EQ(world.access.asked.size(), c.asked ? 1U : 0U);
    EXPECT_EQ(admission.refusal.has_value(), c.asked);
  }
}

// Checklist of the wire, 81; refusals_test.cc has the texts.
TEST(Gatekeeper, RefusesWhatTheReviewRefuses) {
  for (const kube::Verdict& verdict :
       {kube::Verdict{false, false, "nope because"},
        kube::Verdict{false, true, "nope because"},
        kube::Verdict{true, true, "nope because"}}) {
    World world;
    world.access.verdict = verdict;
    const model::Admission admission =
        world.Admit(nullptr, {{"Authorization", "Bearer good"}});
    ASSERT_TRUE(admission.refusal);
    EXPECT_EQ(admission.refusal->error.code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(admission.refusal->error.message,
              "pods.custom.metrics.k8s.io \"web-0\" is forbidden: User "
              "\"carol\" cannot get resource \"pods/m\" in API group "
              "\"custom.metrics.k8s.io\" in the namespace \"default\": nope "
              "because");
    EXPECT_EQ(admission.refusal->name, "web-0");
    EXPECT_EQ(admission.caller.user, "carol");
    EXPECT_TRUE(admission.keep_connection);
  }
}

// Checklist of the wire, 72 and 82.
TEST(Gatekeeper, LetsNobodyInWhenTheReviewersAreDown) {
  World world;
  const net::Headers good = {{"Authorization", "Bearer good"}};
  world.access.failure =
      Error{ErrorCode::kUnavailable, "reviewing access: boom sar", "10.0.0.1"};
  const auto unsure = world.Admit(nullptr, good).refusal;
  ASSERT_TRUE(unsure);
  EXPECT_EQ(unsure->error.code, ErrorCode::kInternal);
  EXPECT_EQ(unsure->error.message, "Internal Server Error: \"" + kPods +
                                       "\": reviewing access: boom sar");

  world.clock.Advance(seconds(10));
  world.access.failure.reset();
  world.tokens.failure =
      Error{ErrorCode::kUnavailable, "reviewing a token: boom", ""};
  const auto unknown = world.Admit(nullptr, good).refusal;
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(unknown->error.message, "Unauthorized");
  EXPECT_EQ(unknown->error.detail, "reviewing a token: boom");

  // Health needs neither.
  EXPECT_FALSE(world.Admit(nullptr, {}, "/healthz").refusal);
  world.tokens.failure.reset();
  EXPECT_FALSE(world.Admit(nullptr, good).refusal);
}

TEST(Gatekeeper, RemembersBothAnswers) {
  World world;
  const net::Headers good = {{"Authorization", "Bearer good"}};
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(world.Admit(nullptr, good).refusal);
  }
  EXPECT_EQ(world.tokens.asked.size(), 1U);
  EXPECT_EQ(world.access.asked.size(), 1U);
  world.clock.Advance(seconds(10));
  EXPECT_FALSE(world.Admit(nullptr, good).refusal);
  EXPECT_EQ(world.tokens.asked.size(), 2U);
  EXPECT_EQ(world.access.asked.size(), 2U);
}

TEST(Gatekeeper, NeedsTheRequestOnlyAtFirst) {
  World world;
  world.tokens.takes = seconds(1);
  auto request = std::make_unique<net::Request>(
      World::Request(nullptr, {{"Authorization", "Bearer good"}}));
  auto started = LaunchTask(world.loop,
                            world.gatekeeper.Admit(*request, TimePoint::max()));
  request.reset();
  world.clock.Advance(seconds(1));
  ASSERT_TRUE(started.answer());
  EXPECT_EQ(started.answer()->caller.user, "carol");
}

// Checklist of the wire, 94: a caller who waits two seconds gets an answer in
// two seconds, and one with more time gets that of the same review.
TEST(Gatekeeper, RefusesAtTheRequestsDeadlineWhileAReviewHangs) {
  struct Case {
    const char* what;
    Duration token_takes;
    Duration access_takes;
  };
  const Case cases[] = {{"reviewing a token", seconds(5), seconds(0)},
                        {"reviewing access", seconds(0), seconds(5)}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    World world;
    world.tokens.takes = c.token_takes;
    world.access.takes = c.access_takes;
    const auto start = [&world](Duration patience) {
      return LaunchTask(
          world.loop,
          world.gatekeeper.Admit(
              World::Request(nullptr, {{"Authorization", "Bearer good"}}),
              world.clock.Now() + patience));
    };
    auto hasty = start(seconds(2));
    auto patient = start(seconds(20));
    world.clock.Advance(seconds(2));
    ASSERT_TRUE(hasty.answer());
    ASSERT_TRUE(hasty.answer()->refusal);
    const Error& error = hasty.answer()->refusal->error;
    EXPECT_EQ(error.code, ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(error.message,
              "Timeout: request did not complete within the allotted timeout");
    EXPECT_EQ(error.detail, std::string(c.what) + ": no answer in time");
    EXPECT_FALSE(patient.answer());
    world.clock.Advance(seconds(3));
    ASSERT_TRUE(patient.answer());
    EXPECT_FALSE(patient.answer()->refusal);
    EXPECT_EQ(world.tokens.asked.size(), 1U);
    EXPECT_EQ(world.access.asked.size(), 1U);
  }
}

// Checklist of the wire, 76.
TEST(Gatekeeper, KeepsCredentialsToItself) {
  World world;
  for (const std::string field :
       {"Bearer hidden-token", "Bearer hidden-token again",
        "Basic hidden-token"}) {
    const model::Admission admission =
        world.Admit(nullptr, {{"Authorization", field}}, "/healthz");
    if (!admission.refusal) continue;
    EXPECT_THAT(admission.refusal->error.message,
                Not(HasSubstr("hidden-token")));
    EXPECT_THAT(admission.refusal->error.detail,
                Not(HasSubstr("hidden-token")));
  }
  EXPECT_THAT(world.metrics.Text(), Not(HasSubstr("hidden-token")));
}

}  // namespace
}  // namespace sextant::auth
