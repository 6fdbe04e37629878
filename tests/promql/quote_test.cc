#include "sextant/promql/quote.h"

#include <gtest/gtest.h>

namespace sextant::promql {
namespace {

TEST(QuoteValue, WritesWhatPromqlReadsBackToTheSameBytes) {
  struct Case {
    std::string value;
    const char* quoted;
  };
  const Case cases[] = {
      {"", R"("")"},
      {"web-0", R"("web-0")"},
      {"a\"b", R"("a\"b")"},
      {R"(a\d)", R"("a\\d")"},
      {"line\nnext\ttab", R"("line\nnext\ttab")"},
      {"\x7f", R"("\x7f")"},
      {"Zürich", "\"Zürich\""},
      {"\xff", R"("\xff")"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.quoted);
    EXPECT_EQ(QuoteValue(c.value), c.quoted);
  }
}

TEST(QuoteLabelName, LeavesLegalNamesBare) {
  struct Case {
    const char* name;
    const char* quoted;
    bool label;
    bool metric;
  };
  const Case cases[] = {
      {"pod", "pod", true, true},
      {"_Pod9", "_Pod9", true, true},
      {"__name__", "__name__", true, true},
      {"k8s.pod.name", R"("k8s.pod.name")", false, false},
      {"app.kubernetes.io/name", R"("app.kubernetes.io/name")", false, false},
      {"job:rate", R"("job:rate")", false, true},
      {"9lives", R"("9lives")", false, false},
      {"ä", "\"ä\"", false, false},
      {"", R"("")", false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(QuoteLabelName(c.name), c.quoted);
    EXPECT_EQ(IsLegalLabelName(c.name), c.label);
    EXPECT_EQ(IsLegalMetricName(c.name), c.metric);
  }
}

TEST(EscapeRegex, EscapesWhatMeansSomethingAndNothingElse) {
  EXPECT_EQ(EscapeRegex("web-0_a/b:c"), "web-0_a/b:c");
  EXPECT_EQ(EscapeRegex("ip-10-0-0-1.ec2.internal"),
            R"(ip-10-0-0-1\.ec2\.internal)");
  EXPECT_EQ(EscapeRegex(R"(\.+*?()|[]{}^$)"),
            R"(\\\.\+\*\?\(\)\|\[\]\{\}\^\$)");
}

TEST(NameMatcher, IsEqualityForOneNameAndARegexForSeveral) {
  EXPECT_EQ(NameMatcher("pod", {"web-0"}), R"(pod="web-0")");
  EXPECT_EQ(NameMatcher("node", {"a.b"}), R"(node="a.b")");
  EXPECT_EQ(NameMatcher("pod", {"web-0", "web-1"}), R"(pod=~"web-0|web-1")");
  EXPECT_EQ(NameMatcher("k8s.node", {"a.b", "c"}), R"("k8s.node"=~"a\\.b|c")");
}

}  // namespace
}  // namespace sextant::promql
