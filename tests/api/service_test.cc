#include "sextant/api/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "world.h"

namespace sextant::api {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

TEST(Service, AnswersTheControllersRequestForPods) {
  World world;
  world.Discover();
  world.backend.answer_to_others =
      Vector({{{{"pod", "web-0"}}, 1.5}, {{{"pod", "web-1"}}, 2000}},
             TimePoint(seconds(999)));
  const std::string query =
      "/namespaces/default/pods/%2A/http_requests?labelSelector=app%3Dweb&"
      "metricLabelSelector=verb%3DGET";
  const net::Headers controller = {
      {"Accept", "application/vnd.kubernetes.protobuf, */*"}};

  const net::Response v1 = world.Get(kCm1 + query, controller);
  EXPECT_EQ(v1.status, 200);
  EXPECT_EQ(*v1.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(
      BodyOf(v1),
      R"({"kind":"MetricValueList","apiVersion":"custom.metrics.k8s.io/v1beta1",)"
      R"("metadata":{},"items":[{"describedObject":{"kind":"Pod","namespace":)"
      R"("default","name":"web-0","apiVersion":"/v1"},"metricName":)"
      R"("http_requests","timestamp":"1970-01-01T00:16:39Z","value":"1500m",)"
      R"("selector":{"matchLabels":{"verb":"GET"}}},{"describedObject":{"kind":)"
      R"("Pod","namespace":"default","name":"web-1","apiVersion":"/v1"},)"
      R"("metricName":"http_requests","timestamp":"1970-01-01T00:16:39Z",)"
      R"("value":"2k","selector":{"matchLabels":{"verb":"GET"}}}]})"
      "\n");
  EXPECT_EQ(world.backend.asked.back(),
            "query sum(http_requests{verb=\"GET\",namespace=\"default\","
            "pod=~\"web-0|web-1\"}) by (pod)");

  // Checklist of the wire, 28.
  const auto v2 = nlohmann::json::parse(BodyOf(world.Get(kCm2 + query)));
  EXPECT_EQ(v2["apiVersion"], "custom.metrics.k8s.io/v1beta2");
  EXPECT_EQ(v2["items"][0]["metric"]["name"], "http_requests");
  EXPECT_EQ(v2["items"][1]["value"], "2k");
}

// Checklist, 22, 23, 26, 27, 36, 39: one item of each form.
TEST(Service, AnswersEveryFormOfPath) {
  const struct {
    std::string path;
    model::Labels sample;
    const char* query;
    const char* item;  // its beginning
  } kCases[] = {
      {kPodForm,
       {{"pod", "web-0"}},
       "sum(http_requests{namespace=\"default\",pod=\"web-0\"}) by (pod)",
       R"({"describedObject":{"kind":"Pod","namespace":"default",)"
       R"("name":"web-0","apiVersion":"/v1"})"},
      {kPodForm + "/",
       {{"pod", "web-0"}},
       "sum(http_requests{namespace=\"default\",pod=\"web-0\"}) by (pod)",
       R"({"describedObject":{"kind":"Pod","namespace":"default")"},
      {kCm1 + "/namespaces/default/metrics/http_requests",
       {{"namespace", "default"}},
       "sum(http_requests{namespace=\"default\"}) by (namespace)",
       R"({"describedObject":{"kind":"Namespace","name":"default",)"
       R"("apiVersion":"/v1"})"},
      {kCm1 + "/nodes/n1/a%7Cb:c",
       {{"node", "n1"}},
       "sum(node_load{node=\"n1\"}) by (node)",
       R"({"describedObject":{"kind":"Node","name":"n1","apiVersion":"/v1"},)"
       R"("metricName":"a|b:c")"},
      {kCm1 + "/nodes/*/a%7Cb%3Ac",
       {{"node", "n1"}},
       "sum(node_load{node=\"n1\"}) by (node)",
       R"({"describedObject":{"kind":"Node","name":"n1")"},
      {kEm1 + "/namespaces/default/status?labelSelector=q%3D42",
       {{"q", "42"}},
       "queue_depth{q=\"42\"}",
       R"({"metricName":"status","metricLabels":{"q":"42"})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    World world;
    world.Discover();
    world.backend.answers.insert({c.query, Vector({{c.sample, 1}})});
    const net::Response response = world.Get(c.path);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(BodyOf(response),
                HasSubstr(std::string(R"("items":[)") + c.item));
    EXPECT_EQ(world.backend.asked.back(), std::string("query ") + c.query);
  }
}

// The wire's sections 3.3 and 6.1; numbers of its checklist.
TEST(Service, RefusesAsTheFrameworkDoes) {
  const std::string no_path =
      R"("message":"the server could not find the requested resource",)"
      R"("reason":"NotFound","details":{},"code":404)";
  const std::string no_method =
      R"("message":"the server does not allow this method on the requested )"
      R"(resource","reason":"MethodNotAllowed","details":{},"code":405)";
  const std::string invalid_path =
      R"("message":"invalid request path","reason":"BadRequest","code":400)";
  const auto bad = [](const std::string& message) {
    return R"("message":")" + message + R"(","reason":"BadRequest","code":400)";
  };
  const struct {
    const char* why;
    const char* method;
    std::string target;
    int status;
    std::string status_body;
  } kCases[] = {
      {"3.3", "GET", kCm1 + "/foo", 404, no_path},
      {"3.3", "GET", kCm1 + "/namespaces/ns/pods/bar", 404, no_path},
      {"3.3", "GET", "/apis/custom.metrics.k8s.io/v9", 404, no_path},
      {"24", "GET", kEm1 + "/namespaces/d/a/b", 404, no_path},
      {"24", "GET", kEm1 + "/namespaces/d/a%2Fb", 404, no_path},
      {"37", "GET", kCm1 + "/namespaces//m", 404, no_path},
      {"3.3", "GET", kCm1 + "/namespaces/default/http_requests", 400,
       invalid_path},
      {"13.4", "GET", kCm1 + "/namespaces/default/metrics/", 400, invalid_path},
      {"6.1", "GET", kCm1 + "/namespaces/default/pods/web-0/nf", 404,
       R"("message":"the server could not find the metric nf for pods",)"
       R"("reason":"NotFound","code":404)"},
      {"6.1", "GET", kPodForm, 404,
       R"("message":"the server could not find the metric http_requests for )"
       R"(pods web-0","reason":"NotFound","code":404)"},
      {"31", "GET", kPodForm + "?labelSelector=!!", 400,
       bad("unable to parse requirement: found '!', expected: identifier")},
      {"31", "GET", kPodForm + "?metricLabelSelector=!!", 400,
       bad("unable to parse requirement: found '!', expected: identifier")},
      {"31", "GET", kEm1 + "/namespaces/d/status?labelSelector=!!", 400,
       bad("unable to parse requirement: found '!', expected: identifier")},
      {"33", "GET", kPodForm + "?limit=abc", 400,
       bad(R"(strconv.ParseInt: parsing \"abc\": invalid syntax)")},
      {"3.3", "GET", kPodForm + "?timeout=abc", 400,
       bad(R"(invalid timeout specified in the request URL - time: invalid )"
           R"(duration \"abc\")")},
      {"3.3", "GET", "/apis?timeout=abc", 400,
       bad(R"(invalid timeout specified in the request URL - time: invalid )"
           R"(duration \"abc\")")},
      {"3.3", "GET", kPodForm + "?fieldSelector=metadata.name%3Dx", 400,
       bad("fieldSelector metadata.name doesn't match requested name")},
      {"34", "GET", kEm1 + "/namespaces/d/status?watch=true", 405,
       R"("message":"watch is not supported on resources of kind )"
       R"(\"*.external.metrics.k8s.io\"","reason":"MethodNotAllowed",)"
       R"("details":{"group":"external.metrics.k8s.io","kind":"*"},"code":405)"},
      {"35", "POST", kPodForm, 405, no_method},
      {"35", "PUT", kPodForm, 405, no_method},
      {"35", "PATCH", kPodForm, 405, no_method},
      {"35", "DELETE", kEm1 + "/namespaces/d/status", 405, no_method},
      {"35", "HEAD", kPodForm, 405, no_method},
      {"35", "OPTIONS", kCm1, 405, no_method},
      {"13.13", "GOT", "/apis", 405, no_method},
      {"1.2", "POST", "/version", 405, no_method},
      {"1.2", "POST", "/metrics", 405, no_method},
      {"1.2", "DELETE", "/", 405, no_method},
      {"3.3", "POST", kCm1 + "/foo", 404, no_path},
  };
  World world;
  world.Discover();
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.why) + ": " + c.method + " " + c.target);
    net::Request request;
    request.method = c.method;
    request.target = c.target;
    const std::optional<net::Response> response = world.Send(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.status);
    EXPECT_EQ(BodyOf(*response), Failure(c.status_body));  // 57
    EXPECT_EQ(*response->headers.Find("Content-Type"), "application/json");
    EXPECT_EQ(response->headers.Find("Allow") != nullptr, c.status == 405);
  }
}

