// Query results, lists and series as they stand in the data of replies.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "backend/fixture.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using Type = model::QueryResult::Type;

constexpr std::size_t kPieces[] = {std::string::npos, 1, 2, 7};

std::string Success(const std::string& data) {
  return R"({"status":"success","data":)" + data + "}";
}

// One line a sample: {pod="a"} 1.5 @1500
std::vector<std::string> Lines(const model::QueryResult& result) {
  std::vector<std::string> lines;
  for (const model::Sample& sample : result.samples) {
    std::string line = "{";
    for (const auto& [name, value] : sample.labels) {
      line += (line.size() > 1 ? "," : "") + name + "=\"" + value + "\"";
    }
    line += "} ";
    char number[64];
    std::snprintf(number, sizeof(number), "%.17g", sample.value);
    line += sample.native_histogram ? "histogram" : number;
    line += " @" + std::to_string(sample.time.time_since_epoch().count());
    lines.push_back(line);
  }
  return lines;
}

TEST(QueryData, IsReadInEveryForm) {
  struct Case {
    const char* data;
    Type type;
    std::vector<std::string> samples = {};
    bool null = false;
  };
  const Case cases[] = {
      {R"({"resultType":"vector","result":[]})", Type::kVector},
      {R"({"resultType":"vector","result":null})", Type::kVector, {}, true},
      {R"({"resultType":"vector","result":[
            {"metric":{"pod":"vllm-0"},"value":[1767323045.123,"3"]}]})",
       Type::kVector,
       {R"({pod="vllm-0"} 3 @1767323045123)"}},
      {R"({"resultType":"vector","result":[
            {"metric":{"b":"2","a":"1"},"value":[1,"-0.5"]},
            {"value":[1.5,"1e+06"],"metric":{}},
            {"value":[1.9999,"+Inf"]},
            {"metric":{"x":""},"value":[-1,"-Inf"],"extra":{"value":[1]}},
            {"extra":[[]],"metric":{"x":"\"\u00e4\\"},"value":[0,"NaN"]}]})",
       Type::kVector,
       {R"({a="1",b="2"} -0.5 @1000)", "{} 1000000 @1500", "{} inf @2000",
        R"({x=""} -inf @-1000)", "{x=\"\"ä\\\"} nan @0"}},
      {R"({"result":[{"metric":{"a":"1"},"value":[1,"2"]}],"resultType":"vector"})",
       Type::kVector,
       {R"({a="1"} 2 @1000)"}},
      {R"({"resultType":"vector","result":[
            {"metric":{"a":"1"},"histogram":[2.5,{"count":"12","sum":"3.4","buckets":[[0,"0.09","0.12","5"]]}]},
            {"metric":{"a":"2"},"value":[2.5,"7"]}]})",
       Type::kVector,
       {R"({a="1"} histogram @2500)", R"({a="2"} 7 @2500)"}},
      {R"({"resultType":"scalar","result":[1.5,"0.25"]})",
       Type::kScalar,
       {"{} 0.25 @1500"}},
      {R"({"result":[1.5,"NaN"],"resultType":"scalar"})",
       Type::kScalar,
       {"{} nan @1500"}},
      {R"({"resultType":"scalar","result":null})", Type::kScalar, {}, true},
      {R"({"resultType":"matrix","result":[
            {"metric":{"a":"1"},"values":[[1,"2"],[2,"3"]]},
            {"metric":{"a":"2"},"histograms":[[1,{}]]}]})",
       Type::kMatrix},
      {R"({"resultType":"matrix","result":[]})", Type::kMatrix},
      // Of two fields of one name the last counts.
      {R"({"resultType":"scalar","result":[{"value":[1,"2"]}],
           "result":[],"resultType":"vector"})",
       Type::kVector},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(c.data);
      SCOPED_TRACE(piece);
      Fixture f;
      f.client.piece = piece;
      f.client.Answer("/api/v1/query", {.body = Success(c.data)});
      const Result<model::QueryResult> result = f.Query();
      ASSERT_THAT(result, IsOk());
      EXPECT_EQ(result->type, c.type);
      EXPECT_EQ(result->null, c.null);
      EXPECT_EQ(Lines(*result), c.samples);
    }
  }
}

TEST(QueryData, HoldsEveryValueThatGoPrints) {
  struct Case {
    const char* text;
    double value;
  };
  const Case cases[] = {
      {"0", 0},
      {"-1", -1},
      {"+1", 1},
      {"0.1", 0.1},
      {"1e+06", 1e6},
      {"1.7976931348623157e+308", std::numeric_limits<double>::max()},
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"123456789012345680", 123456789012345680.0},
      {"Inf", INFINITY},
      {"+Inf", INFINITY},
      {"-Inf", -INFINITY},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Fixture f;
    f.client.Answer("/api/v1/query",
                    {.body = Success(R"({"resultType":"scalar","result":[1,")" +
                                     std::string(c.text) + "\"]}")});
    const Result<model::QueryResult> result = f.Query();
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(result->samples[0].value, c.value);
  }
}

