#include "rules/template_format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

std::string Text(const char* text) { return text; }

TEST(Sprintf, WritesWhatGoWrites) {
  struct FormatCase {
    std::string format;
    std::vector<Value> arguments;
    std::string expected;
  };
  const std::int64_t three = 3;
  for (const FormatCase& c : std::vector<FormatCase>{
           {"%s|%5s|%-5s|%q|%v|%x",
            {Text("m"), Text("m"), Text("m"), Text("a\"b"), Text("m"),
             Text("hi")},
            "m|    m|m    |\"a\\\"b\"|m|6869"},
           {"%d|%5d|%-5d|%05d|%+d|% d|%x|%X",
            {three, three, three, three, three, three, std::int64_t{255},
             std::int64_t{255}},
            "3|    3|3    |00003|+3| 3|ff|FF"},
           {"%6.2f|%e|%g|%v|%05.1f",
            {3.14159, 2.5, 1e7, 0.5, 2.25},
            "  3.14|2.500000e+00|1e+07|0.5|002.2"},
           {"%t|%v|%5t", {true, false, true}, "true|false| true"},
           {"%v|%s|%q|%v",
            {List{"b", "a"}, List{"b"}, List{"b"}, Map{{"k", "v"}}},
            "[b a]|[b]|[\"b\"]|map[k:v]"},
           {"%5v", {List{"b", "a"}}, "[    b     a]"},
           {"%d", {List{"b"}}, "[%!d(string=b)]"},
           {"%.2s|%3s", {Text("日本語"), Text("日")}, "日本|  日"},
           {"%*d|%-*d|",
            {std::int64_t{4}, three, std::int64_t{4}, three},
            "   3|3   |"},
           {"100%%", {}, "100%"},
           {"%d|%s|%t|%s",
            {Text("m"), three, three, Nil{}},
            "%!d(string=m)|%!s(int=3)|%!t(int=3)|%!s(<nil>)"},
           {"%s %s", {Text("m")}, "m %!s(MISSING)"},
           {"%s", {Text("m"), three, Text("x")}, "m%!(EXTRA int=3, string=x)"},
           {"%", {}, "%!(NOVERB)"},
       }) {
    SCOPED_TRACE(c.format);
    const Result<std::string> text = Sprintf(c.format, c.arguments);
    ASSERT_THAT(text, IsOk());
    EXPECT_EQ(*text, c.expected);
  }
}

TEST(Sprintf, RefusesWhatItDoesNotKnow) {
  for (const auto& [format, message] :
       std::vector<std::pair<std::string, std::string>>{
           {"%c", "the verb %c of printf is not supported"},
           {"%T", "the verb %T of printf is not supported"},
           {"%é", "the verb %é of printf is not supported"},
           {"%#q", "the flag # of printf is not supported"},
           {"%[1]s", "an argument index of printf is not supported"},
           {"%*d", "* of printf needs an integer"},
       }) {
    SCOPED_TRACE(format);
    EXPECT_THAT(Sprintf(format, {Text("m")}),
                FailsWith(ErrorCode::kInvalidArgument, message));
  }
}

}  // namespace
}  // namespace sextant::rules
