#include "sextant/net/request_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::net {
namespace {

TEST(SplitPath, DecodesEachSegmentOnce) {
  const struct {
    std::string path;
    std::vector<std::string> segments;
    bool slash_at_end, broken;
  } kCases[] = {
      {"/", {}, false, false},
      {"/a/b", {"a", "b"}, false, false},
      {"/a/b/", {"a", "b"}, true, false},
      {"/a%20b/%2541", {"a b", "%41"}, false, false},
      {"/../.", {"..", "."}, false, false},
      {"//", {}, true, true},
      {"//a", {"", "a"}, false, true},
      {"/a//", {"a", ""}, true, true},
      {"/a%2Fb", {"a/b"}, false, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    const SplitPath split = SplitPath::Of(c.path);
    EXPECT_FALSE(split.malformed);
    EXPECT_EQ(split.segments, c.segments);
    EXPECT_EQ(split.slash_at_end, c.slash_at_end);
    EXPECT_EQ(split.broken, c.broken);
  }
}

TEST(SplitPath, KnowsWhatIsNoPath) {
  for (const std::string path : {"", "*", "a/b", "/%", "/a/%2", "/%zz"}) {
    SCOPED_TRACE(path);
    EXPECT_TRUE(SplitPath::Of(path).malformed);
  }
}

}  // namespace
}  // namespace sextant::net
