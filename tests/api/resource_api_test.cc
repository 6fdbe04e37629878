// metrics.k8s.io from the request to the answer.

#include "api/resource_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "api/resource_world.h"

namespace sextant::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kWeb0 =
    R"("metadata":{"name":"web-0","namespace":"default","creationTimestamp":)"
    R"("1970-01-01T00:16:40Z","labels":{"app":"web"}},)"
    R"("timestamp":"1970-01-01T00:16:40Z","window":"1m0s","containers":[)"
    R"({"name":"app","usage":{"cpu":"250m","memory":"2Ki"}}]})";
const std::string kN1 =
    R"("metadata":{"name":"n1","creationTimestamp":"1970-01-01T00:16:40Z"},)"
    R"("timestamp":"1970-01-01T00:16:40Z","window":"1m0s",)"
    R"("usage":{"cpu":"1500m","memory":"1Mi"}})";

std::string ListOf(const std::string& kind, const std::string& version,
                   const std::string& item) {
  return R"({"kind":")" + kind + R"(","apiVersion":"metrics.k8s.io/)" +
         version + R"(","metadata":{},"items":[)" +
         (item.empty() ? "" : "{" + item) + "]}\n";
}

// Checklist, 50.
TEST(ResourceApi, AnswersEveryFormInBothVersions) {
  ResourceWorld world;
  for (const std::string version : {"v1", "v1beta1"}) {
    const std::string rm = "/apis/metrics.k8s.io/" + version;
    const std::string item =
        R"(","apiVersion":"metrics.k8s.io/)" + version + R"(",)";
    const std::string pods = ListOf("PodMetricsList", version, kWeb0);
    const std::string no_pods = ListOf("PodMetricsList", version, "");
    const struct {
      std::string target;
      std::string body;
    } kCases[] = {
        {"/pods", pods},
        {"/namespaces/default/pods", pods},
        {"/namespaces/default/pods?labelSelector=app%3Dweb", pods},
        {"/namespaces/default/pods?labelSelector=app%3Dnone", no_pods},
        {"/namespaces/nowhere/pods?limit=500", no_pods},
        {"/pods?fieldSelector=metadata.name%3Dweb-0", pods},
        {"/pods?fieldSelector=metadata.namespace%3Dnowhere", no_pods},
        {"/namespaces/default/pods/web-0",
         R"({"kind":"PodMetrics)" + item + kWeb0 + "\n"},
        {"/nodes", ListOf("NodeMetricsList", version, kN1)},
        {"/nodes/n1", R"({"kind":"NodeMetrics)" + item + kN1 + "\n"},
    };
    for (const auto& c : kCases) {
      SCOPED_TRACE(rm + c.target);
      const net::Response response = world.Get(rm + c.target);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json");
      EXPECT_EQ(BodyOf(response), c.body);
    }
  }
}

TEST(ResourceApi, SaysWhatIsNotThere) {
  ResourceWorld world;
  const struct {
    std::string target;
    int status;
    std::string rest;
  } kCases[] = {
      {"/namespaces/default/pods/gone", 404,
       R"("message":"pods \"gone\" not found","reason":"NotFound","details":)"
       R"({"name":"gone","kind":"pods"},"code":404)"},
      {"/namespaces/default/pods/web-1", 404,
       R"("message":"podmetrics.metrics.k8s.io \"default/web-1\" not found",)"
       R"("reason":"NotFound","details":{"name":"default/web-1","group":)"
       R"("metrics.k8s.io","kind":"podmetrics"},"code":404)"},
      {"/nodes/gone", 404,
       R"("message":"nodes \"gone\" not found","reason":"NotFound","details":)"
       R"({"name":"gone","kind":"nodes"},"code":404)"},
      {"/pods?watch=true", 405,
       R"("message":"watch is not supported on resources of kind )"
       R"(\"pods.metrics.k8s.io\"","reason":"MethodNotAllowed","details":)"
       R"({"group":"metrics.k8s.io","kind":"pods"},"code":405)"},
      {"/services", 404,
       R"("message":"the server could not find the requested resource",)"
       R"("reason":"NotFound","details":{},"code":404)"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    const net::Response response = world.Get(kRm + c.target);
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(BodyOf(response), Failure(c.rest));
  }
}

