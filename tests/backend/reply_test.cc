// What a reply's status and envelope say, before its data does.

#include <gmock/gmock.h>

#include "backend/fixture.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr ErrorCode kInvalid = ErrorCode::kInvalidArgument;
constexpr ErrorCode kUnavailable = ErrorCode::kUnavailable;
constexpr ErrorCode kTimeout = ErrorCode::kDeadlineExceeded;

// Every reply is read whole and in pieces of these sizes.
constexpr std::size_t kPieces[] = {std::string::npos, 1, 2, 7};

TEST(Reply, IsJudgedByItsStatusAndItsErrorType) {
  struct Case {
    int status;
    std::string body;
    ErrorCode code;
    std::string message;
  };
  const Case cases[] = {
      // errors of Prometheus
      {400,
       R"({"status":"error","errorType":"bad_data","error":"parse error"})",
       kInvalid, "bad_data: parse error"},
      {422, R"({"status":"error","errorType":"execution","error":"boom"})",
       kInvalid, "execution: boom"},
      {503, R"({"status":"error","errorType":"timeout","error":"to"})",
       kTimeout, "timeout: to"},
      {422,
       R"({"status":"error","errorType":"execution","error":"expanding series: context deadline exceeded"})",
       kTimeout, "execution: expanding series: context deadline exceeded"},
      {503,
       R"({"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"})",
       kTimeout, "timeout: query timed out in expression evaluation"},
      {422,
       R"({"status":"error","errorType":"execution","error":"query timed out in expression evaluation"})",
       kTimeout, "execution: query timed out in expression evaluation"},
      {503, R"({"status":"error","errorType":"canceled","error":"stop"})",
       kUnavailable, "canceled: stop"},
      {499, R"({"status":"error","errorType":"canceled","error":"stop"})",
       kUnavailable, "canceled: stop"},
      {500, R"({"status":"error","errorType":"internal","error":"x"})",
       kUnavailable, "internal: x"},
      {500,
       R"({"status":"error","errorType":"unavailable","error":"TSDB not ready"})",
       kUnavailable, "unavailable: TSDB not ready"},
      {404, R"({"status":"error","errorType":"not_found","error":"no such"})",
       kUnavailable, "not_found: no such"},
      {406,
       R"({"status":"error","errorType":"not_acceptable","error":"cannot"})",
       kUnavailable, "not_acceptable: cannot"},
      {200, R"({"status":"error","errorType":"x","error":"y","data":{}})",
       kUnavailable, "x: y"},
      {200, R"({"error":"y","errorType":"bad_data","data":5,"status":"error"})",
       kInvalid, "bad_data: y"},
      {400,
       R"({"status":"error","data":[],"errorType":"bad_data","error":"y"})",
       kInvalid, "bad_data: y"},
      {422, R"({"status":"error","errorType":null})", kInvalid, ": "},
      // of VictoriaMetrics
      {422, R"({"status":"error","errorType":"422","error":"too long query"})",
       kInvalid, "422: too long query"},
      {503, R"({"status":"error","errorType":"503","error":"no storage"})",
       kUnavailable, "503: no storage"},
      {422,
       R"({"status":"error","errorType":"422","error":"timeout exceeded during the query"})",
       kTimeout, "422: timeout exceeded during the query"},
      {429, R"({"status":"error","errorType":"429","error":"too many"})",
       kUnavailable, "429: too many"},
      {400, "unsupported path requested: \"/x\"", kUnavailable,
       "bad_response: not JSON: syntax error"},
      // of Google, Azure and Amazon
      {403,
       R"({"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED","details":[{"@type":"x","message":"y","status":{"z":[]}}]}})",
       kUnavailable, "PERMISSION_DENIED: Permission denied"},
      {401,
       R"({"error":{"code":401,"message":"no token","status":"UNAUTHENTICATED"}})",
       kUnavailable, "UNAUTHENTICATED: no token"},
      {404,
       R"({"error":{"code":404,"message":"no project","status":"NOT_FOUND"}})",
       kUnavailable, "NOT_FOUND: no project"},
      {503,
       R"({"error":{"code":503,"message":"try later","status":"UNAVAILABLE"}})",
       kUnavailable, "UNAVAILABLE: try later"},
      {429,
       R"({"error":{"status":"RESOURCE_EXHAUSTED","code":429,"message":"Quota"}})",
       kUnavailable, "RESOURCE_EXHAUSTED: Quota"},
      {504,
       R"({"error":{"code":504,"message":"late","status":"DEADLINE_EXCEEDED"}})",
       kTimeout, "DEADLINE_EXCEEDED: late"},
      {400,
       R"({"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}})",
       kInvalid, "INVALID_ARGUMENT: bad"},
      {200, R"({"error":{"code":5,"message":null},"data":[]})", kUnavailable,
       ": "},
      {401, R"({"error":{"code":"AuthenticationFailed","message":"no token"}})",
       kUnavailable, "AuthenticationFailed: no token"},
      {403, R"({"message":"Missing Authentication Token"})", kUnavailable,
       "bad_response: unknown response code 403: Missing Authentication Token"},
      {400, R"({"message":"no such workspace"})", kUnavailable,
       "bad_response: no such workspace"},
      // of what stands between
      // Google's frontend, of what it has cancelled or will not pass on.
      {400, "", kUnavailable, "bad_response: EOF"},
      {500, "", kUnavailable, "bad_response: unknown response code 500"},
      {401, "", kUnavailable, "bad_response: unknown response code 401"},
      {403, "<html>", kUnavailable, "bad_response: unknown response code 403"},
      {404, "404", kUnavailable, "bad_response: unknown response code 404"},
      {404, "404 page not found\n", kUnavailable,
       "bad_response: unknown response code 404"},
      {405, "Method Not Allowed\n", kUnavailable,
       "bad_response: unknown response code 405"},
      {414, "", kUnavailable, "bad_response: unknown response code 414"},
      {431, "", kUnavailable, "bad_response: unknown response code 431"},
      {302, "<a href=\"/login\">Found</a>", kUnavailable,
       "bad_response: unknown response code 302"},
      {500, "{\"status\":\"error\",\"error", kUnavailable,
       "bad_response: unknown response code 500"},
      {502, "", kUnavailable, "bad_response: unknown response code 502"},
      {504,
       R"({"status":"success","data":{"resultType":"vector","result":[]}})",
       kUnavailable, "bad_response: unknown response code 504"},
      {503, "<html>", kUnavailable, "bad_response: not JSON: syntax error"},
      {503, "Service Unavailable", kUnavailable,
       "bad_response: not JSON: syntax error"},
      // broken ones
      {200, "", kUnavailable, "bad_response: EOF"},
      {204, "", kUnavailable, "bad_response: EOF"},
      {200, "not json", kUnavailable, "bad_response: not JSON: syntax error"},
      {200, "<html>", kUnavailable, "bad_response: not JSON: syntax error"},
      {200, "{\"status\":\"success\"", kUnavailable,
       "bad_response: the reply ends too early, after byte 19"},
      {200, "[]", kUnavailable, "bad_response: the reply is not an object"},
      {200, "5", kUnavailable, "bad_response: the reply is not an object"},
      {200, "null", kUnavailable, "bad_response: the reply is not an object"},
      {200, R"({"status":5})", kUnavailable,
       "bad_response: status, errorType or error is not a string"},
      {200, R"({"status":"success","error":["x"]})", kUnavailable,
       "bad_response: status, errorType or error is not a string"},
      {200, R"({"status":"success"})", kUnavailable,
       "bad_response: the reply has no data"},
      {200, "{}", kUnavailable, "bad_response: the reply has no data"},
      {200, R"({"status":"success","x":)" + std::string(100, '[') + "5",
       kUnavailable, "bad_response: not JSON: too deep"},
      // partial ones
      {200,
       R"({"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}})",
       kUnavailable, "the backend says that its answer is partial"},
      {200,
       R"({"status":"success","data":{"resultType":"vector","result":[]},"warnings":["results truncated due to limit"]})",
       kUnavailable, "the backend says that its answer is partial"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(std::to_string(c.status) + " " + c.body);
      SCOPED_TRACE(piece);
      Fixture f;
      f.client.piece = piece;
      f.client.Answer("/api/v1/query", {.status = c.status, .body = c.body});
      EXPECT_THAT(f.Query(), FailsWith(c.code, c.message));
    }
  }
}

