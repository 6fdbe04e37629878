#include "sextant/promql/facts.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::promql {
namespace {

std::string LabelsOf(const std::string& query) {
  const std::optional<QueryFacts> facts = Examine(query);
  if (!facts) return "?";
  std::string text = facts->scalar ? "scalar " : "";
  for (const char* label : {"pod", "namespace", "x"}) {
    if (facts->labels.Has(label)) text += std::string(label) + " ";
  }
  return text;
}

TEST(Examine, KnowsWhichLabelsAResultCanCarry) {
  const struct {
    const char* query;
    const char* want;  // of pod, namespace and x
  } cases[] = {
      {"up", "pod namespace x "},
      {R"({__name__="up",pod="a"})", "pod namespace x "},
      {"rate(up[2m])", "pod namespace x "},
      {"sum(up)", ""},
      {"sum by (pod) (up)", "pod "},
      {"sum(up) by (pod, x,)", "pod x "},
      {"sum without (pod) (up)", "namespace x "},
      {"max(sum by (pod, x) (up)) without (x)", "pod "},
      {"sum by (pod) (sum by (namespace) (up))", ""},
      {"topk(3, up)", "pod namespace x "},
      {"count_values(\"x\", up)", "x "},
      {"quantile by (pod) (0.9, up)", "pod "},
      {"sum by (pod) (a) / sum by (pod) (b)", "pod "},
      {"sum by (pod, namespace) (a) / on (pod) sum by (pod) (b)", "pod "},
      {"a / on (pod) group_left (x) sum by (pod, x) (b)", "pod namespace x "},
      {"sum by (pod) (a) * on (pod) group_left (x) b", "pod x "},
      {"sum by (x) (a) * on (pod) group_right b", "pod namespace x "},
      {"a * ignoring (x) b", "pod namespace "},
      {"sum by (pod) (a) * 100", "pod "},
      {"1 - sum by (pod) (a)", "pod "},
      {"-sum by (pod) (a) ^ 2", "pod "},
      {"sum by (pod) (a) or vector(0)", "pod "},
      {"sum by (pod) (a) and on () b", "pod "},
      {"vector(1)", ""},
      {"scalar(up)", "scalar "},
      {"1 + 1", "scalar "},
      {"time()", "scalar "},
      {"absent(up)", "pod namespace x "},
      {"label_replace(sum(up), \"pod\", \"$1\", \"a\", \"(.*)\")", "pod "},
      {"histogram_quantile(0.9, sum by (le, pod) (rate(b_bucket[2m])))",
       "pod "},
      {"max_over_time(sum by (pod) (rate(a[1m]))[5m:30s])", "pod "},
      // MetricsQL: anything may come of it.
      {"rollup_rate(sum(up))", "pod namespace x "},
      {"sum(", "?"},
      {"custom::metric", "pod namespace x "},
      {"a b", "?"},
      {"sum(rate(a[5m]) by (pod)", "?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(LabelsOf(c.query), c.want);
  }
}

std::string OdditiesOf(const std::string& query) {
  const std::optional<QueryFacts> facts = Examine(query);
  if (!facts) return "?";
  std::string text;
  for (const QueryFacts::Oddity& oddity : facts->oddities) {
    constexpr const char* kNames[] = {"needs range", "unused range",
                                      "without le", "dash", "or"};
    text += std::string(kNames[static_cast<int>(oddity.kind)]) + " " +
            oddity.text + ";";
  }
  return text;
}

TEST(Examine, SeesWhatPromqlRefusesAndWhatIsNoUse) {
  const struct {
    const char* query;
    const char* want;
  } cases[] = {
      {"sum(rate(a[2m])) by (pod)", ""},
      {"rate(a)", "needs range rate;"},
      {"avg_over_time(a)", "needs range avg_over_time;"},
      {"rate(a[5m:])", ""},
      {"sum(a[1m]) by (pod)", "unused range [1m];"},
      {"a[2m]", "unused range [2m];"},
      {"a[2m] / 2", "unused range [2m];"},
      {"histogram_quantile(0.9, sum by (pod) (rate(a_bucket[2m])))",
       "without le histogram_quantile;"},
      {"histogram_quantile(0.9, sum by (pod) (rate(a[2m])))", ""},
      {"desired-worker-scale{a=\"b\"}", "dash desired-worker-scale;"},
      {"a - b", ""},
      {"1-a", ""},
      {"a-rate(b[2m])", ""},
      {"sum by (pod) (a) or vector(0)", "or ;"},
      {"a or b", ""},
      {"vector(1) or vector(0)", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(OdditiesOf(c.query), c.want);
  }
}

TEST(Examine, ListsTheSelectors) {
  const auto facts = Examine(
      "sum(rate(a_total{pod=\"p\"}[2m])) / count({__name__=\"b\",le=\"1\"}) "
      "+ (c offset 5m)");
  ASSERT_TRUE(facts);
  ASSERT_EQ(facts->selectors.size(), 3U);
  EXPECT_EQ(facts->selectors[0].name, "a_total");
  EXPECT_EQ(facts->selectors[0].function, "rate");
  EXPECT_EQ(facts->selectors[0].range, "2m");
  ASSERT_EQ(facts->selectors[0].matchers.size(), 1U);
  EXPECT_EQ(facts->selectors[0].matchers[0], (Matcher{"pod", "=", "p"}));
  EXPECT_EQ(facts->selectors[1].name, "b");
  EXPECT_EQ(facts->selectors[1].function, "count");
  EXPECT_EQ(facts->selectors[1].range, "");
  EXPECT_FALSE(facts->selectors[1].offset);
  EXPECT_EQ(facts->selectors[2].function, "");
  EXPECT_TRUE(facts->selectors[2].offset);
  EXPECT_TRUE(facts->uses_le);
}

TEST(Examine, DoesNotFollowEndlessNesting) {
  EXPECT_FALSE(Examine(std::string(100'000, '(')));
}

}  // namespace
}  // namespace sextant::promql