TEST(Service, AnswersABadEscapeInThePathInPlainText) {
  World world;
  const net::Response response = world.Get("/apis/%ZZ");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(BodyOf(response), "400 Bad Request");
  EXPECT_EQ(*response.headers.Find("Content-Type"),
            "text/plain; charset=utf-8");
}

// Checklist, 51 to 54.
TEST(Service, NegotiatesJsonAndNothingElse) {
  World world;
  world.Discover();
  world.backend.answer_to_others = Vector({{{{"pod", "web-0"}}, 1}});
  const struct {
    const char* accept;
    int status;
  } kCases[] = {
      {"application/vnd.kubernetes.protobuf, */*", 200},
      {"application/vnd.kubernetes.protobuf,application/json", 200},
      {"application/json, */*", 200},
      {"application/json", 200},
      {"*/*", 200},
      {"application/json;q=0,*/*", 200},
      {"application/json;as=Table;v=v1;g=meta.k8s.io,"
       "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
       200},
      {"application/json;as=Table;v=v1;g=meta.k8s.io,application/json", 200},
      {"application/yaml", 406},
      {"text/html", 406},
  };
  for (const auto& c : kCases) {
    for (const std::string& path :
         {kPodForm, kEm1 + "/namespaces/d/status", kCm2, std::string("/apis"),
          std::string("/apis/custom.metrics.k8s.io")}) {
      SCOPED_TRACE(path + " " + c.accept);
      const net::Response response = world.Get(path, {{"Accept", c.accept}});
      EXPECT_EQ(response.status, c.status);
      EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json");
      if (c.status != 406) continue;
      const bool metrics = path.find("namespaces") != std::string::npos;
      const std::string more =
          metrics ? ", application/vnd.kubernetes.protobuf" : "";
      EXPECT_EQ(BodyOf(response),
                Failure(R"("message":"406: Not Acceptable\n\nAvailable )"
                        R"(representations: application/json)" +
                        more +
                        R"(","reason":"NotAcceptable","details":{},)"
                        R"("code":406)"));
    }
  }
  const net::Response openapi =
      world.Get("/openapi/v2", {{"Accept", "text/html"}});
  EXPECT_EQ(openapi.status, 406);
  EXPECT_EQ(openapi.body, nullptr);
}

