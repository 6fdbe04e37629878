#include "sextant/promql/split.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::promql {
namespace {

TEST(CanSplitBy, IsTrueWhenEveryStepKeepsTheLabel) {
  const char* const cases[] = {
      // selectors
      R"(x{pod=~"a|b"})",
      R"(x{namespace="n",pod="a"})",
      R"({__name__="x",pod=~"a|b",})",
      R"({"my.metric",pod=~"a|b"})",
      R"((x { pod=~"a|b" }))",
      R"(x{pod=~"a|b"} offset 5m)",
      R"(x{pod=~"a|b"} offset -5m @ 1712345678.5)",
      R"(x{pod=~"a|b"}[5m] @ end())",
      "x",
      // functions of one series
      R"(rate(x{pod=~"a|b"}[2m]))",
      R"(RATE(x{pod=~"a|b"}[1h30m]))",
      R"(last_over_time(x{pod=~"a|b"}[1m]))",
      R"(max_over_time(rate(x{pod=~"a|b"}[1m])[5m:30s]))",
      R"(max_over_time(rate(x{pod=~"a|b"}[1m])[5m:] offset 1m))",
      R"(clamp_max(x{pod=~"a|b"}, 100))",
      R"(clamp(x{pod=~"a|b"}, -1, +1e3))",
      R"(round(x{pod=~"a|b"} * 100, 0.1))",
      R"(quantile_over_time(0.9, x{pod=~"a|b"}[5m]))",
      R"(time() - timestamp(x{pod=~"a|b"}))",
      // aggregations
      R"(sum(rate(x{namespace="a",pod=~"a|b"}[2m])) by (pod))",
      R"(sum by (pod) (rate(x{pod=~"a|b"}[2m])))",
      R"(SUM BY (pod) (x{pod=~"a|b"}))",
      R"(sum by(namespace, pod,) (x))",
      R"(sum by ("pod") (x{pod=~"a|b"}))",
      R"(avg(avg_over_time(x{pod=~"a|b"}[5m])) by (pod))",
      R"(sum by (pod) (max by (pod, container) (x{pod=~"a|b"})))",
      R"(sum without (container) (x{pod=~"a|b"}))",
      R"(sum(x{pod=~"a|b"}) without (container))",
      R"(count without () (x{pod=~"a|b"}))",
      R"(histogram_quantile(0.9, sum(rate(x{pod=~"a|b"}[2m])) by (le,pod)))",
      // arithmetic
      R"(x{pod=~"a|b"} / y{pod=~"a|b"})",
      R"(x{pod=~"a|b"} / y)",
      R"(a / on(pod) b)",
      R"(a{pod=~"x"} / on(namespace, pod) b{pod=~"x"})",
      R"(a / ignoring(container) b)",
      R"(a * on(pod) group_left(node) b)",
      R"(a * on(pod) group_right() b)",
      R"(a * on(pod) group_left b)",
      R"(-x{pod=~"a|b"} ^ 2 ^ 2)",
      R"(1 - x{pod=~"a|b"} % 7)",
      R"(x{pod=~"a|b"} > 5)",
      R"(x{pod=~"a|b"} == bool 0)",
      R"(x{pod=~"a|b"} >= bool on(pod) y)",
      R"(x{pod=~"a|b"} atan2 y{pod=~"a|b"})",
      R"(x{pod=~"a|b"} / Inf + nan)",
      R"(avg(delta(a{pod=~"a|b"}[30s])/(1+delta(b{pod=~"a|b"}[30s]))) by (pod))",
      R"(sum by (pod)(x:y{pod=~"a|b"} + z{pod=~"a|b"}))",
      // sets
      R"(x{pod=~"a|b"} or y{pod=~"a|b"})",
      R"(x{pod=~"a|b"} or on(pod) y{pod=~"a|b"})",
      R"(x{pod=~"a|b"} and y)",
      R"(y and x{pod=~"a|b"})",
      R"(x{pod=~"a|b"} unless y)",
      R"(x{pod=~"a|b"} unless on(pod) y{pod=~"a|b"} > 0)",
      R"(x or y)",
      // words of the language where they mean nothing
      R"q(sum by (pod) (x{pod=~"a|b",q="topk(1, absent(z)) by (namespace)"}))q",
      "sum by (pod) (x{pod=~\"a|b\"}) # or vector(0)",
      R"(x{by="(",pod=~"a|b"})",
  };
  for (const char* const query : cases) {
    SCOPED_TRACE(query);
    EXPECT_TRUE(CanSplitBy(query, "pod"));
  }
}

TEST(CanSplitBy, IsFalseWhenAStepMixesSeriesOrIsNotUnderstood) {
  const char* const cases[] = {
      // nothing, or nothing with labels
      "",
      "# pod",
      "1",
      "time()",
      "\"pod\"",
      "vector(1)",
      // aggregations that drop the label
      "sum(x)",
      "sum(x) by (namespace)",
      "sum by () (x)",
      "sum without (pod) (x)",
      "sum(x) without (\"pod\")",
      "avg(DCGM_FI_PROF_GR_ENGINE_ACTIVE{})",
      R"(sum by (pod) (sum by (namespace) (x{pod=~"a|b"})))",
      R"(sum by (namespace) (sum by (pod) (x{pod=~"a|b"})))",
      R"(histogram_quantile(0.9, sum(rate(x{pod=~"a|b"}[1m])) by (le)))",
      R"(x{pod=~"a|b"} / sum(y))",
      // that are of another kind
      R"(topk by (pod) (1, x{pod=~"a|b"}))",
      R"(bottomk(1, x{pod=~"a|b"}) by (pod))",
      R"(quantile by (pod) (0.9, x{pod=~"a|b"}))",
      R"(count_values("pod", x{pod=~"a|b"}) by (pod))",
      R"(limitk(3, x{pod=~"a|b"}) by (pod))",
      R"(limit_ratio(0.5, x{pod=~"a|b"}) by (pod))",
      // functions that mix series or make labels
      R"(absent(x{pod=~"a|b"}))",
      R"(absent_over_time(x{pod=~"a|b"}[5m]))",
      R"(x{pod=~"a|b"} or vector(0))",
      R"((x{pod=~"a|b"}) or on() vector(0))",
      R"(x{pod=~"a|b"} * scalar(y))",
      R"(count(x) by (pod) / scalar(sum(y)))",
      R"(clamp_max(x{pod=~"a|b"}, scalar(y)))",
      R"q(label_replace(x{pod=~"a|b"}, "pod", "$1", "instance", "(.*)"))q",
      R"(label_join(x{pod=~"a|b"}, "pod", "-", "a", "b"))",
      R"(sort_desc(x{pod=~"a|b"}))",
      R"(hour() + x{pod=~"a|b"})",
      R"(abs(1))",
      R"(clamp_max(x{pod=~"a|b"}, y))",
      // matching that drops the label
      R"(x{pod=~"a|b"} / on() y)",
      R"(x{pod=~"a|b"} / on() group_left y)",
      R"(x{pod=~"a|b"} / on() group_right() y)",
      R"(x{pod=~"a|b"} / on(namespace) y)",
      R"(x{pod=~"a|b"} * on(namespace) group_left y)",
      R"(x{pod=~"a|b"} / ignoring(pod) y)",
      R"(x{pod=~"a|b"} * ignoring(pod, node) group_left y)",
      R"(x{pod=~"a|b"} * on(pod) group_left(pod) y)",
      R"(x{pod=~"a|b"} and on(namespace) y)",
      R"(x{pod=~"a|b"} unless ignoring(pod) y)",
      // sets whose sides are asked for different values
      R"(x{pod=~"a|b"} or y)",
      R"(x or y{pod=~"a|b"})",
      R"(x unless y{pod=~"a|b"})",
      R"(x{pod=~"a|b"} or y{pod="b"})",
      R"(x{pod=~"a|b"} or 5)",
      R"(x{pod=~"a|b"} / on(pod) 5)",
      // what only MetricsQL has, or nobody
      R"(rollup_rate(x{pod=~"a|b"}[5m]))",
      R"(range_avg(x{pod=~"a|b"}))",
      R"(sum(x{pod=~"a|b"}, y{pod=~"a|b"}) by (pod))",
      R"(sum(x{pod=~"a|b"}) by (pod) limit 3)",
      R"(x{pod=~"a|b"} default 0)",
      R"(x{pod=~"a|b"} if y)",
      R"(WITH (q = x) sum by (pod) (q))",
      R"(rate(x{pod=~"a|b"}[5m]) keep_metric_names)",
      R"(x{pod=~"a|b" or pod="c"})",
      R"(x{pod=~"a|b"}[$__interval])",
      R"(x{pod=~"a|b"}[5m*2])",
      R"(unknown(x{pod=~"a|b"}))",
      R"((x{pod=~"a|b"}, y{pod=~"a|b"}))",
      // broken
      R"(sum(x{pod=~"a|b"} by (pod))",
      R"(sum(x{pod=~"a|b"})) by (pod))",
      R"(sum by (pod) (x{pod=~"a|b"})",
      R"(sum by (pod)",
      R"(sum by (pod) ())",
      R"(sum by pod (x))",
      R"(sum by (pod) (x) by (pod))",
      R"(sum by (pod,,) (x))",
      R"(sum by (5m) (x))",
      R"(x{pod=~"a|b"}})",
      R"(x{pod=~"a|b)",
      R"(x{pod=~"a|b"} y)",
      R"(x{pod=~"a|b"} /)",
      R"(/ x{pod=~"a|b"})",
      R"(x{pod=~"a|b"}[5m)",
      R"(x{pod=~"a|b"}[])",
      R"(5[5m])",
      R"(x offset y)",
      R"(x @ y)",
      R"(rate())",
      R"(rate(x[5m],))",
      R"(time(1) + x)",
      R"(by{pod=~"a|b"})",
      R"(on)",
      R"(x $ y)",
  };
  for (const char* const query : cases) {
    SCOPED_TRACE(query);
    EXPECT_FALSE(CanSplitBy(query, "pod"));
  }
}

TEST(CanSplitBy, KnowsTheLabelByItsUnquotedName) {
  EXPECT_TRUE(
      CanSplitBy(R"(sum by ("k8s.pod") ({"x","k8s.pod"=~"a|b"}))", "k8s.pod"));
  EXPECT_FALSE(CanSplitBy(R"(sum by ("k8s.pod") (x))", "pod"));
}

TEST(CanSplitBy, IsFalseForLabelsThatFunctionsChange) {
  EXPECT_FALSE(CanSplitBy("rate(x[5m])", "__name__"));
  EXPECT_FALSE(CanSplitBy("histogram_quantile(0.9, x)", "le"));
  EXPECT_FALSE(CanSplitBy("x", "quantile"));
}

TEST(CanSplitBy, GivesUpOnDeepNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "x" + std::string(depth, ')');
  };
  EXPECT_TRUE(CanSplitBy(nested(60), "pod"));
  EXPECT_FALSE(CanSplitBy(nested(64), "pod"));
  EXPECT_FALSE(CanSplitBy(nested(100000), "pod"));
  EXPECT_FALSE(CanSplitBy(std::string(100000, '-') + "x", "pod"));
}

}  // namespace
}  // namespace sextant::promql
