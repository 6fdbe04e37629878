// How it is found out what a backend is.

#include "backend/dialect_finder.h"

#include <gmock/gmock.h>

#include "backend/fixture.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const char kBuild[] = "/api/v1/status/buildinfo";
const char kEmptyVector[] =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";

std::vector<std::string> Paths(const FakeHttpClient& client) {
  std::vector<std::string> paths;
  for (const net::ClientRequest& request : client.requests) {
    paths.push_back(request.url.Target());
  }
  return paths;
}

TEST(DialectFinder, KnowsSomeByTheirUrl) {
  const struct {
    const char* url;
    const char* dialect;  // "": must be asked
    const char* why = "";
  } cases[] = {
      {"http://prometheus:9090", ""},
      {"http://h/prometheus", ""},
      {"http://vmselect:8481/select/0/prometheus", "victoriametrics",
       "its URL has /select/ in it"},
      {"https://prometheus-prod-01.grafana.net/api/prom", "mimir",
       "its host ends in .grafana.net"},
      {"https://PROM.Grafana.Net/x", "mimir", "its host ends in .grafana.net"},
      {"http://cortex/api/prom", "mimir", "its URL has /api/prom in it"},
      {"https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1234",
       "amazon", "its URL has /workspaces/ws- in it"},
      {"http://grafana.net.evil.test/", ""},
      {"https://monitoring.googleapis.com/v1/projects/p/location/global/"
       "prometheus",
       "google", "its URL has /location/global/prometheus in it"},
      {"https://ws-a1b2.westeurope.prometheus.monitor.azure.com", "azure",
       "its host ends in .prometheus.monitor.azure.com"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.url);
    const DialectFinder finder(nullptr, *net::Url::Parse(c.url));
    const Recognition found = finder.current();
    const bool known = std::string(c.dialect) != "";
    EXPECT_EQ(finder.ShouldAsk(TimePoint()), !known);
    EXPECT_EQ(found.dialect,
              known ? FindDialect(c.dialect) : &CautiousDialect());
    EXPECT_EQ(found.why, c.why);
  }
}

TEST(DialectFinder, KnowsTheOthersByTheirBuildinfo) {
  const struct {
    int status;
    std::string body;
    net::Headers headers;
    const Dialect* dialect;
    std::string why;
  } cases[] = {
      {200,
       R"({"status":"success","data":{"version":"2.42.0","revision":"r"}})",
       {},
       FindDialect("prometheus"),
       "its buildinfo has version 2.42.0"},
      {200,
       R"({"status":"success","data":{"version":"3.5.3"}})",
       {},
       FindDialect("prometheus"),
       "its buildinfo has version 3.5.3"},
      {200,
       R"({"status":"success","data":{"version":"0.35.1"}})",
       {},
       FindDialect("thanos"),
       "its buildinfo has version 0.35.1, and only Thanos' begin with 0"},
      {200,
       R"({"data":{"application":"Grafana Mimir","version":"2.14.0"}})",
       {},
       FindDialect("mimir"),
       "its buildinfo names the application \"Grafana Mimir\""},
      {200,
       R"({"data":{"application":"Cortex","version":"1.18.0"}})",
       {},
       FindDialect("mimir"),
       "its buildinfo names the application \"Cortex\""},
      // Google's frontend, which pretends to be a Prometheus too.
      {200,
       R"({"data":{"version":"2.55.0","revision":"gmp/frontend-v0.15.3"}})",
       {},
       FindDialect("google"),
       "its buildinfo has revision gmp/frontend-v0.15.3"},
      // VictoriaMetrics pretends to be a Prometheus, and 1.79 says nothing.
      {200,
       R"({"status":"success","data":{"version":"2.24.0"}})",
       {{"X-Server-Hostname", "vm-0"}},
       FindDialect("victoriametrics"),
       "its replies carry the header X-Server-Hostname"},
      {200,
       R"({"status":"success","data":{}})",
       {{"x-server-hostname", ""}},
       FindDialect("victoriametrics"),
       "its replies carry the header X-Server-Hostname"},
      {200,
       R"({"status":"success","data":{}})",
       {},
       &CautiousDialect(),
       "its buildinfo names no version"},
      {200,
       "<html>",
       {},
       &CautiousDialect(),
       "it does not tell its buildinfo (status 200); --backend can"},
      {200,
       R"({"data":[]})",
       {},
       &CautiousDialect(),
       "it does not tell its buildinfo (status 200); --backend can"},
      {200,
       "5",
       {},
       &CautiousDialect(),
       "it does not tell its buildinfo (status 200); --backend can"},
      {404,
       "404 page not found",
       {},
       &CautiousDialect(),
       "it does not tell its buildinfo (status 404); --backend can"},
      {403,
       "",
       {},
       &CautiousDialect(),
       "it does not tell its buildinfo (status 403); --backend can"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why + " " + c.body);
    Fixture f(At("http://h/", nullptr));
    f.client.Answer(kBuild,
                    {.status = c.status, .body = c.body, .headers = c.headers});
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_EQ(f.backend.recognised().dialect, c.dialect);
    EXPECT_EQ(f.backend.recognised().why, c.why);
    // Once, and before anything else.
    ASSERT_THAT(f.Query(), IsOk());
    ASSERT_EQ(f.client.requests.size(), 3u);
    EXPECT_EQ(f.client.requests[0].url.Target(), kBuild);
    EXPECT_EQ(f.client.deadlines[0], TimePoint(std::chrono::seconds(5)));
    for (const Dialect::Parameter& parameter : c.dialect->with_queries) {
      EXPECT_THAT(f.client.requests[1].url.query,
                  HasSubstr(std::string(parameter.name) + "="));
    }
  }
}