// Checklist, 56.
TEST(Service, WritesProtobufForWhoTakesNothingElse) {
  World world;
  world.Discover();
  world.backend.answer_to_others = Vector({{{{"pod", "web-0"}}, 1}});
  const net::Headers accept = {
      {"Accept", "application/vnd.kubernetes.protobuf"}};
  for (const std::string& path : {kPodForm, kEm1 + "/namespaces/d/status"}) {
    SCOPED_TRACE(path);
    const net::Response response = world.Get(path, accept);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(*response.headers.Find("Content-Type"),
              "application/vnd.kubernetes.protobuf");
    EXPECT_EQ(BodyOf(response).substr(0, 4), std::string("k8s\0", 4));
  }
  EXPECT_EQ(world.Get(kCm1, accept).status, 406);
  for (const std::string& path :
       {kCm1 + "/namespaces/d/pods/web-0/nothing", kCm1 + "/pods/x/y/z/a"}) {
    SCOPED_TRACE(path);
    const net::Response failure = world.Get(path, accept);
    EXPECT_EQ(failure.status, 404);
    EXPECT_EQ(*failure.headers.Find("Content-Type"),
              "application/vnd.kubernetes.protobuf");
    EXPECT_THAT(BodyOf(failure), HasSubstr("Failure"));
    EXPECT_EQ(BodyOf(failure).substr(0, 4), std::string("k8s\0", 4));
  }
}