TEST(Reply, MeansTheSameToEveryEndpoint) {
  const FakeReply replies[] = {
      {.status = 200, .body = R"({"status":"error","error":"e"})"},
      {.status = 200, .body = R"({"isPartial":true,"data":[]})"},
      {.status = 200, .body = R"({"data":{}})"},
      {.status = 200, .body = R"({"data":[5]})"},
      {.status = 200, .body = R"({"data":["x",{}]})"},
      {.status = 200, .body = R"({"status":"success"})"},
      {.status = 503, .body = R"({"status":"error","error":"e"})"},
  };
  for (const FakeReply& reply : replies) {
    SCOPED_TRACE(reply.body);
    Fixture f;
    f.client.Answer("/api/v1/series", reply);
    f.client.Answer("/api/v1/labels", reply);
    f.client.Answer("/api/v1/label/a/values", reply);
    EXPECT_THAT(f.Series([](const model::Labels&) { return Done{}; }),
                FailsWith(kUnavailable, ::testing::_));
    EXPECT_THAT(f.LabelNames(), FailsWith(kUnavailable, ::testing::_));
    EXPECT_THAT(f.LabelValues("a"), FailsWith(kUnavailable, ::testing::_));
  }
}

TEST(Reply, IsGoodWithWhateverStandsAroundTheData) {
  struct Case {
    int status;
    const char* body;
    std::vector<std::string> warnings = {};
  };
  const Case cases[] = {
      {200,
       R"({"status":"success","data":{"resultType":"vector","result":[]}})"},
      {400,
       R"({"status":"success","data":{"resultType":"vector","result":[]}})"},
      {200, R"({"data":{"resultType":"vector","result":[]}})"},
      {200, R"({"status":"?","data":{"resultType":"vector","result":[]}})"},
      {200,
       R"( {"data":{"stats":{"x":[{"y":[]}]},"result":[],"resultType":"vector"},
           "trace":{"children":[{"data":5,"status":"error"},[[]]]},"n":-1e3,
           "isPartial":false,"status":"success","error":null} )"},
      {200,
       R"({"data":{"resultType":"vector","result":[]},"warnings":["a",5,["x"],{"y":"z"},"b"],"infos":["c"]})",
       {"a", "b"}},
      {200,
       R"({"data":{"resultType":"vector","result":[]},"warnings":{"a":["b"]}})"},
      {200, R"({"data":{"resultType":"vector","result":[]},"warnings":null})"},
      // What follows the first value is not read.
      {200,
       R"({"data":{"resultType":"vector","result":[]}}{"status":"error"})"},
      {200, R"({"data":{"resultType":"vector","result":[]}} }}} no)"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(c.body);
      SCOPED_TRACE(piece);
      Fixture f;
      f.client.piece = piece;
      f.client.Answer("/api/v1/query", {.status = c.status, .body = c.body});
      const Result<model::QueryResult> result = f.Query();
      ASSERT_THAT(result, IsOk());
      EXPECT_EQ(result->warnings, c.warnings);
    }
  }
}

