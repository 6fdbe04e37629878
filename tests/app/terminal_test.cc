#include "app/terminal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

namespace sextant::app {
namespace {

TEST(WantsColor, OnlyWhereAPersonLooksAndNobodySaidNo) {
  const struct {
    const char* text;
    TerminalFacts facts;
    bool want;
  } cases[] = {
      {"auto", {true, "", "xterm"}, true},
      {"auto", {false, "", "xterm"}, false},
      {"auto", {true, "1", "xterm"}, false},
      {"auto", {true, "", "dumb"}, false},
      {"always", {false, "1", "dumb"}, true},
      {"never", {true, "", "xterm"}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<ColorChoice> choice = ParseColorChoice(c.text);
    ASSERT_TRUE(choice);
    EXPECT_EQ(WantsColor(*choice, c.facts), c.want);
  }
  EXPECT_FALSE(ParseColorChoice("yes"));
}

TEST(LookAt, AStreamInMemoryIsNoTerminal) {
  const std::ostringstream stream;
  EXPECT_FALSE(LookAt(stream).terminal);
}

TEST(Painter, WrapsATextOrLeavesItAlone) {
  EXPECT_EQ(Painter(true).Red("no"), "\033[1;31mno\033[0m");
  EXPECT_EQ(Painter(true).Red(""), "");
  EXPECT_EQ(Painter(false).Red("no"), "no");
}

TEST(ProgressLine, IsWrittenOverOnATerminal) {
  std::ostringstream err;
  {
    ProgressLine line(err, true);
    line.Show("one", TimePoint());
    line.Show("one", TimePoint());
    line.Show("two", TimePoint());
    line.Clear();
    line.Clear();
  }
  EXPECT_EQ(err.str(), "\r\033[Kone\r\033[Ktwo\r\033[K");
}

TEST(ProgressLine, SpeaksEveryFewSecondsElsewhere) {
  std::ostringstream err;
  {
    ProgressLine line(err, false);
    for (int second = 0; second < 8; ++second) {
      line.Show("at " + std::to_string(second),
                TimePoint() + std::chrono::seconds(second));
    }
  }
  EXPECT_EQ(err.str(), "at 3\nat 6\n");
}

}  // namespace
}  // namespace sextant::app
