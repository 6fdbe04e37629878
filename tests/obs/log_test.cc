#include "sextant/obs/log.h"

#include <gtest/gtest.h>

namespace sextant::obs {
namespace {

TEST(FormatLine, QuotesWhatIsNotPlain) {
  const struct {
    const char* value;
    const char* want;
  } cases[] = {
      {"rules[3]", "WARN relist failed rule=rules[3]"},
      {"", R"(WARN relist failed rule="")"},
      {"no such host", R"(WARN relist failed rule="no such host")"},
      {"a\nERROR forged", R"(WARN relist failed rule="a\nERROR forged")"},
      {"a=b", R"(WARN relist failed rule="a=b")"},
      {"é", R"(WARN relist failed rule="é")"},
      {"\x1b[31m", R"(WARN relist failed rule="\x1b[31m")"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(FormatLine(Level::kWarn, "relist failed", {{"rule", c.value}}),
              c.want);
  }
}

TEST(Log, WritesOnlyFromItsLevelUpward) {
  SetLevel(Level::kWarn);
  EXPECT_FALSE(Enabled(Level::kInfo));
  EXPECT_TRUE(Enabled(Level::kError));
  SetLevel(Level::kInfo);
  EXPECT_TRUE(Enabled(Level::kInfo));
}

}  // namespace
}  // namespace sextant::obs