TEST(Reply, KeepsABoundedNumberOfWarnings) {
  std::string body =
      R"({"data":{"resultType":"vector","result":[]},"warnings":["x")";
  for (int i = 0; i < 1000; ++i) body += ",\"x\"";
  Fixture f;
  f.client.Answer("/api/v1/query", {.body = body + "]}"});
  const Result<model::QueryResult> result = f.Query();
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->warnings, SizeIs(100));
}

TEST(Reply, ShortensALongErrorText) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "ä";
  Fixture f;
  f.client.Answer("/api/v1/query",
                  {.status = 422,
                   .body = R"({"status":"error","errorType":"422","error":")" +
                           text + "\"}"});
  // "422: " and 509 times "ä" are 1023 bytes; half of one more would fit.
  EXPECT_THAT(f.Query(),
              FailsWith(kInvalid, "422: " + text.substr(0, 1018) + "..."));
}

TEST(Reply, IsTooLargeAboveTheLimitWhereItIsGathered) {
  PrometheusBackend::Options options = At("http://h");
  options.max_reply = 2 * 1024 * 1024;
  Fixture f(options);
  const std::string blanks(2 * 1024 * 1024, ' ');
  const std::string list = R"({"data":[]})" + blanks;
  f.client.piece = 16384;
  f.client.Answer("/api/v1/query", {.body = blanks + "{}"});
  f.client.Answer("/api/v1/labels", {.body = list});
  f.client.Answer("/api/v1/label/a/values", {.body = list});
  f.client.Answer("/api/v1/series", {.body = list});
  const auto fails = FailsWith(ErrorCode::kTooLarge,
                               "the backend's reply is larger than 2 MiB");
  EXPECT_THAT(f.Query(), fails);
  EXPECT_THAT(f.LabelNames(), fails);
  EXPECT_THAT(f.LabelValues("a"), fails);
  EXPECT_THAT(f.Series([](const model::Labels&) { return Done{}; }), IsOk());
}

