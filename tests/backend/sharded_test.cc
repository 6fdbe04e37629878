#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "sextant/backend/several.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::backend {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kByPod[] = "sum(rate(http_total{pod!=\"\"}[2m])) by (pod)";

struct Shards {
  Result<model::QueryResult> Ask(const std::string& promql = kByPod) {
    return *RunTask(loop, shards.Query(promql, {}, TimePoint(seconds(9))));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend eu{clock};
  FakeBackend us{clock};
  ShardedBackend shards{{{"eu", &eu}, {"us", &us}}, {"node", "pod"}};
};

TEST(ShardedBackendTest, VectorsArePutTogether) {
  Shards world;
  world.eu.answer_to_others = Vector({{{{"pod", "a"}}, 1}});
  world.us.answer_to_others =
      Vector({{{{"pod", "b"}}, 2}, {{{"pod", "c"}}, 3}});
  const Result<model::QueryResult> answer = world.Ask();
  ASSERT_THAT(answer, IsOk());
  std::vector<double> values;
  for (const model::Sample& s : answer->samples) values.push_back(s.value);
  EXPECT_THAT(values, ElementsAre(1, 2, 3));
}

TEST(ShardedBackendTest, AMissingShardIsAnErrorAndNotHalfAnAnswer) {
  for (const ErrorCode code :
       {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded}) {
    Shards world;
    world.eu.answer_to_others = Vector({{{{"pod", "a"}}, 1}});
    world.us.failing[""] = {code, "no", ""};
    EXPECT_THAT(world.Ask(), FailsWith(code, "shard us: no"));
  }
}

TEST(ShardedBackendTest, TheSameLabelsInTwoShardsAreAnError) {
  Shards world;
  world.eu.answer_to_others = Vector({{{{"pod", "a"}}, 1}});
  world.us.answer_to_others = world.eu.answer_to_others;
  EXPECT_THAT(
      world.Ask(),
      FailsWith(ErrorCode::kInvalidArgument,
                "the shards eu and us both have a value for {pod=\"a\"}; "
                "shardedBy must name labels of which no value is in two "
                "shards"));
}

TEST(ShardedBackendTest, AnAnswerThatIsNoVectorIsAnError) {
  Shards world;
  world.eu.answer_to_others = Vector({{{}, 1}});
  world.eu.answer_to_others->type = model::QueryResult::Type::kScalar;
  EXPECT_THAT(world.Ask(),
              FailsWith(ErrorCode::kInvalidArgument, HasSubstr("no vector")));
}

TEST(ShardedBackendTest, OnlyQueriesThatMixNoShardsAreAsked) {
  const struct {
    const char* query;
    bool asked;
  } kCases[] = {
      {"up", true},
      {"sum(x) by (node)", true},
      {"max by (pod, container) (x{pod=~\"a|b\"}) / 100", true},
      {"sum(e) by (pod) / sum(t) by (pod)", true},
      {"sum(x)", false},
      {"sum(e) / sum(t)", false},  // shards without errors answer nothing
      {"sum(x) by (job) > 10", false},
      {"x / scalar(sum(x))", false},
      {"topk(3, x)", false},
      {"absent(x)", false},
      {"no (promql", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    Shards world;
    const Result<model::QueryResult> answer = world.Ask(c.query);
    EXPECT_EQ(world.eu.asked.size() + world.us.asked.size(), c.asked ? 2U : 0U);
    if (c.asked) {
      EXPECT_THAT(answer, IsOk());
    } else {
      EXPECT_THAT(answer, FailsWith(ErrorCode::kInvalidArgument,
                                    HasSubstr("shardedBy (node, pod)")));
    }
  }
}

TEST(ShardedBackendTest, ListsAreUnited) {
  Shards world;
  world.eu.series = {{{"__name__", "up"}, {"pod", "b"}},
                     {{"__name__", "up"}, {"pod", "a"}}};
  world.us.series = {{{"__name__", "up"}, {"pod", "b"}, {"zone", "1"}}};
  const TimePoint deadline(seconds(9));
  const SeriesMatch match{"up", {}, {}};
  const auto values =
      RunTask(world.loop, world.shards.LabelValues("pod", match, deadline));
  ASSERT_TRUE(values && *values);
  EXPECT_THAT(**values, ElementsAre("a", "b"));
  const auto names =
      RunTask(world.loop, world.shards.LabelNames(match, deadline));
  ASSERT_TRUE(names && *names);
  EXPECT_THAT(**names, ElementsAre("__name__", "pod", "zone"));
  std::size_t series = 0;
  const SeriesSink count = [&series](const model::Labels&) -> Result<Done> {
    ++series;
    return Done{};
  };
  const auto read =
      RunTask(world.loop, world.shards.Series(match, deadline, count));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(series, 3U);
  world.us.failing[""] = {ErrorCode::kUnavailable, "down", ""};
  const auto half =
      RunTask(world.loop, world.shards.Series(match, deadline, count));
  ASSERT_TRUE(half);
  EXPECT_THAT(*half, FailsWith(ErrorCode::kUnavailable, "shard us: down"));
}

TEST(ShardedBackendTest, AShardThatTakesNoPatternsDecidesHowAllAreDiscovered) {
  Shards world;
  EXPECT_EQ(world.shards.recognised().dialect->discovery, Discovery::kPresence);
  world.us.recognition.dialect = FindDialect("google");
  EXPECT_EQ(world.shards.recognised().dialect->discovery,
            Discovery::kCatalogue);
}

}  // namespace
}  // namespace sextant::backend