// Checklist, 59 and 61.
TEST(Service, SaysThatTheBackendFailedWithoutRetryAfter) {
  World world;
  world.Discover();
  world.backend.failing.insert(
      {"", Error{ErrorCode::kUnavailable, "connection refused", ""}});
  const net::Response response = world.Get(kPodForm);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(
      BodyOf(response),
      Failure(R"("message":"Internal error occurred: unable to fetch metrics",)"
              R"("reason":"InternalError",)"
              R"("details":{"causes":[{"message":"unable to fetch metrics"}]},)"
              R"("code":500)"));
  EXPECT_EQ(response.headers.Find("Retry-After"), nullptr);
}

// Checklist, 94.
TEST(Service, WaitsAsLongAsTheClientDoes) {
  const struct {
    const char* query;
    Duration patience;
  } kCases[] = {{"?timeout=2s", seconds(2)}, {"", seconds(60)}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    World world;
    world.Discover();
    world.backend.hanging = {""};
    std::optional<net::Response> response;
    const auto ask = [](World* w, std::string target,
                        std::optional<net::Response>* out) -> Task<void> {
      net::Request request;
      request.method = "GET";
      request.target = std::move(target);
      *out = co_await w->service.Handle(std::move(request));
    };
    Spawn(world.loop.get_executor(),
          ask(&world, kPodForm + c.query, &response));
    world.clock.Advance(c.patience - Duration(1));
    EXPECT_FALSE(response);
    world.clock.Advance(Duration(1));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 504);
    EXPECT_EQ(BodyOf(*response),
              Failure(R"("message":"Timeout: request did not complete within )"
                      R"(the allotted timeout","reason":"Timeout",)"
                      R"("details":{},"code":504)"));
    EXPECT_EQ(response->headers.Find("Retry-After"), nullptr);
  }
}

// The wire's section 1.2; checklist, 91.
TEST(Service, SendsTheHeadersOfEveryAnswer) {
  World world;
  world.Discover();
  for (const std::string& path :
       {std::string("/"), std::string("/apis"), kCm1, kPodForm,
        std::string("/readyz"), std::string("/metrics"), std::string("/nope"),
        std::string("/version"), std::string("/openapi/v2"),
        std::string("/%zz")}) {
    SCOPED_TRACE(path);
    const net::Response response =
        world.Get(path, {{"Audit-ID", "30045459-5883-465b-a3f1-4b9e904819a1"},
                         {"Accept-Encoding", "gzip"}});
    // What is short is left as it is, but for these two (checklist, 55).
    EXPECT_EQ(response.headers.Find("Content-Encoding") != nullptr,
              path == "/metrics" || path == "/openapi/v2");
    EXPECT_EQ(world.Get(path, {}).headers.Find("Content-Encoding"), nullptr);
    EXPECT_EQ(*response.headers.Find("Audit-Id"),
              "30045459-5883-465b-a3f1-4b9e904819a1");
    EXPECT_EQ(*response.headers.Find("Cache-Control"), "no-cache, private");
    EXPECT_NE(response.headers.Find("Content-Type"), nullptr);
  }
  EXPECT_EQ(world.Get("/apis").headers.Find("Audit-Id")->size(), 36u);
}

TEST(Service, IndentsForPeople) {
  World world;
  world.Discover();
  EXPECT_EQ(BodyOf(world.Get("/version", {{"User-Agent", "curl/7.88.1"}})),
            "{\n  \"major\": \"\",\n  \"minor\": \"\",\n  \"gitVersion\": "
            "\"v\"\n}");
  EXPECT_THAT(BodyOf(world.Get(kCm1 + "/foo?pretty=1")),
              HasSubstr("\n  \"status\": \"Failure\","));
  EXPECT_THAT(BodyOf(world.Get(kCm1 + "/foo?pretty=false",
                               {{"User-Agent", "curl/7.88.1"}})),
              Not(HasSubstr("\n  ")));
}

