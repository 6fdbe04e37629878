#include "sextant/promql/name_in_braces.h"

#include <gtest/gtest.h>

#include <string>

#include "sextant/promql/split.h"

namespace sextant::promql {
namespace {

TEST(WithNameInBraces, WritesANameWherePromqlReadsIt) {
  struct Case {
    const char* name;
    const char* query;
    const char* expected;  // null: as it is
  };
  const Case cases[] = {
      {"my.metric", R"(my.metric{pod="a"})",
       R"({__name__="my.metric",pod="a"})"},
      {"my.metric", R"(sum(rate(my.metric{pod="a"}[5m])) by (pod))",
       R"(sum(rate({__name__="my.metric",pod="a"}[5m])) by (pod))"},
      {"my.metric", R"(my.metric {pod="a"})",
       R"({__name__="my.metric",pod="a"})"},
      {"my.metric", "my.metric{}", R"({__name__="my.metric"})"},
      {"my.metric", "my.metric{ }", R"({__name__="my.metric" })"},
      {"my.metric", "my.metric", R"({__name__="my.metric"})"},
      {"my.metric", "sum(my.metric)", R"(sum({__name__="my.metric"}))"},
      {"my.metric", "rate(my.metric[5m])",
       R"(rate({__name__="my.metric"}[5m]))"},
      {"a.b", R"(a.b{x="y"} / a.b{x="z"})",
       R"({__name__="a.b",x="y"} / {__name__="a.b",x="z"})"},
      // What else a name may have in it.
      {"gcp.com/a/b", R"(gcp.com/a/b{x="y"})",
       R"({__name__="gcp.com/a/b",x="y"})"},
      {"a-b", R"(sum(a-b{x="y"}))", R"(sum({__name__="a-b",x="y"}))"},
      {"a\"\\\xC3\xA4", "a\"\\\xC3\xA4{}", "{__name__=\"a\\\"\\\\\xC3\xA4\"}"},
      {"5xx", R"(rate(5xx{x="y"}[5m]))", R"(rate({__name__="5xx",x="y"}[5m]))"},
      // Names that read like what else stands in a query.
      {"}", "}{}", R"({__name__="}"})"},
      {"=", R"(={x="y"} * 2)", R"({__name__="=",x="y"} * 2)"},
      {",", R"(,{x="}",y="z"})", R"({__name__=",",x="}",y="z"})"},
      {"}", "x{y=\"z\" # }\n} + }", "x{y=\"z\" # }\n} + {__name__=\"}\"}"},
      // What a template adds to it.
      {"my.time", R"(rate(my.time_sum{x="y"}[5m]) / rate(my.time_count[5m]))",
       R"(rate({__name__="my.time_sum",x="y"}[5m]) / )"
       R"(rate({__name__="my.time_count"}[5m]))"},
      {"my.metric", R"(job:my.metric{x="y"})",
       R"({__name__="job:my.metric",x="y"})"},
      // It stands there well already.
      {"my.metric", R"({"my.metric",pod="a"})", nullptr},
      {"my.metric", R"({__name__="my.metric",pod="a"})", nullptr},
      {"my.metric", R"(label_replace(x, "y", 'my.metric', `my.metric{`, ""))",
       nullptr},
      {"my.metric", R"(x{y="\"my.metric{}"})", nullptr},
      {"my.metric", "x # my.metric{}\n+ y", nullptr},
      {"my.metric", "x{y=\"my.metric{", nullptr},
      {"my.metric", "x # my.metric{", nullptr},
      {"\"a", R"(x{y="a"})", nullptr},
      {"a.b", R"(x{a.b="c"})", nullptr},
      {"{", "{}", nullptr},
      // Numbers and ranges are no names.
      {"5m", "rate(x[5m])", nullptr},
      {"5", "x * 5", nullptr},
      {"5", "x5 + x[5m:5s] + 15", nullptr},
      // A name that can be written bare needs nothing.
      {"up", R"(up{x="y"} + my.metric{})", nullptr},
      {"", R"({x="y"})", nullptr},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(WithNameInBraces(c.query, c.name),
              c.expected ? c.expected : c.query);
  }
}

TEST(WithNameInBraces, LeavesAQueryThatCanBeSplit) {
  const std::string query = WithNameInBraces(
      R"(sum by ("k8s.pod.name") (rate(a.b{"k8s.pod.name"=~"x|y"}[5m])))",
      "a.b");
  EXPECT_TRUE(CanSplitBy(query, "k8s.pod.name")) << query;
}

}  // namespace
}  // namespace sextant::promql
