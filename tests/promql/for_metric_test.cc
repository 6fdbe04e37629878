#include "sextant/promql/for_metric.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::promql {
namespace {

TEST(ForMetric, HasOneExactNameAndTheOtherMatchers) {
  const struct {
    std::string selector;
    std::string name;
    std::string want;
  } cases[] = {
      {"up", "up", R"({__name__="up"})"},
      {"{}", "a", R"({__name__="a"})"},
      {R"(up{job="a"})", "up", R"({__name__="up",job="a"})"},
      {R"({__name__=~"^a.*",pod!="",__name__!~".*_sum",ns=~"x|y",})", "a_b",
       R"({__name__="a_b",pod!="",ns=~"x|y"})"},
      {R"({job='q"\\'})", "m", R"({__name__="m",job="q\"\\"})"},
      {R"({"my.metric","k8s.pod"!=""})", "my.metric",
       R"({__name__="my.metric","k8s.pod"!=""})"},
      {R"({job="a"})", "pubsub.googleapis.com/a\"b",
       R"({__name__="pubsub.googleapis.com/a\"b",job="a"})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.selector);
    const auto selector = SeriesSelector::Parse(c.selector);
    ASSERT_TRUE(selector);
    const std::string narrowed = ForMetric(*selector, c.name);
    EXPECT_EQ(narrowed, c.want);
    const auto again = SeriesSelector::Parse(narrowed);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->metric_name(), c.name);
  }
}

}  // namespace
}  // namespace sextant::promql
