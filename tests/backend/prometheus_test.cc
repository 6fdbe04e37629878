#include "sextant/backend/prometheus.h"

#include <gmock/gmock.h>

#include "backend/fixture.h"
#include "sextant/base/text.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(PrometheusBackend, AsksForAQueryByGetWithoutCompression) {
  Fixture f("http://h:9090");
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query(R"(sum(up{a="b c"}) by (x))",
                      TimePoint(std::chrono::milliseconds(1712345678901))),
              IsOk());
  ASSERT_EQ(f.client.requests.size(), 1);
  const net::ClientRequest& request = f.client.requests[0];
  EXPECT_EQ(Line(request),
            "GET /api/v1/query?query=sum%28up%7Ba%3D%22b+c%22%7D%29+by+%28x%29"
            "&time=1712345678.901&timeout=60");
  EXPECT_EQ(request.url.Authority(), "h:9090");
  EXPECT_EQ(Header(request, "Accept-Encoding"), "identity");
  EXPECT_EQ(Header(request, "Authorization"), "(none)");
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(f.client.deadlines[0], f.deadline);
}

TEST(PrometheusBackend, SendsTheTimeThatIsLeft) {
  struct Case {
    TimePoint deadline;
    const char* timeout;
  };
  const Case cases[] = {
      {TimePoint(std::chrono::milliseconds(10500)), "timeout=0.5"},
      {TimePoint(std::chrono::milliseconds(10001)), "timeout=0.001"},
      {TimePoint(std::chrono::milliseconds(69123)), "timeout=59.123"},
      {TimePoint::max(), "timeout=3600"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.timeout);
    Fixture f;
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    f.clock.Advance(std::chrono::seconds(10));
    f.deadline = c.deadline;
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_THAT(f.client.requests[0].url.query, HasSubstr(c.timeout));
  }
}

TEST(PrometheusBackend, AsksNothingWhenNoTimeIsLeft) {
  Fixture f;
  f.clock.Advance(std::chrono::seconds(60));
  const auto fails = FailsWith(ErrorCode::kDeadlineExceeded,
                               "no time was left to ask the backend");
  EXPECT_THAT(f.Query(), fails);
  EXPECT_THAT(f.LabelNames(), fails);
  EXPECT_EQ(f.client.requests.size(), 0);
}

TEST(PrometheusBackend, PutsThePathOfTheUrlInFront) {
  struct Case {
    const char* url;
    const char* path;
  };
  const Case cases[] = {
      {"http://h", "/api/v1/query"},
      {"http://h/", "/api/v1/query"},
      {"http://h/prom/", "/prom/api/v1/query"},
      {"http://h/a/../b//", "/b/api/v1/query"},
      {"http://h/../..//./x", "/x/api/v1/query"},
      {"http://h/select/0%3A1/prometheus",
       "/select/0%3A1/prometheus/api/v1/query"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.url);
    Fixture f(c.url);
    f.client.Answer(c.path, {.body = kEmptyVector});
    EXPECT_THAT(f.Query(), IsOk());
  }
}