TEST(DialectFinder, SendsAllThatKeepsNumbersWholeToWhoDoesNotSayWhatItIs) {
  Fixture f(At("http://h", nullptr));
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query(), IsOk());
  EXPECT_THAT(
      Paths(f.client),
      ElementsAre(kBuild,
                  "/api/v1/query?deny_partial_response=1&nocache=1"
                  "&partial_response=false&query=up&time=0&timeout=60"));
}

TEST(DialectFinder, KnowsVictoriaMetricsByAnyReplyOfIts) {
  Fixture f(At("http://h", nullptr));
  f.client.Answer(kBuild,
                  {.body = R"({"status":"success","data":{"version":"2.5"}})"});
  f.client.Answer("/api/v1/query",
                  {.status = 422,
                   .body = R"({"status":"error","errorType":"422"})",
                   .headers = {{"x-server-hostname", "vm-0"}}});
  EXPECT_FALSE(f.Query());
  EXPECT_FALSE(f.Query());
  EXPECT_THAT(f.client.requests[1].url.query, Not(HasSubstr("nocache")));
  EXPECT_THAT(f.client.requests[2].url.query, HasSubstr("nocache=1"));
  EXPECT_EQ(f.backend.recognised().dialect, FindDialect("victoriametrics"));
}

TEST(DialectFinder, TakesTheWordOfWhoNamesTheDialect) {
  Fixture f(At("http://vm/select/0/prometheus", "thanos"));
  f.client.Answer(
      "/select/0/prometheus/api/v1/query",
      {.body = kEmptyVector, .headers = {{"X-Server-Hostname", "vm-0"}}});
  ASSERT_THAT(f.Query(), IsOk());
  EXPECT_EQ(f.client.requests.size(), 1u);
  EXPECT_EQ(f.backend.recognised().dialect, FindDialect("thanos"));
}

TEST(DialectFinder, AsksNobodyInAWrongDialect) {
  // The server is not there: what would be sent in its place might be wrong.
  Fixture f(At("http://h", nullptr));
  f.client.AnswerInTurn(
      kBuild,
      {{.error = Error{ErrorCode::kUnavailable, "connection refused", ""}},
       {.body = R"({"status":"success","data":{"version":"0.31.0"}})"}});
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  EXPECT_THAT(f.Query(),
              FailsWith(ErrorCode::kUnavailable, "connection refused"));
  EXPECT_THAT(Paths(f.client), ElementsAre(kBuild));
  ASSERT_THAT(f.Query(), IsOk());
  EXPECT_THAT(f.client.requests.back().url.query,
              HasSubstr("partial_response=false"));
}

TEST(DialectFinder, AsksAServerThatFailsOrKeepsSilentAgainLater) {
  const FakeReply failures[] = {
      {.status = 503, .body = "Service Unavailable"},
      {.status = 429},
      {.status = 401},
      {.error = Error{ErrorCode::kDeadlineExceeded, "no answer", ""}},
      {.body = std::string(100000, ' ')},
  };
  for (const FakeReply& failure : failures) {
    SCOPED_TRACE(failure.status);
    Fixture f(At("http://h", nullptr));
    f.client.AnswerInTurn(
        kBuild, {failure,
                 {.body = R"({"status":"success","data":{"version":"2.5"}})"}});
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    ASSERT_THAT(f.Query(), IsOk());
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_EQ(f.client.requests.size(), 3u);
    EXPECT_EQ(f.backend.recognised().dialect, &CautiousDialect());
    EXPECT_THAT(f.client.requests[2].url.query, HasSubstr("nocache=1"));
    f.clock.Advance(std::chrono::seconds(10));
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_EQ(f.client.requests.size(), 5u);
    EXPECT_EQ(f.backend.recognised().dialect, &PrometheusDialect());
  }
}

TEST(DialectFinder, WaitsNoLongerThanWhoAsks) {
  Fixture f(At("http://h", nullptr));
  f.client.clock = &f.clock;
  f.client.Answer(kBuild, {.open = true});
  f.deadline = TimePoint(std::chrono::seconds(2));
  std::optional<Result<model::QueryResult>> result;
  Running asking =
      Spawn(f.loop.get_executor(), [](Fixture* world, auto* out) -> Task<void> {
        *out = co_await world->backend.Query("up", {}, world->deadline);
      }(&f, &result));
  f.loop.poll();
  EXPECT_FALSE(result);
  f.clock.Advance(std::chrono::seconds(2));
  f.loop.restart();
  f.loop.poll();
  ASSERT_TRUE(result);
  EXPECT_THAT(*result, FailsWith(ErrorCode::kDeadlineExceeded, ::testing::_));
}

// Mimir answers 401 to who names no tenant, whatever is asked.
TEST(DialectFinder, NamesItsTenantWhenItAsks) {
  PrometheusBackend::Options options = At("http://h", nullptr);
  options.headers = {{"X-Scope-OrgID", "shop|web"}};
  Fixture f(options);
  f.client.Answer(
      kBuild,
      {.body =
           R"({"data":{"application":"Grafana Mimir","version":"2.14.0"}})"});
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query(), IsOk());
  ASSERT_EQ(f.client.requests.size(), 2u);
  EXPECT_EQ(f.client.requests[0].url.Target(), kBuild);
  for (const net::ClientRequest& request : f.client.requests) {
    EXPECT_THAT(request.headers.FindAll("X-Scope-OrgID"),
                ElementsAre("shop|web"));
  }
}

TEST(DialectFinder, ShowsItsCredentialsWhenItAsks) {
  Fixture f(At("http://u:p@h", nullptr));
  f.client.Answer(kBuild, {.status = 404});
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query(), IsOk());
  EXPECT_NE(f.client.requests[0].headers.Find("Authorization"), nullptr);
}

}  // namespace
}  // namespace sextant::backend
