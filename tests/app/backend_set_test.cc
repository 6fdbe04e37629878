#include "app/backend_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "sextant/config/metrics_config.h"
#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct World {
  Result<std::unique_ptr<BackendSet>> Build(const std::string& file) {
    config::Problems problems;
    const config::MetricsConfig config =
        config::ParseMetricsConfig("f", file, problems);
    EXPECT_EQ(problems.ErrorText(), "");
    config::BackendFlags flags;
    flags.url = "http://127.0.0.1:1";
    return BackendSet::Build(
        flags, config.backends, [](const char*) { return std::string(); },
        clock, metrics);
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
};

TEST(BackendSet, TheFlagsAloneHaveNoLineOfTheirOwn) {
  World world;
  const auto set = world.Build("rules: []");
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ((*set)->InWords(), "http://127.0.0.1:1");
  EXPECT_THAT((*set)->Notes(), IsEmpty());
}

TEST(BackendSet, WhatIsMadeOfOthersMayStandBeforeThem) {
  World world;
  const auto set = world.Build(R"(
backends:
- {name: all, shards: [pair, default], shardedBy: [pod]}
- {name: pair, failover: [a, b]}
- {name: a, url: http://127.0.0.1:2}
- {name: b, url: http://127.0.0.1:3}
)");
  ASSERT_THAT(set, IsOk());
  for (const char* name : {"default", "a", "b", "pair", "all"}) {
    (*set)->backends().Of(name);  // is there
  }
  EXPECT_THAT((*set)->Notes(),
              ElementsAre("[+]backend/default ok", "[+]backend/a ok",
                          "[+]backend/b ok"));
}

TEST(BackendSet, OneOfTheFileCalledDefaultTakesThePlaceOfTheFlags) {
  World world;
  const auto set =
      world.Build("backends: [{name: default, url: http://127.0.0.1:9}]");
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ((*set)->InWords(), "http://127.0.0.1:9");
}

TEST(BackendSet, AFailureIsInItsLineAndItsCounter) {
  World world;
  const auto set = world.Build(
      "backends: [{name: a, url: http://127.0.0.1:1, dialect: prometheus, "
      "circuitBreaker: {failures: 1}}]");
  ASSERT_THAT(set, IsOk());
  const backend::Backends backends = (*set)->backends();
  const TimePoint deadline = world.clock.Now() + std::chrono::seconds(60);
  EXPECT_FALSE(
      AwaitTask(world.loop, backends.Of("a").Query("up", {}, deadline)));
  EXPECT_THAT((*set)->Notes(),
              ElementsAre("[+]backend/default ok",
                          StartsWith("[-]backend/a asked only now and then: "
                                     "")));
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_backend_requests_total{backend=\"a\","
                        "endpoint=\"query\",outcome=\"unavailable\"} 1\n"));
}

TEST(BackendSet, AnErrorNamesTheBackendAndItsKey) {
  World world;
  EXPECT_THAT(
      world.Build("backends: [{name: a, url: http://a, tokenFile: /no/t}]"),
      FailsWith(ErrorCode::kInvalidArgument,
                StartsWith("backends[0] (a): failed to read tokenFile: ")));
}

}  // namespace
}  // namespace sextant::app