TEST(PrometheusBackend, AsksLongQueriesByPost) {
  PrometheusBackend::Options options = At("http://h/?x=y");
  options.post_above = 4;
  Fixture f(options);
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query("abcd"), IsOk());
  ASSERT_THAT(f.Query("a + b"), IsOk());
  EXPECT_EQ(Line(f.client.requests[0]),
            "GET /api/v1/query?x=y&query=abcd&time=0&timeout=60");
  const net::ClientRequest& post = f.client.requests[1];
  EXPECT_EQ(Line(post), "POST /api/v1/query?x=y");
  EXPECT_EQ(post.body, "query=a+%2B+b&time=0&timeout=60");
  EXPECT_EQ(Header(post, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(Header(post, "Accept-Encoding"), "identity");
}

// Proxies take 8 KiB of a request line, and a query may become three times as
// long there.
TEST(PrometheusBackend, AQueryIsLongAboveTwoKibibytes) {
  const struct {
    std::size_t size;
    const char* method;
  } cases[] = {{2047, "GET"}, {2048, "GET"}, {2049, "POST"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.size);
    Fixture f;
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    const std::string query(c.size, '=');
    ASSERT_THAT(f.Query(query), IsOk());
    const net::ClientRequest& sent = f.client.requests[0];
    EXPECT_EQ(sent.method, c.method);
    const std::string form =
        FormEncode({{"query", query}, {"time", "0"}, {"timeout", "60"}});
    EXPECT_EQ(sent.url.query + sent.body, form);
  }
}

TEST(PrometheusBackend, AsksForLabelsAndSeriesWithinATime) {
  Fixture f;
  f.match.selector = R"({__name__=~"^a.*"})";
  const std::string parameters =
      "?end=301&match%5B%5D=%7B__name__%3D~%22%5Ea.%2A%22%7D&start=1.5";
  f.client.Answer("/api/v1/labels",
                  {.body = R"({"status":"success","data":["b","a"]})"});
  f.client.Answer("/api/v1/label/__name__/values",
                  {.body = R"({"status":"success","data":["y","x","y"]})"});
  f.client.Answer("/api/v1/series",
                  {.body = R"({"status":"success","data":[]})"});

  const Result<std::vector<std::string>> names = f.LabelNames();
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, ElementsAre("a", "b"));
  const Result<std::vector<std::string>> values = f.LabelValues("__name__");
  ASSERT_THAT(values, IsOk());
  EXPECT_THAT(*values, ElementsAre("x", "y"));
  EXPECT_THAT(f.Series([](const model::Labels&) { return Done{}; }), IsOk());

  ASSERT_EQ(f.client.requests.size(), 3);
  EXPECT_EQ(Line(f.client.requests[0]), "GET /api/v1/labels" + parameters);
  EXPECT_EQ(Line(f.client.requests[1]),
            "GET /api/v1/label/__name__/values" + parameters);
  EXPECT_EQ(Line(f.client.requests[2]), "GET /api/v1/series" + parameters);
  EXPECT_EQ(Header(f.client.requests[0], "Accept-Encoding"), "identity");
  EXPECT_EQ(Header(f.client.requests[1], "Accept-Encoding"), "gzip");
  EXPECT_EQ(Header(f.client.requests[2], "Accept-Encoding"), "gzip");
}

TEST(PrometheusBackend, AsksForLabelValuesByGetHoweverLong) {
  Fixture f;
  f.match.selector = std::string(10000, 'x');
  f.client.Answer("/api/v1/labels", {.body = R"({"data":[]})"});
  f.client.Answer("/api/v1/label/pod/values", {.body = R"({"data":[]})"});
  f.client.Answer("/api/v1/series", {.body = R"({"data":[]})"});
  ASSERT_THAT(f.LabelValues("pod"), IsOk());
  ASSERT_THAT(f.LabelNames(), IsOk());
  ASSERT_THAT(f.Series([](const model::Labels&) { return Done{}; }), IsOk());
  EXPECT_EQ(f.client.requests[0].method, "GET");
  EXPECT_EQ(f.client.requests[1].method, "POST");
  EXPECT_EQ(f.client.requests[2].method, "POST");
}

TEST(PrometheusBackend, WritesLabelNamesIntoThePath) {
  struct Case {
    const char* label;
    const char* segment;
  };
  const Case cases[] = {
      {"pod", "pod"},
      {"k8s.pod.name", "k8s.pod.name"},
      {"a b?c#d", "a%20b%3Fc%23d"},
      {"ä", "%C3%A4"},
      {"app.kubernetes.io/name", "U__app_2e_kubernetes_2e_io_2f_name"},
      {"a_b/ä€😀:9", "U__a__b_2f__e4__20ac__1f600_:9"},
      {"9/", "U___39__2f_"},
      {"..", "U___2e__2e_"},
      {"U__x", "U__U____x"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.label);
    Fixture f;
    f.client.Answer("/api/v1/label/" + std::string(c.segment) + "/values",
                    {.body = R"({"status":"success","data":[]})"});
    EXPECT_THAT(f.LabelValues(c.label), IsOk());
  }
}

