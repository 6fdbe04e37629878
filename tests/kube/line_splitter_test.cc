#include "kube/line_splitter.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

TEST(LineSplitter, PiecesBecomeLines) {
  struct Case {
    const char* text;
    std::vector<std::string> pieces;
    std::vector<std::string> lines;
  };
  const Case cases[] = {
      {"nothing", {""}, {}},
      {"no end", {"a"}, {}},
      {"one", {"a\n"}, {"a"}},
      {"in pieces", {"a", "b", "\nc"}, {"ab"}},
      {"several at once", {"a\nb\nc\nd"}, {"a", "b", "c"}},
      {"empty ones are none", {"\n\na\n\n", "\n"}, {"a"}},
      {"just as long as may be", {"12345", "678\n1"}, {"12345678"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    LineSplitter splitter(8);
    std::vector<std::string> lines;
    for (const std::string& piece : c.pieces) {
      EXPECT_THAT(splitter.Put(piece,
                               [&](std::string_view line) -> Result<Done> {
                                 lines.emplace_back(line);
                                 return Done{};
                               }),
                  IsOk());
    }
    EXPECT_EQ(lines, c.lines);
  }
}

TEST(LineSplitter, ALongLineAndAnErrorEndIt) {
  LineSplitter splitter(4);
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) -> Result<Done> {
    lines.emplace_back(line);
    if (line == "bad") return Error{ErrorCode::kInternal, "no", ""};
    return Done{};
  };
  EXPECT_THAT(splitter.Put("a\nbad\nb\n", take),
              FailsWith(ErrorCode::kInternal, "no"));
  EXPECT_THAT(lines, ::testing::ElementsAre("a", "bad"));
  EXPECT_THAT(splitter.Put("123", take), IsOk());
  EXPECT_THAT(
      splitter.Put("45", take),
      FailsWith(ErrorCode::kTooLarge, "an event is larger than 4 bytes"));
}

}  // namespace
}  // namespace sextant::kube