TEST(QueryData, IsRefusedInAnyOtherForm) {
  struct Case {
    const char* data;
    const char* message;
    ErrorCode code = ErrorCode::kUnavailable;
  };
  const char kNotPair[] =
      "bad_response: the value of a sample is not [time, \"value\"]";
  const char kNotNumber[] =
      "bad_response: the value of a sample is not a number";
  const char kNotScalar[] =
      "bad_response: the scalar is not [time, \"number\"]";
  const char kMixed[] = "bad_response: result mixes samples and numbers";
  const Case cases[] = {
      {R"({"resultType":"string","result":[1,"x"]})",
       "unexpected value type \"string\"", ErrorCode::kInvalidArgument},
      {R"({"resultType":"string","result":[1,"5"]})",
       "unexpected value type \"string\"", ErrorCode::kInvalidArgument},
      {"{}", "unexpected value type \"\"", ErrorCode::kInvalidArgument},
      {"null", "unexpected value type \"\"", ErrorCode::kInvalidArgument},
      {"[]", "bad_response: data is not an object"},
      {"5", "bad_response: data is not an object"},
      {R"({"resultType":5})", "bad_response: resultType is not a string"},
      {R"({"resultType":"vector"})", "bad_response: data has no result"},
      {R"({"resultType":"vector","result":{}})",
       "bad_response: result is not a list"},
      {R"({"resultType":"vector","result":"x"})",
       "bad_response: result is not a list"},
      {R"({"resultType":"vector","result":[1,"2"]})",
       "bad_response: a vector holds something else than samples"},
      {R"({"resultType":"vector","result":[{}]})",
       "bad_response: a sample has no value"},
      {R"({"resultType":"vector","result":[{"metric":{}}]})",
       "bad_response: a sample has no value"},
      {R"({"resultType":"vector","result":[{"value":[1,"2"]},{}]})",
       "bad_response: a sample has no value"},
      {R"({"resultType":"vector","result":[{"values":[[1,"2"]]}]})",
       "bad_response: a sample has no value"},
      {R"({"resultType":"vector","result":[{"metric":[]}]})",
       "bad_response: the metric of a sample is not an object"},
      {R"({"resultType":"vector","result":[{"metric":{"a":5}}]})",
       "bad_response: the value of a label is not a string"},
      {R"({"resultType":"vector","result":[{"metric":{"a":{}}}]})",
       "bad_response: the value of a label is not a string"},
      {R"({"resultType":"vector","result":[{"value":5}]})", kNotPair},
      {R"({"resultType":"vector","result":[{"value":{}}]})", kNotPair},
      {R"({"resultType":"vector","result":[{"value":[]}]})", kNotPair},
      {R"({"resultType":"vector","result":[{"value":[1]}]})", kNotPair},
      {R"({"resultType":"vector","result":[{"value":[1,"2","3"]}]})", kNotPair},
      {R"({"resultType":"vector","result":[{"value":["1","2"]}]})",
       "bad_response: the time of a sample is not a number"},
      {R"({"resultType":"vector","result":[{"value":[1e300,"2"]}]})",
       "bad_response: the time of a sample is not a number"},
      {R"({"resultType":"vector","result":[{"value":[1,2]}]})",
       "bad_response: the value of a sample is not a quoted number"},
      {R"({"resultType":"vector","result":[{"value":[1,""]}]})", kNotNumber},
      {R"({"resultType":"vector","result":[{"value":[1,"x"]}]})", kNotNumber},
      {R"({"resultType":"vector","result":[{"value":[1,"1 "]}]})", kNotNumber},
      {R"({"resultType":"vector","result":[{"value":[1,"+-1"]}]})", kNotNumber},
      {R"({"resultType":"vector","result":[{"value":[1,"++1"]}]})", kNotNumber},
      {R"x({"resultType":"vector","result":[{"value":[1,"nan(1)"]}]})x",
       kNotNumber},
      {R"({"resultType":"vector","result":[{"value":[1,"1e999"]}]})",
       kNotNumber},
      {R"({"resultType":"vector","result":[1,{}]})", kMixed},
      {R"({"resultType":"vector","result":[{"value":[1,"2"]},5]})", kMixed},
      {R"({"resultType":"scalar","result":[]})", kNotScalar},
      {R"({"resultType":"scalar","result":[1]})", kNotScalar},
      {R"({"resultType":"scalar","result":[1,"x"]})", kNotScalar},
      {R"({"resultType":"scalar","result":[{"value":[1,"2"]}]})", kNotScalar},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(c.data);
      SCOPED_TRACE(piece);
      Fixture f;
      f.client.piece = piece;
      f.client.Answer("/api/v1/query", {.body = Success(c.data)});
      EXPECT_THAT(f.Query(), FailsWith(c.code, c.message));
    }
  }
}

