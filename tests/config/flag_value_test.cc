#include "config/flag_value.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sextant::config {
namespace {

TEST(ReadSwitch, KnowsWhatGoKnows) {
  for (const char* text : {"1", "t", "T", "true", "TRUE", "True"}) {
    EXPECT_EQ(ReadSwitch(text), true) << text;
  }
  for (const char* text : {"0", "f", "F", "false", "FALSE", "False"}) {
    EXPECT_EQ(ReadSwitch(text), false) << text;
  }
  for (const char* text : {"", "yes", "on", "tRUE", "2"}) {
    EXPECT_EQ(ReadSwitch(text), std::nullopt) << text;
  }
}

TEST(ReadInteger, TakesOneSign) {
  EXPECT_EQ(ReadInteger("0"), 0);
  EXPECT_EQ(ReadInteger("+7"), 7);
  EXPECT_EQ(ReadInteger("-7"), -7);
  EXPECT_EQ(ReadInteger("9223372036854775807"), 9223372036854775807);
  for (const char* text :
       {"", "+", "-", "+-7", "7x", " 7", "0x7", "9223372036854775808"}) {
    EXPECT_EQ(ReadInteger(text), std::nullopt) << text;
  }
}

TEST(ReadNumber, MayHaveAFraction) {
  EXPECT_EQ(ReadNumber("10"), 10);
  EXPECT_EQ(ReadNumber("0.5"), 0.5);
  EXPECT_EQ(ReadNumber("-1"), -1);
  for (const char* text : {"", "inf", "nan", "1,5", "5 "}) {
    EXPECT_EQ(ReadNumber(text), std::nullopt) << text;
  }
}

TEST(ReadList, ReadsALineOfCsv) {
  const struct {
    std::string text;
    std::optional<std::vector<std::string>> want;
  } cases[] = {
      {"", {{}}},
      {"a", {{"a"}}},
      {"a,b", {{"a", "b"}}},
      {"a, b,", {{"a", " b", ""}}},
      {",", {{"", ""}}},
      {R"("a,b",c)", {{"a,b", "c"}}},
      {R"(" ")", {{" "}}},
      {R"("a""b")", {{"a\"b"}}},
      {R"("")", {{""}}},
      {R"("a)", {}},
      {R"("a"b)", {}},
      {R"(a"b")", {}},
      {R"(")", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ReadList(c.text), c.want);
  }
}

TEST(WrongValue, SaysWhatAValueMustBe) {
  const Flag text{.name = "t"};
  const Flag choice{
      .name = "c", .kind = FlagKind::kChoice, .value = "json|text"};
  const Flag on_off{.name = "s", .kind = FlagKind::kSwitch};
  const Flag time{.name = "d", .kind = FlagKind::kDuration, .least = 1};
  const Flag wait{.name = "w", .kind = FlagKind::kDuration};
  const Flag count{.name = "i", .kind = FlagKind::kInteger, .least = 1};
  const Flag port{.name = "p", .kind = FlagKind::kInteger, .most = 65535};
  const Flag number{.name = "n", .kind = FlagKind::kNumber};
  const Flag list{.name = "l", .kind = FlagKind::kList};
  const struct {
    const Flag& flag;
    std::string text;
    std::optional<std::string> want;
  } cases[] = {
      {text, "", {}},
      {choice, "text", {}},
      {choice, "txt", "must be json or text, not \"txt\""},
      {choice, "json|text", "must be json or text, not \"json|text\""},
      {on_off, "T", {}},
      {on_off, "", "must be true or false, not \"\""},
      {time, "1ms", {}},
      {time, "0", "must be more than 0s, not 0"},
      {time, "5",
       "time: missing unit in duration \"5\"; write it like 30s, "
       "5m or 1h30m"},
      {wait, "0s", {}},
      {wait, "-1s", "must be at least 0s, not -1s"},
      {count, "1", {}},
      {count, "0", "must be a whole number of at least 1, not \"0\""},
      {port, "65535", {}},
      {port, "65536", "must be a number from 0 to 65535, not \"65536\""},
      {port, "http", "must be a number from 0 to 65535, not \"http\""},
      {number, "0.5", {}},
      {number, "x", "must be a number, not \"x\""},
      {list, "a,b", {}},
      {list, "a\"b",
       "a quote in \"a\\\"b\" is not closed, or inside a text without quotes; "
       "write a,b or \"a\",\"b\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.flag.name) + " " + c.text);
    EXPECT_EQ(WrongValue(c.flag, c.text), c.want);
  }
}

}  // namespace
}  // namespace sextant::config
