#include "sextant/base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant {
namespace {

using std::string_literals::operator""s;

TEST(GoQuote, WritesWhatGoWrites) {
  const struct {
    std::string text;
    const char* want;
  } cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {R"(we"ird\)", R"("we\"ird\\")"},
      {"tab\tnl\ncr\r", R"("tab\tnl\ncr\r")"},
      {"\a\b\f\v", R"("\a\b\f\v")"},
      {"\x01\x7f", R"("\x01\x7f")"},
      {"é日本", R"("é日本")"},
      {"\xff", R"("\xff")"},
      {"\xc3", R"("\xc3")"},
      {"\u00a0", R"("\u00a0")"},
      {"\u200b", R"("\u200b")"},
      {"\U000e0001", R"("\U000e0001")"},
      {"nul\0!"s, R"("nul\x00!")"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(GoQuote(c.text), c.want);
  }
}

TEST(FormEncode, EscapesLikeAForm) {
  EXPECT_EQ(FormEncode({{"query", R"(sum(up{a="b c"}) by (x))"}, {"t", "1.5"}}),
            "query=sum%28up%7Ba%3D%22b+c%22%7D%29+by+%28x%29&t=1.5");
  EXPECT_EQ(FormEscape("-_.~é"), "-_.~%C3%A9");
}

TEST(PercentDecode, RefusesBadEscapes) {
  EXPECT_EQ(PercentDecode("a%7Cb%3a+"), "a|b:+");
  for (const char* bad : {"%", "%4", "%zz", "a%2"}) {
    SCOPED_TRACE(bad);
    EXPECT_EQ(PercentDecode(bad), std::nullopt);
  }
}

TEST(ParseQueryString, KeepsTheOrderAndDropsWhatIsBroken) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const struct {
    const char* query;
    Pairs want;
  } cases[] = {
      {"", {}},
      {"a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
      {"watch", {{"watch", ""}}},
      {"s=a+in+%28b%2Cc%29", {{"s", "a in (b,c)"}}},
      {"a=%zz&b=1;c=2&d=4", {{"d", "4"}}},
      {"a=b=c", {{"a", "b=c"}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(ParseQueryString(c.query), c.want);
  }
}

TEST(Base64, RoundTripsAllLengths) {
  const struct {
    const char* bytes;
    const char* text;
  } cases[] = {{"", ""},
               {"u", "dQ=="},
               {"u:", "dTo="},
               {"u:p", "dTpw"},
               {"u:pq", "dTpwcQ=="}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Base64Encode(c.bytes), c.text);
    EXPECT_EQ(Base64Decode(c.text), c.bytes);
  }
  for (const char* bad : {"a", "ab=", "a===", "ab!=", "=AAA"}) {
    SCOPED_TRACE(bad);
    EXPECT_EQ(Base64Decode(bad), std::nullopt);
  }
}

TEST(Text, TrimsSplitsAndJoins) {
  EXPECT_EQ(Trim(" \ta b\n"), "a b");
  EXPECT_EQ(Trim(" "), "");
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(Join({"a", "b"}, "|"), "a|b");
  EXPECT_TRUE(EqualsIgnoringCase("X-Remote-User", "x-remote-user"));
  EXPECT_FALSE(EqualsIgnoringCase("a", "ab"));
}

TEST(IsUtf8, KnowsOverlongFormsAndSurrogates) {
  EXPECT_TRUE(IsUtf8("é日本\U0001F600"));
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82",
                          "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_FALSE(IsUtf8(bad)) << GoQuote(bad);
  }
}

TEST(NearestWord, FindsASlipAndNothingElse) {
  const std::vector<std::string> keys = {"seriesQuery", "resources", "name",
                                         "metricsQuery"};
  EXPECT_EQ(NearestWord("seriesquery", keys), "seriesQuery");
  EXPECT_EQ(NearestWord("resource", keys), "resources");
  EXPECT_EQ(NearestWord("metricQuery", keys), "metricsQuery");
  EXPECT_EQ(NearestWord("prometheus", keys), std::nullopt);
}

}  // namespace
}  // namespace sextant