TEST(Reply, PassesOnTheErrorsOfTheNetwork) {
  Fixture f;
  f.client.Answer("/api/v1/query",
                  {.body = R"({"data":{"resultType":"vector","result":[]}})",
                   .error = Error{kUnavailable, "the connection broke", ""}});
  EXPECT_THAT(f.Query(), FailsWith(kUnavailable, "the connection broke"));
}

TEST(Reply, HintsAtTheCureInTheDetail) {
  const std::string overloaded =
      "the backend is overloaded, or a quota is used up";
  const std::string credentials =
      "the backend asks for credentials, or refuses those it got; credentials "
      "sent: none";
  const std::string path = "is the path of the URL the prefix of the API?";
  struct Case {
    int status;
    std::string body;
    net::Headers headers;
    std::string detail;
  };
  const Case cases[] = {
      {404, "404 page not found", {}, path},
      // VictoriaMetrics, of a path without its tenant.
      {400, "unsupported path requested: \"/api/v1/query\"", {}, path},
      {302,
       "",
       {{"Location", "/login"}},
       "a redirect that leads nowhere; the URL should be where it leads"},
      {401, "", {}, credentials},
      {403,
       R"({"error":{"status":"PERMISSION_DENIED","message":"m"}})",
       {},
       credentials},
      {429, "", {}, overloaded},
      {429,
       R"({"status":"error","errorType":"429","error":"too many"})",
       {{"Retry-After", "10"}},
       overloaded + "; it asks to be left alone for 10 seconds"},
      {429, "", {{"Retry-After", "soon\n"}}, overloaded},
      {429, "", {{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}}, overloaded},
      {503,
       "Service Unavailable",
       {{"X-Prometheus-Stopping", "false"}},
       "the server is starting"},
      {503,
       "Service Unavailable",
       {{"X-Prometheus-Stopping", "true"}},
       "the server is stopping"},
      {503, "Service Unavailable", {}, ""},
      {200, "<html>", {}, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.status) + c.body);
    Fixture f;
    f.client.Answer("/api/v1/query",
                    {.status = c.status, .body = c.body, .headers = c.headers});
    const Result<model::QueryResult> result = f.Query();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().detail, c.detail);
  }
}

TEST(Reply, IsReadWhateverItsContentTypeIs) {
  // VictoriaMetrics' type of a matrix.
  Fixture f;
  f.client.Answer(
      "/api/v1/query",
      {.body = R"({"status":"success","data":{"resultType":"matrix","result":
            [{"metric":{"a":"1"},"values":[[1,"2"]]}]}})",
       .headers = {{"Content-Type", "application/stream+json"}}});
  const Result<model::QueryResult> result = f.Query();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->type, model::QueryResult::Type::kMatrix);
}

}  // namespace
}  // namespace sextant::backend