TEST(PrometheusBackend, TakesTheTimeOfWhatIsAnswered) {
  Fixture f("http://u:secret@h:9090/prom");
  f.client.Answer("/prom/api/v1/query", {.body = kEmptyVector});
  (void)f.Query();
  f.client.Answer(
      "/prom/api/v1/query",
      {.status = 400, .body = R"({"status":"error","errorType":"bad_data"})"});
  (void)f.Query();
  // Nothing was answered: the peer does not count it either.
  f.client.Answer("/prom/api/v1/series",
                  {.error = Error{ErrorCode::kUnavailable, "refused", ""}});
  (void)f.Series([](const model::Labels&) { return Done{}; });
  const std::string text = f.metrics.Text();
  EXPECT_THAT(
      text,
      HasSubstr("prometheus_adapter_prometheus_client_request_duration_seconds_"
                "count{path=\"/api/v1/query\",server=\"http://h:9090/prom\"} "
                "2\n"));
  EXPECT_THAT(text, Not(HasSubstr("path=\"/api/v1/series\"")));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(PrometheusBackend, AsksByPostWhereItWasToldTo) {
  PrometheusBackend::Options options = At("http://h");
  options.verb = PrometheusBackend::Verb::kPost;
  Fixture f(options);
  (void)f.Query("up");
  (void)f.LabelNames();
  (void)f.Series([](const model::Labels&) { return Done{}; });
  (void)f.LabelValues("a");
  std::vector<std::string> methods;
  for (const net::ClientRequest& request : f.client.requests) {
    methods.push_back(request.method);
  }
  // Prometheus has no POST for the values of a label.
  EXPECT_THAT(methods, ElementsAre("POST", "POST", "POST", "GET"));
}

TEST(PrometheusBackend, SendsItsHeadersWithEveryRequest) {
  PrometheusBackend::Options options = At("http://h");
  options.headers = {{"X-Scope-OrgID", "a"},
                     {"X-Scope-OrgID", "b"},
                     {"Host", "elsewhere"},
                     {"Content-Type", "text/plain"}};
  options.verb = PrometheusBackend::Verb::kPost;
  Fixture f(options);
  (void)f.Query();
  const net::Headers& sent = f.client.requests[0].headers;
  EXPECT_THAT(sent.FindAll("X-Scope-OrgID"), ElementsAre("a", "b"));
  EXPECT_THAT(sent.FindAll("Host"), IsEmpty());
  EXPECT_THAT(sent.FindAll("Content-Type"),
              ElementsAre("application/x-www-form-urlencoded"));
}

TEST(PrometheusBackend, CountsWhatCameOfItsRequests) {
  Fixture f;
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  (void)f.Query();
  (void)f.Query();
  f.client.Answer(
      "/api/v1/query",
      {.status = 400, .body = R"({"status":"error","errorType":"bad_data"})"});
  (void)f.Query();
  (void)f.LabelNames();  // 404
  f.client.Answer(
      "/api/v1/series",
      {.error = Error{ErrorCode::kDeadlineExceeded, "no answer", ""}});
  (void)f.Series([](const model::Labels&) { return Done{}; });
  f.client.Answer("/api/v1/label/a/values", {.body = R"({"data":["x"]})"});
  (void)f.LabelValues("a");
  const std::string text = f.metrics.Text();
  EXPECT_EQ(
      text.substr(text.find("# HELP sextant_backend_requests_total")),
      "# HELP sextant_backend_requests_total Requests to the backend, by what "
      "came of them.\n"
      "# TYPE sextant_backend_requests_total counter\n"
      "sextant_backend_requests_total{endpoint=\"label_values\",outcome="
      "\"success\"} 1\n"
      "sextant_backend_requests_total{endpoint=\"labels\",outcome="
      "\"unavailable\"} 1\n"
      "sextant_backend_requests_total{endpoint=\"query\",outcome=\"refused\"} "
      "1\n"
      "sextant_backend_requests_total{endpoint=\"query\",outcome=\"success\"} "
      "2\n"
      "sextant_backend_requests_total{endpoint=\"series\",outcome=\"timeout\"} "
      "1\n");
}

TEST(PrometheusBackend, UsesUpItsArgumentsBeforeItWaits) {
  Fixture f;
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  f.client.Answer("/api/v1/label/pod/values", {.body = R"({"data":[]})"});
  Task<Result<model::QueryResult>> query = f.backend.Query(
      std::string("up + a text that is not kept in place"), {}, f.deadline);
  Task<Result<std::vector<std::string>>> values =
      f.backend.LabelValues(std::string("pod"), f.match, f.deadline);
  EXPECT_THAT(*RunTask(f.loop, std::move(query)), IsOk());
  EXPECT_THAT(*RunTask(f.loop, std::move(values)), IsOk());
}

}  // namespace
}  // namespace sextant::backend