TEST(StringsData, IsAListOrNull) {
  struct Case {
    const char* data;
    std::vector<std::string> strings;
  };
  const Case cases[] = {
      {"[]", {}},
      {"null", {}},
      {R"(["b","a","","\u00e4","b"])", {"", "a", "b", "ä"}},
      {"[\"a\xff\"]", {"a\xff"}},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(c.data);
      Fixture f;
      f.client.piece = piece;
      f.client.Answer("/api/v1/labels", {.body = Success(c.data)});
      const Result<std::vector<std::string>> names = f.LabelNames();
      ASSERT_THAT(names, IsOk());
      EXPECT_EQ(*names, c.strings);
    }
  }
}

TEST(SeriesData, ComesOneAtATime) {
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(piece);
    Fixture f;
    f.client.piece = piece;
    f.client.Answer(
        "/api/v1/series",
        {.body = Success(
             R"([{"__name__":"up","job":"a"},{},{"x":"","job":"b\n"}])")});
    std::vector<model::Labels> seen;
    EXPECT_THAT(f.Series([&seen](const model::Labels& labels) {
      seen.push_back(labels);
      return Done{};
    }),
                IsOk());
    EXPECT_THAT(
        seen,
        ElementsAre(model::Labels{{"__name__", "up"}, {"job", "a"}},
                    model::Labels{}, model::Labels{{"x", ""}, {"job", "b\n"}}));
  }
}

TEST(SeriesData, StopsWhenTheSinkHasHadEnough) {
  Fixture f;
  f.client.Answer("/api/v1/series",
                  {.body = Success(R"([{"a":"1"},{"a":"2"},{"a":"3"}])")});
  int seen = 0;
  EXPECT_THAT(f.Series([&seen](const model::Labels&) -> Result<Done> {
    if (++seen < 2) return Done{};
    return Error{ErrorCode::kTooLarge, "enough", ""};
  }),
              FailsWith(ErrorCode::kTooLarge, "enough"));
  EXPECT_EQ(seen, 2);
}

TEST(SeriesData, MayBeOfAnySizeButNotOneSeries) {
  std::string many = "[{\"a\":\"0\"}";
  for (int i = 0; i < 20000; ++i) many += ",{\"pod\":\"some-pod-of-many\"}";
  std::string wide = "[{\"a\":\"0\"";
  const std::string value(1000, 'x');
  for (int i = 0; i < 1100; ++i) {
    wide += ",\"l" + std::to_string(i) + "\":\"" + value + "\"";
  }
  PrometheusBackend::Options options = At("http://h");
  options.max_reply = 1024;
  Fixture f(options);
  f.client.piece = 16384;
  int seen = 0;
  const SeriesSink count = [&seen](const model::Labels&) -> Result<Done> {
    ++seen;
    return Done{};
  };
  f.client.Answer("/api/v1/series", {.body = Success(many + "]")});
  EXPECT_THAT(f.Series(count), IsOk());
  EXPECT_EQ(seen, 20001);
  f.client.Answer("/api/v1/series", {.body = Success(wide + "}]")});
  EXPECT_THAT(f.Series(count),
              FailsWith(ErrorCode::kTooLarge,
                        "the labels of one series are larger than 1 MiB"));
}

TEST(SeriesData, IsRefusedInAnyOtherForm) {
  struct Case {
    const char* data;
    const char* message;
  };
  const Case cases[] = {
      {"{}", "bad_response: data is not a list"},
      {R"("x")", "bad_response: data is not a list"},
      {R"(["x"])", "bad_response: data is not a list of label sets"},
      {"[[]]", "bad_response: data is not a list of label sets"},
      {R"([{"a":5}])", "bad_response: the value of a label is not a string"},
      {R"([{"a":{}}])", "bad_response: the value of a label is not a string"},
      {R"([{"a":null}])", "bad_response: the value of a label is not a string"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.data);
    Fixture f;
    f.client.Answer("/api/v1/series", {.body = Success(c.data)});
    EXPECT_THAT(f.Series([](const model::Labels&) { return Done{}; }),
                FailsWith(ErrorCode::kUnavailable, c.message));
  }
}

}  // namespace
}  // namespace sextant::backend
