// What each dialect makes of the same questions and replies.

#include "sextant/backend/dialect.h"

#include <gmock/gmock.h>

#include <set>

#include "backend/fixture.h"
#include "sextant/backend/every_series.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char kEmptyVector[] =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";
const char kEmptyList[] = R"({"status":"success","data":[]})";

TEST(Dialects, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Dialect& dialect : Dialects()) {
    SCOPED_TRACE(dialect.name);
    EXPECT_TRUE(names.insert(dialect.name).second);
    EXPECT_EQ(FindDialect(dialect.name), &dialect);
    EXPECT_NE(dialect.title, "");
    EXPECT_NE(dialect.name, "auto");
  }
  EXPECT_EQ(FindDialect("auto"), nullptr);
  EXPECT_EQ(FindDialect(""), nullptr);
  EXPECT_EQ(FindDialect("prometheus"), &PrometheusDialect());
}

TEST(Dialects, SendWhatKeepsNumbersNewAndWhole) {
  const struct {
    const char* dialect;
    const char* query;
    const char* list;
  } cases[] = {
      {"prometheus", "query=a+b&time=0&timeout=60",
       "end=301&match%5B%5D=up&start=1.5"},
      {"victoriametrics",
       "deny_partial_response=1&nocache=1&query=a+b&time=0&timeout=60",
       "deny_partial_response=1&end=301&match%5B%5D=up&start=1.5"},
      {"thanos",
       "dedup=true&partial_response=false&query=a+b&time=0&timeout=60",
       "end=301&match%5B%5D=up&partial_response=false&start=1.5"},
      {"mimir", "query=a+b&time=0&timeout=60",
       "end=301&match%5B%5D=up&start=1.5"},
      // What is signed has no '+'.
      {"amazon", "query=a%20b&time=0&timeout=60",
       "end=301&match%5B%5D=up&start=1.5"},
      {"google", "query=a+b&time=0&timeout=60",
       "end=301&match%5B%5D=up&start=1.5"},
      {"azure", "query=a+b&time=0&timeout=60",
       "end=301&match%5B%5D=up&start=1.5"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.dialect);
    Fixture f(At("http://h", c.dialect));
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    for (const char* path :
         {"/api/v1/labels", "/api/v1/series", "/api/v1/label/pod/values"}) {
      f.client.Answer(path, {.body = kEmptyList});
    }
    ASSERT_THAT(f.Query("a b"), IsOk());
    ASSERT_THAT(f.LabelNames(), IsOk());
    ASSERT_THAT(f.LabelValues("pod"), IsOk());
    ASSERT_THAT(f.Series([](const model::Labels&) { return Done{}; }), IsOk());
    ASSERT_EQ(f.client.requests.size(), 4u);
    EXPECT_EQ(f.client.requests[0].url.query, c.query);
    for (std::size_t i = 1; i < 4; ++i) {
      EXPECT_EQ(f.client.requests[i].url.query, c.list);
    }
    EXPECT_EQ(f.backend.recognised().why, "--backend says so");
  }
}

TEST(Dialects, KeepAPlusSignApartFromABlank) {
  Fixture f(At("http://h", "amazon"));
  f.client.Answer("/api/v1/query", {.body = kEmptyVector});
  ASSERT_THAT(f.Query("a + b%"), IsOk());
  EXPECT_THAT(f.client.requests[0].url.query,
              HasSubstr("query=a%20%2B%20b%25&"));
}

TEST(Dialects, AskForTheWholeListWhereNothingElseCanBeAskedFor) {
  for (const Dialect& dialect : Dialects()) {
    SCOPED_TRACE(dialect.name);
    Fixture f(At("http://h", std::string(dialect.name).c_str()));
    f.client.Answer("/api/v1/label/__name__/values", {.body = kEmptyList});
    f.match.selector = kEverySeries;
    ASSERT_THAT(f.LabelValues("__name__"), IsOk());
    f.match.selector = "{a=\"b\"}";
    ASSERT_THAT(f.LabelValues("__name__"), IsOk());
    const bool whole = dialect.discovery == Discovery::kCatalogue;
    const auto has_match = HasSubstr("match%5B%5D=");
    if (whole) {
      EXPECT_THAT(f.client.requests[0].url.query, Not(has_match));
    } else {
      EXPECT_THAT(f.client.requests[0].url.query, has_match);
    }
    EXPECT_THAT(f.client.requests[1].url.query, has_match);
  }
}

TEST(Dialects, PostListsOnlyToThoseThatTakeThem) {
  for (const Dialect& dialect : Dialects()) {
    SCOPED_TRACE(dialect.name);
    PrometheusBackend::Options options = At("http://h");
    options.dialect = &dialect;
    options.verb = PrometheusBackend::Verb::kPost;
    Fixture f(options);
    (void)f.Query();
    (void)f.LabelNames();
    (void)f.LabelValues("pod");
    (void)f.Series([](const model::Labels&) { return Done{}; });
    std::string methods;
    for (const net::ClientRequest& request : f.client.requests) {
      methods += request.method + " ";
    }
    const bool posts = dialect.name != "google" && dialect.name != "azure";
    EXPECT_EQ(methods, posts ? "POST POST GET POST " : "POST GET GET GET ");
  }
}

