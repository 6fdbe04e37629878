#include "sextant/promql/selector.h"

#include <gtest/gtest.h>

namespace sextant::promql {
namespace {

TEST(SeriesSelector, TakesOneMoreMatcher) {
  struct Case {
    const char* text;
    const char* name;  // null: none
    const char* with;
  };
  const Case cases[] = {
      {"up", "up", R"(up{pod!=""})"},
      {"up{}", "up", R"(up{pod!=""})"},
      {"up { }", "up", R"(up {pod!=""})"},
      {" up{a=\"b\"} ", "up", R"(up{a="b",pod!=""})"},
      {R"(up{a="b",})", "up", R"(up{a="b",pod!=""})"},
      {R"(up{a="b" , })", "up", R"(up{a="b",pod!=""})"},
      {R"(job:up:rate5m{a!="b",c=~"d.*",e!~'f'})", "job:up:rate5m",
       R"(job:up:rate5m{a!="b",c=~"d.*",e!~'f',pod!=""})"},
      {R"({__name__=~"^container_.*",container!="POD"})", nullptr,
       R"({__name__=~"^container_.*",container!="POD",pod!=""})"},
      {R"({__name__="up"})", "up", R"({__name__="up",pod!=""})"},
      {R"({__name__=""})", nullptr, R"({__name__="",pod!=""})"},
      {R"({__name__!="up"})", nullptr, R"({__name__!="up",pod!=""})"},
      {R"({"my.metric"})", "my.metric", R"({"my.metric",pod!=""})"},
      {R"({"my.metric","k8s.pod"="p"})", "my.metric",
       R"({"my.metric","k8s.pod"="p",pod!=""})"},
      {R"({a="b","my.metric",})", "my.metric",
       R"({a="b","my.metric",pod!=""})"},
      {"{}", nullptr, R"({pod!=""})"},
      // What looks like the end of the selector, in strings and comments.
      {R"(up{a="}"})", "up", R"(up{a="}",pod!=""})"},
      {R"(up{a="\"}"})", "up", R"(up{a="\"}",pod!=""})"},
      {R"(up{a='"}'})", "up", R"(up{a='"}',pod!=""})"},
      {R"(up{a=`\`})", "up", R"(up{a=`\`,pod!=""})"},
      {"up{a=\"#\"} # } \"", "up", R"(up{a="#",pod!=""})"},
      {"# all of them\nup{\n  a=\"b\", # one\n  c=\"d\" # two }\n}", "up",
       "up{\n  a=\"b\", # one\n  c=\"d\",pod!=\"\"}"},
      // Words of the language are names of labels, and some of metrics.
      {R"(up{by="a",on="b",bool="c"})", "up",
       R"(up{by="a",on="b",bool="c",pod!=""})"},
      {"sum", "sum", R"(sum{pod!=""})"},
      {"start", "start", R"(start{pod!=""})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<SeriesSelector> selector =
        SeriesSelector::Parse(c.text);
    ASSERT_TRUE(selector);
    EXPECT_EQ(selector->metric_name().value_or("(none)"),
              c.name ? c.name : "(none)");
    EXPECT_EQ(selector->With("pod", "!=", ""), c.with);
    // What it made is a selector again.
    EXPECT_TRUE(SeriesSelector::Parse(selector->With("pod", "!=", "")));
  }
}

TEST(SeriesSelector, QuotesWhatItAdds) {
  const std::optional<SeriesSelector> selector = SeriesSelector::Parse("up");
  ASSERT_TRUE(selector);
  EXPECT_EQ(selector->With("k8s.pod", "=", "a\"b\\"),
            R"(up{"k8s.pod"="a\"b\\"})");
}

TEST(SeriesSelector, ReadsEscapesInNames) {
  struct Case {
    const char* text;
    const char* name;
  };
  const Case cases[] = {
      {R"({"a\x62c"})", "abc"},
      {R"({"a\142c"})", "abc"},
      {R"({"\u00e4"})", "\xc3\xa4"},
      {R"({"\U0001F600"})", "\xf0\x9f\x98\x80"},
      {R"({"\u20ac"})", "\xe2\x82\xac"},
      {R"({"a\n\t\\\""})", "a\n\t\\\""},
      {R"({'a\''})", "a'"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<SeriesSelector> selector =
        SeriesSelector::Parse(c.text);
    ASSERT_TRUE(selector);
    EXPECT_EQ(selector->metric_name(), c.name);
  }
}

TEST(SeriesSelector, RefusesWhatIsNotSurelyOne) {
  const char* const cases[] = {
      "",
      " # only this",
      "up{a=\"b\"}[5m]",
      "up offset 5m",
      "up @ 17",
      "rate(up[5m])",
      "(up)",
      "up or down",
      "-up",
      "5",
      "inf",
      "NaN",
      "bool",
      "up{",
      "up}",
      "up{a}",
      "up{a=}",
      "up{a=b}",
      "up{a=5}",
      "up{a==\"b\"}",
      "up{a>\"b\"}",
      "up{,}",
      "up{,a=\"b\"}",
      "up{a=\"b\",,}",
      "up{a=\"b\" c=\"d\"}",
      "up{a=\"b\" or c=\"d\"}",  // MetricsQL
      "up{a:b=\"c\"}",
      "up{9a=\"c\"}",
      "up{a=\"b\"}{c=\"d\"}",
      "up{\"other\"}",
      "up{__name__=\"other\"}",
      "{\"a\",\"b\"}",
      "{\"\"}",
      "{\"\"=\"b\"}",
      "my.metric",
      "my-metric",
      "up{a=\"b}",
      "up{a='b\"}",
      "up{a=`b}",
      "up{a=\"b\nc\"}",
      "up{a=\"\\d\"}",
      "up{a=\"\\'\"}",
      "up{a=\"\\x4\"}",
      "up{a=\"\\400\"}",
      "up{a=\"\\ud800\"}",
      "up{a=\"\\U00110000\"}",
      "up{a=\"b\\",
      "up{<<.LabelMatchers>>}",
      "up\xc3\xa4",
      "up; drop",
  };
  for (const char* const text : cases) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(SeriesSelector::Parse(text));
  }
}

}  // namespace
}  // namespace sextant::promql
