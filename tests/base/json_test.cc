#include "sextant/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/result_matchers.h"

namespace sextant {
namespace {

TEST(ParseJson, ReadsADocument) {
  const auto value = ParseJson(R"({"a": [1, "x", null]})");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ((*value)["a"][1], "x");
}

TEST(ParseJson, SaysWhereADocumentBreaks) {
  EXPECT_THAT(
      ParseJson(R"({"a": secret})"),
      FailsWith(ErrorCode::kInvalidArgument, "not valid JSON at byte 7"));
  EXPECT_THAT(ParseJson(""), FailsWith(ErrorCode::kInvalidArgument,
                                       "not valid JSON at byte 1"));
}

TEST(ParseJson, RefusesADeepDocumentBeforeItCanHurt) {
  for (const int depth : {101, 100000}) {
    SCOPED_TRACE(depth);
    EXPECT_THAT(ParseJson(std::string(static_cast<std::size_t>(depth), '[')),
                FailsWith(ErrorCode::kInvalidArgument, ::testing::_));
  }
}

TEST(AppendJsonString, EscapesAsGoDoes) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"plain", R"("plain")"},
      {"a\"b\\", R"("a\"b\\")"},
      {"\n\r\t", R"("\n\r\t")"},
      {"\x01", R"("\u0001")"},
      {"<a&b>", R"("\u003ca\u0026b\u003e")"},
      {"\u2028\u2029", R"("\u2028\u2029")"},
      {"\xff", R"("\ufffd")"},
      {"é日本", R"("é日本")"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    std::string out;
    AppendJsonString(out, c.text);
    EXPECT_EQ(out, c.want);
  }
}

}  // namespace
}  // namespace sextant
