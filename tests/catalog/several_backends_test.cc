// Rules of different backends do not wait for each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "sextant/catalog/refresher.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/run_task.h"

namespace sextant::catalog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// More rules of the slow backend than are asked at a time, and before the
// other.
constexpr char kRules[] = R"(
backends: [{name: slow, url: http://slow}, {name: quick, url: http://quick}]
externalRules:
- {seriesQuery: s1, metricsQuery: s1, backend: slow, resources: {namespaced: false}}
- {seriesQuery: s2, metricsQuery: s2, backend: slow, resources: {namespaced: false}}
- {seriesQuery: s3, metricsQuery: s3, backend: slow, resources: {namespaced: false}}
- {seriesQuery: s4, metricsQuery: s4, backend: slow, resources: {namespaced: false}}
- {seriesQuery: s5, metricsQuery: s5, backend: slow, resources: {namespaced: false}}
- {seriesQuery: q, metricsQuery: q, backend: quick, resources: {namespaced: false}}
)";

struct Two {
  Two() { slow.hanging = {""}; }
  bool Lists(const std::string& metric) const {
    return refresher.Current()->FindExternal(metric) != nullptr;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend slow{clock};
  FakeBackend quick{clock};
  obs::Metrics metrics;
  Refresher refresher{{},
                      CompileRuleText(kRules),
                      backend::Backends({{"slow", &slow}, {"quick", &quick}}),
                      clock,
                      metrics};
};

TEST(SeveralBackends, ARoundOfOneDoesNotWaitForAnother) {
  Two two;
  two.quick.series = {{{"__name__", "q"}}};
  auto rounds = LaunchTask(two.loop, Finished(two.refresher.Run()));
  EXPECT_TRUE(two.Lists("q"));
  EXPECT_FALSE(two.refresher.FirstRoundEnded());
  // Its next rounds come in time, while the other still hangs.
  two.quick.asked.clear();
  two.clock.Advance(minutes(11));
  EXPECT_THAT(two.quick.asked, Not(IsEmpty()));
  rounds.Cancel();
  two.clock.Settle();
  EXPECT_EQ(two.slow.waiting, 0U);
}

TEST(SeveralBackends, DiscoveryIsReadySomeSecondsAfterTheFirstIsThrough) {
  Two two;
  auto rounds = LaunchTask(two.loop, Finished(two.refresher.Run()));
  two.clock.Advance(seconds(4));
  EXPECT_FALSE(two.refresher.FirstRoundEnded());
  two.clock.Advance(seconds(1));
  EXPECT_TRUE(two.refresher.FirstRoundEnded());
  // The gauge speaks of the one that is furthest behind.
  EXPECT_THAT(
      two.metrics.Text(),
      Not(HasSubstr("\nsextant_catalog_last_round_timestamp_seconds ")));
  rounds.Cancel();
  two.clock.Settle();
}

TEST(SeveralBackends, EachRuleAsksItsOwn) {
  Two two;
  two.slow.hanging.clear();
  two.slow.series = {{{"__name__", "q"}}, {{"__name__", "s1"}}};
  two.quick.series = {{{"__name__", "s1"}}};
  ASSERT_TRUE(RunTask(two.loop, Finished(two.refresher.RunOnce())));
  EXPECT_TRUE(two.Lists("s1"));
  EXPECT_FALSE(two.Lists("q"));
  EXPECT_TRUE(two.refresher.FirstRoundEnded());
}

TEST(SeveralBackends, AMissThatOneBackendHasDoesNotWaitForAnother) {
  // Both rules could have the metric.
  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend slow{clock};
  FakeBackend quick{clock};
  obs::Metrics metrics;
  slow.hanging = {""};
  quick.series = {{{"__name__", "b"}}};
  Refresher refresher{{},
                      CompileRuleText(R"(
backends: [{name: slow, url: http://slow}, {name: quick, url: http://quick}]
externalRules:
- {seriesQuery: a, metricsQuery: a, name: {as: m}, backend: slow, resources: {namespaced: false}}
- {seriesQuery: b, metricsQuery: b, name: {as: m}, backend: quick, resources: {namespaced: false}}
)"),
                      backend::Backends({{"slow", &slow}, {"quick", &quick}}),
                      clock,
                      metrics};
  const auto found =
      RunTask(loop, refresher.LookUpExternal("m", clock.Now() + seconds(60)));
  ASSERT_TRUE(found);
  EXPECT_TRUE(*found);
  clock.Settle();
  EXPECT_EQ(slow.waiting, 0U);
}

}  // namespace
}  // namespace sextant::catalog