TEST(Dialects, KnowWhichWarningsMeanThatDataIsMissing) {
  const char kThanosWarning[] =
      "receive series from Addr: store:10901: rpc error: code = Unavailable";
  const char kMimirWarning[] =
      "results may be truncated due to querier.max-series-query-limit "
      "(requested limit: 0, enforced: 100000)";
  const char kPrometheusWarning[] = "results truncated due to limit";
  const char kNote[] =
      "PromQL info: metric might not be a counter, name does not end in "
      "_total/_sum/_count/_bucket: \\\"x\\\" (1:6)";
  const struct {
    const char* dialect;
    const char* warning;
    bool missing;
  } cases[] = {
      {"prometheus", kPrometheusWarning, true},
      {"prometheus", kMimirWarning, true},
      {"prometheus", kThanosWarning, false},
      {"prometheus", kNote, false},
      {"prometheus", "PromQL warning: bucket label", false},
      {"mimir", kMimirWarning, true},
      {"mimir", kNote, false},
      {"thanos", kThanosWarning, true},
      {"thanos", "No StoreAPIs matched for this query", true},
      {"thanos", kNote, false},
      {"thanos", "PromQL warning: bucket label", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.dialect) + " " + c.warning);
    Fixture f(At("http://h", c.dialect));
    const std::string warnings =
        R"(,"warnings":[")" + std::string(c.warning) + R"("]})";
    f.client.Answer(
        "/api/v1/query",
        {.body = R"({"data":{"resultType":"vector","result":[]})" + warnings});
    f.client.Answer("/api/v1/labels", {.body = R"({"data":[])" + warnings});
    const Result<model::QueryResult> result = f.Query();
    const Result<std::vector<std::string>> names = f.LabelNames();
    if (!c.missing) {
      EXPECT_THAT(result, IsOk());
      EXPECT_THAT(names, IsOk());
      continue;
    }
    EXPECT_THAT(result, FailsWith(ErrorCode::kUnavailable,
                                  "the backend says that its answer is "
                                  "partial"));
    EXPECT_THAT(names, FailsWith(ErrorCode::kUnavailable, ::testing::_));
    EXPECT_EQ(result.error().detail, "its warning: " + std::string(c.warning));
  }
}

TEST(Dialects, KnowTheCureOfTheirServersErrors) {
  const struct {
    const char* dialect;
    int status;
    const char* error;
    const char* hint;
  } cases[] = {
      {"prometheus", 422, "unavailable with Prometheus Agent",
       "an agent has no samples to ask for"},
      {"prometheus", 422,
       "query processing would load too many samples into memory in query "
       "execution",
       "--query.max-samples"},
      {"thanos", 422, "query processing would load too many samples",
       "--query.max-samples"},
      {"victoriametrics", 422,
       "too long query; got 21756 bytes; mustn't exceed "
       "-search.maxQueryLen=16384 bytes",
       "is asked in parts"},
      {"victoriametrics", 422,
       "the number of matching timeseries exceeds 30000; either narrow down "
       "the search or increase -search.max* command-line flag values",
       "raise -search.maxSeries"},
      {"victoriametrics", 422, "exceeds 1000; see -search.maxUniqueTimeseries",
       "narrow the query, or raise that flag"},
      {"google", 400,
       "convert vector selector failed: =~ is an unsupported matchtype for the "
       "__name__ label: invalid argument",
       "one exact name in each selector"},
      {"mimir", 422,
       "the query exceeded the maximum number of series "
       "(err-mimir-max-series-per-query)",
       "a limit of the tenant"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.dialect) + " " + c.error);
    Fixture f(At("http://h", c.dialect));
    f.client.Answer(
        "/api/v1/query",
        {.status = c.status,
         .body = R"({"status":"error","errorType":"422","error":")" +
                 std::string(c.error) + "\"}"});
    const Result<model::QueryResult> result = f.Query();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(result.error().message, HasSubstr(c.error));
    EXPECT_THAT(result.error().detail, HasSubstr(c.hint));
  }
}

TEST(Dialects, SayWhatMayBeMissingWhereCredentialsAreRefused) {
  const struct {
    const char* dialect;
    const char* hint;
  } cases[] = {
      {"mimir", "--prometheus-header=X-Scope-OrgID=TENANT"},
      {"google", "roles/monitoring.viewer"},
      {"azure", "Monitoring Data Reader"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.dialect);
    Fixture f(At("http://h", c.dialect));
    f.client.Answer("/api/v1/query", {.status = 401, .body = "no org id\n"});
    const Result<model::QueryResult> result = f.Query();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().detail, HasSubstr(c.hint));
  }
}

}  // namespace
}  // namespace sextant::backend
