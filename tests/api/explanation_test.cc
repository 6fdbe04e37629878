#include "api/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "api/pretty.h"
#include "resource_world.h"
#include "sextant/base/text.h"
#include "support/golden.h"

namespace sextant::api {
namespace {

using ::testing::HasSubstr;

std::string Explain(World& world, const std::string& path) {
  const net::Response response =
      world.Get("/debug/explain?path=" + FormEscape(path));
  EXPECT_EQ(response.status, 200);
  return Pretty(BodyOf(response)) + "\n";
}

TEST(Explanation, HasAGoldenDocumentForEachEnding) {
  const struct {
    std::string name;
    std::string path;
  } kCases[] = {
      {"explain_value", kCm2 + "/namespaces/default/pods/*/http_requests"
                               "?labelSelector=app%3Dweb"},
      {"explain_no_rule", kCm1 + "/namespaces/default/pods/web-0/nope"},
      {"explain_bad_request",
       kCm1 + "/namespaces/default/pods/*/http_requests?labelSelector=%21%21"},
      {"explain_external",
       kEm1 + "/namespaces/default/status?labelSelector=queue%3Da"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    World world;
    world.Discover();
    model::QueryResult answer =
        Vector({{{{"pod", "web-0"}}, 1.5}, {{}, 7}}, world.clock.Now());
    answer.warnings = {"one block is missing"};
    world.backend.answer_to_others = answer;
    world.backend.recognition = {backend::FindDialect("victoriametrics"),
                                 "--backend says so"};
    ExpectGolden("api/" + c.name + ".json", Explain(world, c.path));
  }
}

// metrics.k8s.io: two rules, and what became of each sample of both.
TEST(Explanation, HasAGoldenDocumentForUsageToo) {
  const struct {
    std::string name;
    std::string path;
  } kCases[] = {
      {"explain_usage",
       kRm + "/namespaces/default/pods?labelSelector=app%3Dweb"},
      {"explain_usage_node", kRm + "/nodes/n1"},
      {"explain_usage_nothing", kRm + "/namespaces/default/pods/gone"},
      {"explain_usage_bad_request", kRm + "/nodes?labelSelector=%21%21"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    ResourceWorld world;
    world.backend.recognition = {backend::FindDialect("victoriametrics"),
                                 "--backend says so"};
    ExpectGolden("api/" + c.name + ".json", Explain(world, c.path));
  }
}

TEST(Explanation, OfSomethingElseIsRefusedWithAdvice) {
  World world;
  world.Discover();
  const struct {
    std::string target;
    std::string advice;
  } kCases[] = {
      {"/debug/explain", "the parameter path is missing; write "},
      {"/debug/explain?path=/healthz",
       "the path \\\"/healthz\\\" is not that of a metric; write "},
      {"/debug/explain?path=/debug/explain", "is not that of a metric"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    const net::Response response = world.Get(c.target);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(BodyOf(response), HasSubstr(c.advice));
  }
  world.service.SetServed({true, false});
  EXPECT_THAT(
      BodyOf(world.Get("/debug/explain?path=" + kEm1 + "/namespaces/d/m")),
      HasSubstr("the configuration has no externalRules"));
  EXPECT_THAT(BodyOf(world.Get("/debug/explain?path=" + kRm + "/nodes")),
              HasSubstr("the configuration has no resourceRules"));
}

// It shows what the backend holds, so it is asked for like any other path: the
// gate sees /debug/explain and may say no.
TEST(Explanation, IsNeverServedPastTheGate) {
  World world(
      [](const net::Request& request, TimePoint) -> Task<model::Admission> {
        if (request.target.rfind("/debug/", 0) == 0) {
          co_return Error{ErrorCode::kPermissionDenied, "no", ""};
        }
        co_return model::Identity{};
      });
  EXPECT_EQ(world.Get("/debug/explain?path=" + kPodForm).status, 403);
  EXPECT_THAT(world.backend.asked, ::testing::IsEmpty());
}

TEST(Explanation, IsForGetOnly) {
  World world;
  net::Request request;
  request.method = "POST";
  request.target = "/debug/explain?path=" + kPodForm;
  EXPECT_EQ(world.Send(std::move(request))->status, 405);
}

}  // namespace
}  // namespace sextant::api
