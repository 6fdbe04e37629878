#include "sextant/obs/metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace sextant::obs {
namespace {

TEST(Metrics, AreWrittenInOrderWithTheirHelp) {
  Metrics metrics;
  metrics.Counter("b_total", "Second.", {{"rule", "rules[1]"}}) += 2;
  metrics.Counter("b_total", "Second.", {{"rule", "rules[0]"}}) += 1;
  metrics.Counter("a_total", "First.\nOf two.");
  metrics.Gauge("c", "A gauge.", {}, [] { return 1.5; });
  EXPECT_EQ(metrics.Text(),
            "# HELP a_total First.\\nOf two.\n"
            "# TYPE a_total counter\n"
            "a_total 0\n"
            "# HELP b_total Second.\n"
            "# TYPE b_total counter\n"
            "b_total{rule=\"rules[0]\"} 1\n"
            "b_total{rule=\"rules[1]\"} 2\n"
            "# HELP c A gauge.\n"
            "# TYPE c gauge\n"
            "c 1.5\n");
}

TEST(Metrics, ACounterMayBeCountedElsewhere) {
  Metrics metrics;
  double seconds = 0.25;
  metrics.CounterFunction("a_seconds_total", "x", {}, [&] { return seconds; });
  seconds += 0.1;
  EXPECT_EQ(metrics.Text(),
            "# HELP a_seconds_total x\n# TYPE a_seconds_total counter\n"
            "a_seconds_total 0.35\n");
}

TEST(Metrics, ASetOfGaugesIsWhatItIsWhenWrittenOut) {
  Metrics metrics;
  Metrics::LabelledValues values = {{{{"rule", "b"}}, 2}, {{{"rule", "a"}}, 1}};
  metrics.GaugeSet("a", "x", [&values] { return values; });
  EXPECT_EQ(metrics.Text(),
            "# HELP a x\n# TYPE a gauge\n"
            "a{rule=\"a\"} 1\na{rule=\"b\"} 2\n");
  values.pop_back();
  EXPECT_EQ(metrics.Text(), "# HELP a x\n# TYPE a gauge\na{rule=\"b\"} 2\n");
}

TEST(Metrics, AHistogramCountsUpToAndIncludingEachBound) {
  Metrics metrics;
  Histogram& seconds =
      metrics.Histogram("a_seconds", "x", {0.1, 1}, {{"rule", "r"}});
  for (const double value : {0.05, 0.1, 0.5, 8.0}) seconds.Observe(value);
  EXPECT_EQ(&metrics.Histogram("a_seconds", "x", {0.1, 1}, {{"rule", "r"}}),
            &seconds);
  EXPECT_EQ(metrics.Text(),
            "# HELP a_seconds x\n# TYPE a_seconds histogram\n"
            "a_seconds_bucket{le=\"0.1\",rule=\"r\"} 2\n"
            "a_seconds_bucket{le=\"1\",rule=\"r\"} 3\n"
            "a_seconds_bucket{le=\"+Inf\",rule=\"r\"} 4\n"
            "a_seconds_sum{rule=\"r\"} 8.65\n"
            "a_seconds_count{rule=\"r\"} 4\n");
}

TEST(Metrics, EscapeLabelValues) {
  Metrics metrics;
  metrics.Counter("a_total", "x", {{"l", "q\"b\\n\n"}}) += 1;
  EXPECT_EQ(metrics.Text(),
            "# HELP a_total x\n# TYPE a_total counter\n"
            "a_total{l=\"q\\\"b\\\\n\\n\"} 1\n");
}

TEST(Metrics, TheReferenceToACounterStaysGood) {
  Metrics metrics;
  std::uint64_t& first = metrics.Counter("a_total", "x", {{"n", "0"}});
  for (int i = 1; i < 100; ++i) {
    metrics.Counter("a_total", "x", {{"n", std::to_string(i)}});
  }
  first += 5;
  EXPECT_EQ(metrics.Counter("a_total", "x", {{"n", "0"}}), 5U);
}

}  // namespace
}  // namespace sextant::obs
