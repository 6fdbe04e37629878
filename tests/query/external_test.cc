#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "sextant/query/engine.h"
#include "support/result_matchers.h"
#include "world.h"

namespace sextant::query {
namespace {

using ::testing::HasSubstr;

constexpr char kRules[] = R"(
externalRules:
- seriesQuery: 'queue_depth'
  resources: {namespaced: false}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
- seriesQuery: 'lag'
  nan: none
  resources: {overrides: {namespace: {resource: namespace}}}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>})'
)";

ExternalRequest Request(const std::string& metric,
                        const std::string& selector = "") {
  ExternalRequest request;
  request.namespace_ = "shop";
  request.metric = metric;
  if (!selector.empty()) request.selector = *model::Selector::Parse(selector);
  return request;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct External : testing::Test {
  External() {
    world.backend.series = {{{"__name__", "queue_depth"}},
                            {{"__name__", "lag"}, {"namespace", "shop"}}};
  }
  World world{kRules};
};

TEST_F(External, GivesOneItemASampleInTheBackendsOrder) {
  const TimePoint then = world.clock.Now() - std::chrono::seconds(3);
  const model::Labels b = {{"__name__", "queue_depth"}, {"queue", "b"}};
  world.backend.answers["queue_depth{queue!=\"\"}"] =
      Vector({{b, 2.5}, {b, 1}, {{}, kNan}}, then);
  const auto items = world.Ask(Request("queue_depth", "queue"));
  ASSERT_THAT(items, IsOk());
  ASSERT_EQ(items->size(), 3u);
  EXPECT_EQ(items->at(0).labels, b);
  EXPECT_EQ(items->at(0).milli, 2500);
  EXPECT_EQ(items->at(0).time, then);
  EXPECT_EQ(items->at(1).milli, 1000);
  EXPECT_EQ(items->at(2).labels, model::Labels());
  EXPECT_EQ(items->at(2).milli, 0);
}

TEST_F(External, LeavesOutWhatIsNoNumber) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  world.backend.answer_to_others = Vector({{{}, kNan}, {{}, kInf}, {{}, 1e16}});
  auto items = world.Ask(Request("lag"));
  ASSERT_THAT(items, IsOk());
  EXPECT_TRUE(items->empty());

  world.backend.answer_to_others = Vector({});
  items = world.Ask(Request("lag"));
  ASSERT_THAT(items, IsOk());
  EXPECT_TRUE(items->empty());
}

TEST_F(External, GivesAScalarWithoutLabels) {
  model::QueryResult scalar = Vector({{{}, 5.25}});
  scalar.type = model::QueryResult::Type::kScalar;
  world.backend.answer_to_others = scalar;
  const auto items = world.Ask(Request("queue_depth"));
  ASSERT_THAT(items, IsOk());
  ASSERT_EQ(items->size(), 1u);
  EXPECT_EQ(items->at(0).labels, std::nullopt);
  EXPECT_EQ(items->at(0).milli, 5250);

  scalar.samples[0].value = kNan;
  world.backend.answer_to_others = scalar;
  EXPECT_EQ(world.Ask(Request("queue_depth"))->at(0).milli, 0);
  EXPECT_TRUE(world.Ask(Request("lag"))->empty());
}

TEST_F(External, SaysWhatIsMissing) {
  ExternalRequest request = Request("nope");
  EXPECT_THAT(world.Ask(request),
              FailsWith(ErrorCode::kNotFound,
                        "the server could not find the metric nope for "));
  request.namespace_ = "default";
  EXPECT_THAT(
      world.Ask(request),
      FailsWith(ErrorCode::kNotFound,
                "the server could not find the metric nope for namespaces"));
}

TEST_F(External, FailsWithThePeersTexts) {
  struct Row {
    std::string selector;
    model::QueryResult answer;
    std::string message;
  };
  model::QueryResult matrix;
  matrix.type = model::QueryResult::Type::kMatrix;
  model::QueryResult null;
  null.null = true;
  const Row rows[] = {
      {"a>5", {}, "Internal error occurred: unable to fetch metrics"},
      {"", matrix, "encountered an unexpected query result type"},
      {"", null, "the provided input did not contain vector query results"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    world.backend.answer_to_others = row.answer;
    EXPECT_THAT(world.Ask(Request("lag", row.selector)),
                FailsWith(ErrorCode::kInternal, row.message));
  }
}

TEST_F(External, KeepsTheCallersDeadlineThroughLookupAndQuery) {
  world.backend.hanging = {""};
  Started<World::ExternalAnswer> unknown =
      world.Start(Request("lag"), std::chrono::seconds(2));
  world.clock.Advance(std::chrono::seconds(2));
  ASSERT_TRUE(unknown.answer().has_value());
  EXPECT_THAT(*unknown.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded,
                        "Timeout: request did not complete within the "
                        "allotted timeout"));
}

TEST_F(External, CountsTheWarningsOfAnAnswer) {
  world.backend.answer_to_others = Vector({{{}, 1}});
  world.backend.answer_to_others->warnings = {"one", "two"};
  EXPECT_THAT(world.Ask(Request("lag")), IsOk());
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_query_warnings_total 2"));
}

}  // namespace
}  // namespace sextant::query
