// What api::Service says of itself: discovery, health, its own metrics.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sextant/base/text.h"
#include "support/source_dir.h"
#include "world.h"

namespace sextant::api {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServiceDocuments, ShowsTheIndexForWhatIsOutsideTheApis) {
  World world;
  const std::string index = BodyOf(world.Get("/"));
  EXPECT_THAT(index, HasSubstr("\"/readyz/shutdown\""));
  for (const char* path :
       {"/api", "/nope", "/apis/nobody", "/apis/nobody/v1", "/healthz/",
        "/readyz/nope", "//apis", "/openapi/v3/apis/nobody/v1"}) {
    SCOPED_TRACE(path);
    const net::Response response = world.Get(path);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(BodyOf(response), index);
  }
  EXPECT_EQ(world.Get("/").status, 200);
}

// Checklist, 2, 13 and 18; issue 3, 9.
TEST(ServiceDocuments, ServesDiscoveryWhileTheBackendHangs) {
  World world;
  world.backend.hanging = {""};
  world.Discover();
  ASSERT_GT(world.backend.waiting, 0u);
  net::Request metric;
  metric.method = "GET";
  metric.target = kPodForm;
  EXPECT_FALSE(world.Send(metric));
  for (const std::string& path :
       {std::string("/apis"), std::string("/apis/custom.metrics.k8s.io"), kCm1,
        kCm2, kEm1, std::string("/openapi/v2"), std::string("/openapi/v3"),
        std::string("/openapi/v3/apis/custom.metrics.k8s.io/v1beta1?hash=00"),
        std::string("/version"), std::string("/livez"), std::string("/healthz"),
        std::string("/metrics")}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(world.Get(path).status, 200);
  }
  EXPECT_THAT(BodyOf(world.Get(kCm1)), HasSubstr(R"("resources":[])"));  // 3
}