// Not an empty list, as prometheus-adapter has it.
TEST(ResourceApi, SaysThatTheBackendIsDown) {
  ResourceWorld world;
  world.backend.failing.insert(
      {"", {ErrorCode::kUnavailable, "connection refused", ""}});
  for (const std::string target :
       {"/pods", "/nodes", "/namespaces/default/pods/web-0"}) {
    SCOPED_TRACE(target);
    const net::Response response = world.Get(kRm + target);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.Find("Retry-After"), nullptr);
    EXPECT_EQ(BodyOf(response),
              Failure(R"("message":"unable to fetch metrics: the backend of )"
                      R"(sextant does not answer, or not as it should",)"
                      R"("reason":"ServiceUnavailable","code":503)"));
  }
}

TEST(ResourceApi, IsATableForKubectl) {
  ResourceWorld world;
  const net::Headers accept = {
      {"Accept",
       "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}};
  const auto body = [&](const std::string& target) {
    const net::Response response = world.Get(kRm + target, accept);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json");
    return BodyOf(response);
  };
  EXPECT_THAT(body("/nodes"), HasSubstr(R"(["n1","1500m","1Mi","1m0s"])"));
  EXPECT_THAT(body("/namespaces/default/pods/web-0?includeObject=None"),
              HasSubstr(R"(["web-0","250m","2Ki","1m0s"],"object":null)"));
  EXPECT_THAT(body("/namespaces/nowhere/pods"),
              HasSubstr(R"("columnDefinitions":null,"rows":null)"));
  EXPECT_EQ(BodyOf(world.Get(kRm + "/nodes?includeObject=x", accept)),
            Failure(R"("message":"unrecognized includeObject value: \"x\"",)"
                    R"("reason":"BadRequest","code":400)"));
}

TEST(ResourceApi, IsProtobufForWhoTakesNothingElse) {
  ResourceWorld world;
  const net::Headers accept = {
      {"Accept", "application/vnd.kubernetes.protobuf"}};
  for (const std::string target : {"/nodes", "/nodes/n1"}) {
    SCOPED_TRACE(target);
    const net::Response response = world.Get(kRm + target, accept);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(*response.headers.Find("Content-Type"),
              "application/vnd.kubernetes.protobuf");
    EXPECT_EQ(BodyOf(response).substr(0, 4), std::string("k8s\0", 4));
  }
}

TEST(ResourceApi, IsThereOnlyWithResourceRules) {
  ResourceWorld world;
  EXPECT_THAT(BodyOf(world.Get("/apis")), HasSubstr("\"metrics.k8s.io\""));
  EXPECT_EQ(world.Get("/openapi/v3/apis/metrics.k8s.io/v1").status, 200);
  EXPECT_EQ(world.Get(kRm).status, 200);
  world.service.SetServed({true, true, false});
  EXPECT_THAT(BodyOf(world.Get("/apis")), Not(HasSubstr("\"metrics.k8s.io\"")));
  EXPECT_EQ(world.Get(kRm + "/pods").status, 404);
}

TEST(ResourceApi, CountsItsRequestsByResourceAndScope) {
  ResourceWorld world;
  for (const std::string target :
       {"/pods", "/namespaces/default/pods", "/namespaces/default/pods/web-0",
        "/nodes"}) {
    EXPECT_EQ(world.Get(kRm + target).status, 200);
  }
  const std::string text = world.metrics.Text();
  const auto row = [](const std::string& resource, const std::string& scope,
                      const std::string& verb) {
    return "apiserver_request_total{code=\"200\",component=\"\",dry_run=\"\","
           "group=\"metrics.k8s.io\",resource=\"" +
           resource + "\",scope=\"" + scope + "\",subresource=\"\",verb=\"" +
           verb + "\",version=\"v1beta1\"} 1\n";
  };
  EXPECT_THAT(text, HasSubstr(row("pods", "cluster", "LIST")));
  EXPECT_THAT(text, HasSubstr(row("pods", "namespace", "LIST")));
  EXPECT_THAT(text, HasSubstr(row("pods", "resource", "GET")));
  EXPECT_THAT(text, HasSubstr(row("nodes", "cluster", "LIST")));
  EXPECT_THAT(text, HasSubstr("metrics_apiserver_metric_freshness_seconds_"
                              "count{group=\"metrics.k8s.io\"} 4"));
}

}  // namespace
}  // namespace sextant::api
