#include "config/flag_help.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::config {
namespace {

TEST(Wrapped, BreaksBetweenWordsOnly) {
  const std::string forty(40, 'a');
  const std::string hundred(100, 'b');
  EXPECT_EQ(Wrapped("", 0, 2), "\n");
  EXPECT_EQ(Wrapped("a b", 0, 2), "a b\n");
  // 40, a blank and 38 are 79.
  EXPECT_EQ(Wrapped(forty + " " + std::string(38, 'c'), 0, 2),
            forty + " " + std::string(38, 'c') + "\n");
  EXPECT_EQ(Wrapped(forty + " " + std::string(38, 'c'), 1, 2),
            forty + "\n  " + std::string(38, 'c') + "\n");
  EXPECT_EQ(Wrapped("a " + hundred + " c", 0, 2),
            "a\n  " + hundred + "\n  c\n");
}

TEST(HelpOf, ShowsWhatActs) {
  constexpr Flag kFlags[] = {
      {.name = "file", .value = "FILE", .initial = "none", .help = "A file"},
      {.name = "a-name-that-is-so-long-that-it-has-its-own-line",
       .kind = FlagKind::kSwitch,
       .help = "A switch"},
      {.name = "level", .letter = "l", .value = "COUNT", .help = "How much"},
      {.name = "v", .letter = "v", .value = "LEVEL", .help = "The same"},
      {.name = "idle",
       .fate = FlagFate::kWarns,
       .kind = FlagKind::kSwitch,
       .help = "nothing"},
  };
  EXPECT_EQ(HelpOf({"Group", kFlags}),
            "Group:\n"
            "  --file=FILE                       A file (default none)\n"
            "  --a-name-that-is-so-long-that-it-has-its-own-line\n"
            "                                    A switch\n"
            "  -l, --level=COUNT                 How much\n"
            "  -v, --v=LEVEL                     The same\n");
}

}  // namespace
}  // namespace sextant::config
