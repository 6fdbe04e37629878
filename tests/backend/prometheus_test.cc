#include "sextant/backend/prometheus.h"

#include <gmock/gmock.h>

#include "backend/fixture.h"
#include "sextant/backend/held_token.h"
#include "sextant/base/text.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const char kEmptyVector[] =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";

std::string Line(const net::ClientRequest& request) {
  return request.method + " " + request.url.Target();
}

std::string Header(const net::ClientRequest& request, const char* name) {
  const std::string* const value = request.headers.Find(name);
  return value ? *value : "(none)";
}

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

TEST(PrometheusBackend, SendsTheUserInfoOfTheUrlAsBasicAuthorization) {
  struct Case {
    const char* url;
    const char* header;
  };
  const Case cases[] = {
      {"http://u:p@h", "Basic dTpw"},
      {"http://u@h", "Basic dTo="},
      {"http://u:p%40s@h", "Basic dTpwQHM="},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.url);
    Fixture f(c.url);
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_EQ(Header(f.client.requests[0], "Authorization"), c.header);
    EXPECT_EQ(f.client.requests[0].url.user_info, "");
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

TEST(PrometheusBackend, SendsTheStrongestOfItsCredentials) {
  const struct {
    const char* what;
    const char* url;
    net::Headers headers;
    const char* token;
    const char* want;
  } cases[] = {
      {"nothing", "http://h", {}, nullptr, "(none)"},
      {"user info", "http://u:p@h", {}, nullptr, "Basic dTpw"},
      {"a token", "http://u:p@h", {}, "tok", "Bearer tok"},
      {"a header",
       "http://u:p@h",
       {{"authorization", "Custom x"}},
       "tok",
       "Custom x"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    PrometheusBackend::Options options = At(c.url);
    options.headers = c.headers;
    HeldToken token(c.token == nullptr ? "" : c.token);
    if (c.token != nullptr) options.signer = &token;
    Fixture f(options);
    (void)f.Query();
    EXPECT_EQ(Header(f.client.requests[0], "Authorization"), c.want);
    EXPECT_EQ(f.client.requests[0].url.user_info, "");
  }
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

TEST(PrometheusBackend, AnotherTokenCountsForTheNextRequest) {
  HeldToken token("first");
  PrometheusBackend::Options options = At("http://h");
  options.signer = &token;
  Fixture f(options);
  (void)f.Query();
  token.Set("second");
  (void)f.Query();
  EXPECT_EQ(Header(f.client.requests[0], "Authorization"), "Bearer first");
  EXPECT_EQ(Header(f.client.requests[1], "Authorization"), "Bearer second");
}

TEST(PrometheusBackend, SaysWhichCredentialsWereRefused) {
  HeldToken token("secret");
  PrometheusBackend::Options options = At("http://h");
  options.signer = &token;
  options.credentials = "the token of /tokens/prom";
  Fixture f(options);
  f.client.Answer("/api/v1/query", {.status = 401, .body = "secret?"});
  const Result<model::QueryResult> answer = f.Query();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "bad_response: unknown response code 401");
  EXPECT_EQ(answer.error().detail,
            "the backend asks for credentials, or refuses those it got; "
            "credentials sent: the token of /tokens/prom");
}

TEST(PrometheusBackend, DoesNotRepeatCredentialsThatAReplyRepeats) {
  const struct {
    const char* what;
    const char* url;
    net::Headers headers;
    const char* token;
    const char* secret;
  } cases[] = {
      {"a token", "http://h", {}, "s3cret-token", "s3cret-token"},
      {"a password", "http://u:s3cret-word@h", {}, nullptr, "s3cret-word"},
      {"the two encoded", "http://u:pw@h", {}, nullptr, "dTpwdw=="},
      {"a header",
       "http://h",
       {{"X-Key", "s3cret-key"}},
       nullptr,
       "s3cret-key"},
      {"a header's token",
       "http://h",
       {{"Authorization", "Bearer s3cret"}},
       nullptr,
       "s3cret"},
  };
  const char* const kReplies[] = {
      R"({"status":"error","errorType":"bad_data","error":"got % and %"})",
      R"({"error":{"code":403,"status":"DENIED %","message":"no: %"}})",
      R"({"message":"The signature does not match: 'x:%'"})",
  };
  for (const auto& c : cases) {
    for (const char* shape : kReplies) {
      for (const int status : {400, 401, 403, 503}) {
        SCOPED_TRACE(std::string(c.what) + " " + shape);
        PrometheusBackend::Options options = At(c.url);
        options.headers = c.headers;
        HeldToken token(c.token == nullptr ? "" : c.token);
        if (c.token != nullptr) options.signer = &token;
        Fixture f(options);
        std::string body = shape;
        for (std::size_t at; (at = body.find('%')) != std::string::npos;) {
          body.replace(at, 1, c.secret);
        }
        f.client.Answer("/api/v1/query", {.status = status, .body = body});
        const Result<model::QueryResult> answer = f.Query();
        ASSERT_FALSE(answer);
        const std::string said = answer.error().message + answer.error().detail;
        EXPECT_THAT(said, Not(HasSubstr(c.secret)));
        EXPECT_THAT(said, HasSubstr("***"));
      }
    }
  }
}

// Signs with "proof N", and has `proofs` of them.
class NumberedProofs final : public net::RequestSigner {
 public:
  explicit NumberedProofs(int proofs) : proofs_(proofs) {}

  Task<Result<Done>> Sign(net::ClientRequest& request, TimePoint now,
                          TimePoint deadline) override {
    moments.push_back(now);
    deadlines.push_back(deadline);
    if (failure) co_return *failure;
    request.headers.Set("Authorization", "proof " + std::to_string(current_));
    co_return Done{};
  }
  bool Renew(const net::ClientRequest& request, int status,
             TimePoint /*now*/) override {
    refused.push_back(std::to_string(status) + " " +
                      *request.headers.Find("Authorization"));
    if (current_ == proofs_) return false;
    ++current_;
    return true;
  }

  std::vector<TimePoint> moments;
  std::vector<TimePoint> deadlines;
  std::vector<std::string> refused;
  std::optional<Error> failure;

 private:
  const int proofs_;
  int current_ = 1;
};

TEST(PrometheusBackend, ARefusedRequestIsSentOnceMoreWithANewProof) {
  NumberedProofs signer(9);
  PrometheusBackend::Options options = At("http://h");
  options.signer = &signer;
  options.verb = PrometheusBackend::Verb::kPost;
  Fixture f(options);
  f.clock.Advance(std::chrono::seconds(1));
  f.client.AnswerInTurn("/api/v1/query",
                        {{.status = 401, .body = R"({"status":"error"})"},
                         {.body = kEmptyVector}});
  ASSERT_THAT(f.Query("up"), IsOk());
  ASSERT_EQ(f.client.requests.size(), 2);
  EXPECT_EQ(Header(f.client.requests[0], "Authorization"), "proof 1");
  EXPECT_EQ(Header(f.client.requests[1], "Authorization"), "proof 2");
  EXPECT_EQ(f.client.requests[0].body, f.client.requests[1].body);
  EXPECT_THAT(signer.refused, ElementsAre("401 proof 1"));
  EXPECT_THAT(signer.moments, ElementsAre(f.clock.Now(), f.clock.Now()));
  EXPECT_THAT(signer.deadlines, ElementsAre(f.deadline, f.deadline));
}

TEST(PrometheusBackend, ARefusalIsTheAnswerWhenNoProofIsLeft) {
  struct Case {
    const char* what;
    int proofs;
    FakeReply reply;
    std::size_t requests;
    const char* message;
  };
  const Case cases[] = {
      {"none at all",
       1,
       {.status = 401},
       1,
       "bad_response: unknown response code 401"},
      {"the second is refused too",
       9,
       {.status = 403},
       2,
       "bad_response: unknown response code 403"},
      {"it says why",
       1,
       {.status = 403,
        .body = R"({"status":"error","errorType":"auth","error":"no role"})"},
       1,
       "auth: no role"},
      {"it says too much",
       1,
       {.status = 403, .body = std::string(1 << 20, 'x')},
       1,
       "bad_response: unknown response code 403"},
      {"another failure",
       9,
       {.status = 500},
       1,
       "bad_response: unknown response code 500"},
      {"the network",
       9,
       {.status = 401, .error = Error{ErrorCode::kUnavailable, "broke", ""}},
       1,
       "broke"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    NumberedProofs signer(c.proofs);
    PrometheusBackend::Options options = At("http://h");
    options.signer = &signer;
    Fixture f(options);
    f.client.Answer("/api/v1/query", c.reply);
    const Result<model::QueryResult> answer = f.Query();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, c.message);
    EXPECT_EQ(f.client.requests.size(), c.requests);
  }
}

TEST(PrometheusBackend, AsksNothingWithoutTheProof) {
  NumberedProofs signer(9);
  signer.failure = Error{ErrorCode::kUnavailable, "no token", "why"};
  PrometheusBackend::Options options = At("http://u:p@h");
  options.signer = &signer;
  Fixture f(options);
  EXPECT_THAT(f.Query(), FailsWith(ErrorCode::kUnavailable, "no token"));
  EXPECT_EQ(f.client.requests.size(), 0);
}

TEST(PrometheusBackend, AHeaderOfTheUserIsNotRenewed) {
  NumberedProofs signer(9);
  PrometheusBackend::Options options = At("http://h");
  options.signer = &signer;
  options.headers = {{"Authorization", "Custom x"}};
  Fixture f(options);
  f.client.Answer("/api/v1/query", {.status = 401});
  EXPECT_FALSE(f.Query());
  EXPECT_EQ(f.client.requests.size(), 1);
  EXPECT_THAT(signer.refused, IsEmpty());
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
