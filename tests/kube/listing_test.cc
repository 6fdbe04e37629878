#include "kube/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "fake_watches.h"
#include "fixture.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPath[] = "/api/v1/namespaces/shop/pods";

struct World : Fixture {
  Started<Result<Listing>> Start(const std::string& selector = "") {
    return LaunchTask(
        loop, ListObjects(client, clock, {}, {"", "v1", "pods", true, "shop"},
                          selector, "", deadline));
  }

  std::vector<std::string> Queries() const {
    std::vector<std::string> queries;
    for (const auto& request : http.requests) {
      queries.push_back(request.url.query);
    }
    return queries;
  }
};

std::vector<std::string> NamesOf(const Listing& listing) {
  return listing.store->Names({});
}

TEST(ListObjects, TakesPageAfterPage) {
  World world;
  world.http.piece = 10;
  world.http.AnswerInTurn(
      kPath, {ListReply("7", {ObjectJson("shop", "web-0")}, "more"),
              ListReply("7", {ObjectJson("shop", "web-1")}, "last"),
              ListReply("7", {ObjectJson("shop", "web-2")})});
  const auto answer = world.Start("app=web").answer();
  ASSERT_THAT(*answer, IsOk());
  EXPECT_THAT(NamesOf(**answer), ElementsAre("web-0", "web-1", "web-2"));
  EXPECT_EQ((*answer)->resource_version, "7");
  EXPECT_THAT(world.Queries(),
              ElementsAre("labelSelector=app%3Dweb&limit=500",
                          "labelSelector=app%3Dweb&limit=500&continue=more",
                          "labelSelector=app%3Dweb&limit=500&continue=last"));
}

TEST(ListObjects, BeginsAgainInOnePieceWhenItsTokenIsTooOld) {
  World world;
  world.http.AnswerInTurn(kPath,
                          {ListReply("7", {ObjectJson("shop", "gone")}, "more"),
                           StatusReply(410, "the token is too old"),
                           ListReply("9", {ObjectJson("shop", "web-1")})});
  const auto answer = world.Start().answer();
  ASSERT_THAT(*answer, IsOk());
  EXPECT_THAT(NamesOf(**answer), ElementsAre("web-1"));
  EXPECT_EQ((*answer)->resource_version, "9");
  EXPECT_THAT(world.Queries(),
              ElementsAre("limit=500", "limit=500&continue=more", ""));
}

TEST(ListObjects, AsksAgainForAPageThatFailedForAReasonThatMayPass) {
  FakeReply broken = ListReply("7", {ObjectJson("shop", "web-0")});
  broken.body.resize(90);
  broken.error = Error{ErrorCode::kUnavailable, "the connection broke", ""};
  World world;
  world.http.AnswerInTurn(kPath,
                          {broken, StatusReply(429, "slowly"),
                           ListReply("7", {ObjectJson("shop", "web-0")})});
  const auto listing = world.Start();
  EXPECT_FALSE(listing.answer());
  world.clock.Advance(std::chrono::seconds(10));
  world.clock.Advance(std::chrono::seconds(10));
  ASSERT_TRUE(listing.answer());
  ASSERT_THAT(*listing.answer(), IsOk());
  EXPECT_THAT(NamesOf(**listing.answer()), ElementsAre("web-0"));
  EXPECT_EQ(world.http.requests.size(), 3u);
}

TEST(ListObjects, SaysWhyItFailed) {
  struct Case {
    FakeReply reply;
    ErrorCode code;
    std::string message;
  };
  const std::string listing = "listing pods in namespace \"shop\": ";
  const Case cases[] = {
      {StatusReply(403, "no"), ErrorCode::kPermissionDenied,
       "sextant may not list pods in namespace \"shop\"; its ClusterRole needs "
       "the rule - {apiGroups: [\"\"], resources: [\"pods\"], verbs: "
       "[\"list\", \"watch\"]}"},
      {StatusReply(410, "too old"), ErrorCode::kUnavailable,
       listing + "too old"},
      {ListReply("7", {}, "same"), ErrorCode::kUnavailable,
       listing + "the API server's list does not end"},
      {{.body = "<html>"},
       ErrorCode::kUnavailable,
       listing + "the API server's list cannot be read: not JSON: syntax "
                 "error"},
      {{.body = "{}"},
       ErrorCode::kUnavailable,
       listing + "the API server's list cannot be read: it has no items"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.message);
    World world;
    world.http.Answer(kPath, c.reply);
    const auto listed = world.Start();
    for (int i = 0; i < 6; ++i) world.clock.Advance(std::chrono::seconds(5));
    ASSERT_TRUE(listed.answer());
    EXPECT_THAT(*listed.answer(), FailsWith(c.code, c.message));
  }
}

}  // namespace
}  // namespace sextant::kube