// Checklist, 7 to 10.
TEST(ServiceDocuments, ServesAggregatedDiscoveryWithTags) {
  World world;
  world.Discover();
  const std::string v2 =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const std::string v2beta1 =
      "application/json;g=apidiscovery.k8s.io;v=v2beta1;"
      "as=APIGroupDiscoveryList";
  const net::Response first =
      world.Get("/apis", {{"Accept", v2 + "," + v2beta1}});
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(*first.headers.Find("Content-Type"), v2);
  EXPECT_EQ(*first.headers.Find("Vary"), "Accept");
  EXPECT_EQ(*first.headers.Find("Cache-Control"), "public");
  const std::string etag = *first.headers.Find("ETag");
  EXPECT_THAT(BodyOf(first), HasSubstr(R"("subresource":"http_requests")"));

  const net::Response again =
      world.Get("/apis", {{"Accept", v2}, {"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, nullptr);
  EXPECT_EQ(*again.headers.Find("ETag"), etag);

  const net::Response old =
      world.Get("/apis", {{"Accept", v2beta1}, {"If-None-Match", etag}});
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(*old.headers.Find("Content-Type"), v2beta1);
  EXPECT_EQ(world.Get(kCm1, {{"If-None-Match", etag}}).status, 200);

  world.backend.series.pop_back();  // the external one
  world.Discover();
  const net::Response after =
      world.Get("/apis", {{"Accept", v2}, {"If-None-Match", etag}});
  EXPECT_EQ(after.status, 200);
  EXPECT_NE(*after.headers.Find("ETag"), etag);

  const net::Response legacy = world.Get("/apis");
  EXPECT_EQ(*legacy.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(nlohmann::json::parse(BodyOf(legacy))["kind"], "APIGroupList");
}

// Checklist, 16, 19 and 21.
TEST(ServiceDocuments, ServesOpenApiByItsHash) {
  World world;
  const std::string path = "/openapi/v3/apis/custom.metrics.k8s.io/v1beta1";
  const auto root = nlohmann::json::parse(BodyOf(world.Get("/openapi/v3")));
  const std::string url =
      root["paths"]["apis/custom.metrics.k8s.io/v1beta1"]["serverRelativeURL"];
  const net::Response plain = world.Get(path + "?timeout=32s");
  const net::Response named = world.Get(url + "&timeout=32s");
  const net::Response wrong = world.Get(path + "?hash=00");
  for (const net::Response* response : {&plain, &named, &wrong}) {
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(BodyOf(*response), BodyOf(plain));
    EXPECT_EQ(*response->headers.Find("ETag"), *plain.headers.Find("ETag"));
    EXPECT_EQ(*response->headers.Find("Cache-Control"),
              response == &named ? "public, immutable" : "no-cache, private");
    const std::string* expires = response->headers.Find("Expires");
    EXPECT_EQ(expires == nullptr ? "" : *expires,
              response == &named ? "Fri, 01 Jan 1971 00:16:40 GMT" : "");
  }
  for (const std::string& document : {std::string("/openapi/v2"), path}) {
    SCOPED_TRACE(document);
    const std::string etag = *world.Get(document).headers.Find("ETag");
    EXPECT_EQ(world.Get(document, {{"If-None-Match", etag}}).status, 304);
  }
}

// Checklist, 84 to 86.
TEST(ServiceDocuments, IsReadyBetweenTheFirstRoundAndTheEnd) {
  World world;
  const net::Response before = world.Get("/readyz");
  EXPECT_EQ(before.status, 500);
  EXPECT_EQ(BodyOf(before),
            "[+]ping ok\n"
            "[-]discovery failed: the first round of discovery has not ended\n"
            "[+]shutdown ok\n"
            "[-]rule/rules[0] not asked yet\n"
            "[-]rule/rules[1] not asked yet\n"
            "[-]rule/externalRules[0] not asked yet\n"
            "readyz check failed\n");
  EXPECT_EQ(world.Get("/readyz/discovery").status, 500);
  EXPECT_EQ(world.Get("/readyz/ping").status, 200);
  EXPECT_EQ(world.Get("/readyz?exclude=discovery").status, 200);
  EXPECT_EQ(world.Get("/livez").status, 200);

  world.Discover();
  EXPECT_EQ(BodyOf(world.Get("/readyz")), "ok");
  EXPECT_EQ(BodyOf(world.Get("/readyz?verbose")),
            "[+]ping ok\n[+]discovery ok\n[+]shutdown ok\n"
            "[+]rule/rules[0] ok (2 metrics)\n"
            "[+]rule/rules[1] ok (1 metric)\n"
            "[+]rule/externalRules[0] ok (1 metric)\n"
            "readyz check passed\n");
  EXPECT_EQ(BodyOf(world.Get("/livez?verbose")),
            "[+]ping ok\nlivez check passed\n");

  world.service.BeginShutdown();
  EXPECT_EQ(world.Get("/readyz").status, 500);
  EXPECT_EQ(world.Get("/readyz/shutdown").status, 500);
  EXPECT_EQ(world.Get("/livez").status, 200);
  EXPECT_EQ(world.Get(kCm1).status, 200);
}

TEST(ServiceDocuments, ShowsTheNotesOfOthersBehindThoseOfTheRules) {
  World world;
  world.Discover();
  world.notes = {"[-]config is not used: config.yaml:3:1: a slip"};
  EXPECT_EQ(BodyOf(world.Get("/readyz")), "ok");
  EXPECT_THAT(BodyOf(world.Get("/readyz?verbose")),
              HasSubstr("[+]rule/externalRules[0] ok (1 metric)\n"
                        "[-]config is not used: config.yaml:3:1: a slip\n"
                        "readyz check passed\n"));
}

TEST(ServiceDocuments, ServesTheGroupsOfAnotherConfiguration) {
  World world;
  world.Discover();
  const std::vector<std::string> external = {
      "/apis/external.metrics.k8s.io", kEm1,
      "/openapi/v3/apis/external.metrics.k8s.io/v1beta1"};
  world.service.SetServed({true, false});
  for (const std::string& path : external) {
    SCOPED_TRACE(path);
    EXPECT_EQ(world.Get(path).status, 404);
    EXPECT_THAT(BodyOf(world.Get("/")), Not(HasSubstr("external.metrics")));
  }
  EXPECT_THAT(BodyOf(world.Get("/apis")), Not(HasSubstr("external.metrics")));
  EXPECT_EQ(world.Get(kCm1).status, 200);

  world.service.SetServed({true, true});
  for (const std::string& path : external) {
    SCOPED_TRACE(path);
    EXPECT_EQ(world.Get(path).status, 200);
  }
  EXPECT_THAT(BodyOf(world.Get("/")), HasSubstr("external.metrics"));
  EXPECT_THAT(BodyOf(world.Get("/apis")), HasSubstr("external.metrics"));
}

// The gate may have to ask somebody.
TEST(ServiceDocuments, AnswersForAGroupThatGoesWhileARequestWaits) {
  boost::asio::io_context* loop = nullptr;
  World world(
      [&loop](const net::Request&, TimePoint) -> Task<model::Admission> {
        boost::asio::steady_timer turn(*loop, std::chrono::seconds(0));
        co_await turn.async_wait(boost::asio::use_awaitable);
        co_return model::Identity{};
      });
  loop = &world.loop;
  for (const std::string& path :
       {std::string("/apis/external.metrics.k8s.io"), kEm1,
        std::string("/openapi/v3/apis/external.metrics.k8s.io/v1beta1")}) {
    SCOPED_TRACE(path);
    world.service.SetServed({true, true});
    net::Request request;
    request.method = "GET";
    request.target = path;
    std::optional<net::Response> response;
    const auto ask = [](Service& service, net::Request asked,
                        std::optional<net::Response>& out) -> Task<void> {
      out = co_await service.Handle(std::move(asked));
    };
    Spawn(world.loop.get_executor(),
          ask(world.service, std::move(request), response));
    world.loop.restart();
    world.loop.run_one();
    world.service.SetServed({true, false});
    world.loop.restart();
    world.loop.run();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404);
  }
}

TEST(ServiceDocuments, StaysReadyWhenARuleFails) {
  World world;
  world.backend.failing.insert(
      {"", Error{ErrorCode::kUnavailable, "connection refused", ""}});
  world.Discover();
  EXPECT_EQ(world.Get("/readyz").status, 200);
  const std::string verbose = BodyOf(world.Get("/readyz?verbose"));
  EXPECT_THAT(verbose, HasSubstr("[-]rule/rules[0] failed: "));
  EXPECT_THAT(verbose, HasSubstr("connection refused"));
  EXPECT_THAT(verbose, HasSubstr("readyz check passed\n"));
}

TEST(ServiceDocuments, ShowsItsOwnMetrics) {
  World world;
  world.Discover();
  world.Get(kCm1);
  world.Get(kPodForm);
  world.Get("/nope?a=1");
  const net::Response response = world.Get("/metrics");
  EXPECT_EQ(*response.headers.Find("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"apiserver_request_total{code=\"200\",component=\"\",dry_run=\"\","
        "group=\"custom.metrics.k8s.io\",resource=\"\",scope=\"\","
        "subresource=\"/apis\",verb=\"GET\",version=\"v1beta1\"} 1\n",
        "apiserver_request_total{code=\"404\",component=\"\",dry_run=\"\","
        "group=\"custom.metrics.k8s.io\",resource=\"*\",scope=\"resource\","
        "subresource=\"*\",verb=\"GET\",version=\"v1beta1\"} 1\n",
        "apiserver_request_total{code=\"404\",component=\"\",dry_run=\"\","
        "group=\"\",resource=\"\",scope=\"\",subresource=\"\",verb=\"GET\","
        "version=\"\"} 1\n",
        "sextant_rule_metrics{rule=\"rules[0]\"} 2\n",
        "sextant_rule_last_success_timestamp_seconds{rule=\"rules[0]\"} "
        "1000\n"}) {
    EXPECT_THAT(BodyOf(response), HasSubstr(line));
  }
}

// docs/METRICS.md has a row for each, and no others.
TEST(ServiceDocuments, ShowsTheMetricsOfTheManual) {
  World world;
  world.Discover();
  world.Get(kPodForm);
  std::ifstream file(std::string(kSourceDir) + "/docs/METRICS.md");
  std::set<std::string> told;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::vector<std::string> cells = Split(line, '|');
    const std::string name(Trim(cells[1]));
    told.insert(name.substr(1, name.size() - 2) + " " +
                std::string(Trim(cells[2])));
  }
  // Those of real backends, of the cluster, of the gate, of files and of
  // certificates, which this world lacks.
  std::set<std::string> shown = {
      "prometheus_adapter_prometheus_client_request_duration_seconds "
      "histogram",
      "sextant_authentication_attempts_total counter",
      "sextant_backend_circuit_opened_total counter",
      "sextant_backend_failovers_total counter",
      "sextant_backend_not_asked_total counter",
      "sextant_backend_questions_in_flight gauge",
      "sextant_backend_questions_waiting gauge",
      "sextant_backend_requests_total counter",
      "sextant_backend_up gauge",
      "sextant_authentication_lookup_errors_total counter",
      "sextant_file_reload_errors_total counter",
      "sextant_file_reload_failed gauge",
      "sextant_file_reload_last_success_timestamp_seconds gauge",
      "sextant_kube_list_duration_seconds histogram",
      "sextant_kube_objects gauge",
      "sextant_kube_watch_restarts_total counter",
      "sextant_kube_watches gauge",
      "sextant_review_cache_requests_total counter",
      "sextant_review_duration_seconds histogram",
      "sextant_certificate_not_after_seconds gauge"};
  std::istringstream text(BodyOf(world.Get("/metrics")));
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("# TYPE ", 0) == 0) shown.insert(line.substr(7));
  }
  EXPECT_EQ(told, shown);
}

}  // namespace
}  // namespace sextant::api
