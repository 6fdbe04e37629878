// What api::Service does when more is asked than it may answer at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/launch_task.h"
#include "world.h"

namespace sextant::api {
namespace {

using testing::HasSubstr;

net::Request Request(const std::string& target) {
  net::Request request;
  request.method = "GET";
  request.target = target;
  return request;
}

// Checklist of the wire, 60 and 93.
TEST(ServiceOverload, RefusesWhatIsBeyondTheLimitAndNothingElse) {
  World world;
  world.Discover();
  world.backend.hanging = {""};
  std::vector<Started<net::Response>> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(
        LaunchTask(world.loop, world.service.Handle(Request(kPodForm))));
  }
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE(i);
    const auto& answer = slow[static_cast<std::size_t>(i)].answer();
    EXPECT_EQ(answer.has_value(), i >= 400);
    if (!answer) continue;
    EXPECT_EQ(answer->status, 429);
    EXPECT_EQ(*answer->headers.Find("Retry-After"), "1");
    EXPECT_EQ(
        BodyOf(*answer),
        Failure(R"("message":"Too many requests, please try again later.",)"
                R"("reason":"TooManyRequests",)"
                R"("details":{"retryAfterSeconds":1},"code":429)"));
  }

  for (const std::string& path :
       {std::string("/healthz"), std::string("/livez"), std::string("/readyz"),
        std::string("/metrics"), std::string("/apis"), kCm1, kEm1,
        std::string("/openapi/v2")}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(world.Get(path).status, 200);
  }
  EXPECT_THAT(
      world.metrics.Text(),
      HasSubstr(
          "apiserver_current_inflight_requests{request_kind=\"readOnly\"} "
          "400\n"));
  EXPECT_EQ(world.Get(kEm1 + "/namespaces/d/status").status, 429);

  world.backend.Release();
  world.clock.Settle();
  for (int i = 0; i < 400; ++i) {
    EXPECT_TRUE(slow[static_cast<std::size_t>(i)].answer()) << i;
  }
  EXPECT_EQ(world.Get(kEm1 + "/namespaces/d/status").status, 200);
}

// Checklist, 93: who repairs the cluster is not kept out by those who fill it.
TEST(ServiceOverload, NeverRefusesMembersOfSystemMasters) {
  bool master = false;
  World world(
      [&master](const net::Request&, TimePoint) -> Task<model::Admission> {
        co_return model::Identity{
            "jane", "", {master ? "system:masters" : "devs"}, {}};
      },
      {.max_requests_inflight = 1});
  world.Discover();
  world.backend.hanging = {""};
  Started<net::Response> slow =
      LaunchTask(world.loop, world.service.Handle(Request(kPodForm)));
  EXPECT_EQ(world.Get(kPodForm).status, 429);
  master = true;
  std::vector<Started<net::Response>> masters;
  for (int i = 0; i < 10; ++i) {
    masters.push_back(
        LaunchTask(world.loop, world.service.Handle(Request(kPodForm))));
    EXPECT_FALSE(masters.back().answer());
  }
  world.backend.Release();
  world.clock.Settle();
  for (const Started<net::Response>& answered : masters) {
    EXPECT_TRUE(answered.answer());
  }
}

TEST(ServiceOverload, GivesThePlaceBackWhenTheClientGoesAway) {
  World world(LetIn, {.max_requests_inflight = 1});
  world.Discover();
  world.backend.hanging = {""};
  Started<net::Response> slow =
      LaunchTask(world.loop, world.service.Handle(Request(kPodForm)));
  EXPECT_EQ(world.Get(kPodForm).status, 429);

  slow.Cancel();
  world.clock.Settle();
  ASSERT_TRUE(slow.Ended());
  world.backend.Release();
  EXPECT_EQ(world.Get(kPodForm).status, 404);
}

TEST(ServiceOverload, TakesEveryRequestWhenThereIsNoLimit) {
  World world(LetIn, {.max_requests_inflight = 0});
  world.Discover();
  world.backend.hanging = {""};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(world.Send(Request(kPodForm)));
  }
}

TEST(ServiceOverload, ListsNoMoreMetricsThanItShould) {
  World world(LetIn, {.max_listed_metrics = 0});
  world.Discover();
  EXPECT_THAT(BodyOf(world.Get(kCm1)), HasSubstr(R"("resources":[])"));
  world.backend.answer_to_others = Vector({{{{"pod", "web-0"}}, 1}});
  EXPECT_EQ(world.Get(kPodForm).status, 200);
}

}  // namespace
}  // namespace sextant::api