TEST(Service, LetsNobodyPastTheGate) {
  std::vector<std::string> seen;
  World world([&seen](const net::Request& request,
                      TimePoint) -> Task<model::Admission> {
    seen.push_back(request.target);
    co_return Error{ErrorCode::kUnauthenticated, "Unauthorized", "bad token"};
  });
  for (const std::string& path :
       {kPodForm, kCm1, std::string("/apis"), std::string("/readyz"),
        std::string("/metrics"), std::string("/nope"), std::string("/")}) {
    SCOPED_TRACE(path);
    const net::Response response = world.Get(path);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(BodyOf(response),
              Failure(R"("message":"Unauthorized","reason":"Unauthorized",)"
                      R"("code":401)"));
  }
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_TRUE(world.backend.asked.empty());
}

// Checklist, 94: reviews of a caller have no more time than his request.
TEST(Service, TellsTheGateHowMuchTimeThereIs) {
  const struct {
    const char* query;
    Duration patience;
    int status;
  } kCases[] = {{"?timeout=2s", seconds(2), 200},
                {"", seconds(60), 200},
                {"?timeout=soon", seconds(60), 400}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    std::optional<TimePoint> told;
    World world([&told](const net::Request&,
                        TimePoint deadline) -> Task<model::Admission> {
      told = deadline;
      co_return model::Identity{};
    });
    EXPECT_EQ(world.Get(kCm1 + c.query).status, c.status);
    EXPECT_EQ(told, world.clock.Now() + c.patience);
  }
}

// Checklist, 81 and 96.
TEST(Service, SaysWhatMayNotBeTouchedAndEndsStrangersConnections) {
  std::optional<model::Admission> admission;
  World world(
      [&admission](const net::Request&, TimePoint) -> Task<model::Admission> {
        co_return *admission;
      });
  world.Discover();
  admission = model::Admission(model::Identity{"jane", "", {}, {}});
  EXPECT_EQ(world.Get("/apis").headers.Find("Connection"), nullptr);

  admission->keep_connection = false;
  const net::Response let_in = world.Get("/apis");
  EXPECT_EQ(let_in.status, 200);
  EXPECT_EQ(*let_in.headers.Find("Connection"), "close");

  admission->refusal = model::Refusal{{ErrorCode::kPermissionDenied, "no", ""},
                                      "web-0",
                                      "pods",
                                      "custom.metrics.k8s.io"};
  const net::Response refused = world.Get(kPodForm);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(*refused.headers.Find("Connection"), "close");
  EXPECT_EQ(*refused.headers.Find("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(BodyOf(refused),
            Failure(R"("message":"no","reason":"Forbidden","details":{)"
                    R"("name":"web-0","group":"custom.metrics.k8s.io",)"
                    R"("kind":"pods"},"code":403)"));
}

// Checklist, 62.
TEST(Service, SurvivesAnException) {
  World world([](const net::Request&, TimePoint) -> Task<model::Admission> {
    throw std::runtime_error("secret cause");
    co_return model::Identity{};
  });
  const net::Response response = world.Get(kPodForm);
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(BodyOf(response), HasSubstr(R"("reason":"InternalError")"));
  EXPECT_THAT(BodyOf(response), Not(HasSubstr("secret cause")));
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_http_handler_failures_total 1\n"));
}

TEST(Service, UnwindsWhenItIsCancelled) {
  World world([](const net::Request&, TimePoint) -> Task<model::Admission> {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
    co_return model::Identity{};
  });
  net::Request request;
  request.method = "GET";
  request.target = "/apis";
  EXPECT_FALSE(world.Send(request));
  EXPECT_THAT(world.metrics.Text(), Not(HasSubstr("apiserver_request_total{")));
}

}  // namespace
}  // namespace sextant::api
