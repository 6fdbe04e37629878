#include "config/flag.h"

#include <gtest/gtest.h>

namespace sextant::config {
namespace {

constexpr Flag kNew[] = {
    {.name = "file", .value = "FILE"},
    {.name = "v", .letter = "v", .value = "LEVEL"},
    {.name = "on", .kind = FlagKind::kSwitch},
};
constexpr Flag kOld[] = {{.name = "log-dir", .value = "DIRECTORY"}};
const FlagGroup kGroups[] = {{"New", kNew}, {"Old", kOld, true}};

TEST(Flag, IsWrittenWithItsDashes) {
  EXPECT_EQ(Dashed(kNew[0]), "--file");
  EXPECT_EQ(Dashed(kNew[1]), "-v");
  EXPECT_EQ(Written(kNew[0]), "--file=FILE");
  EXPECT_EQ(Written(kNew[1]), "-v=LEVEL");
  EXPECT_EQ(Written(kNew[2]), "--on");
}

TEST(FindFlag, KnowsUnderscoresWhereTheGroupHasThem) {
  EXPECT_EQ(FindFlag(kGroups, "file"), &kNew[0]);
  EXPECT_EQ(FindFlag(kGroups, "log-dir"), &kOld[0]);
  EXPECT_EQ(FindFlag(kGroups, "log_dir"), &kOld[0]);
  for (const char* name : {"", "fil", "File", "on_", "log--dir"}) {
    EXPECT_EQ(FindFlag(kGroups, name), nullptr) << name;
  }
}

}  // namespace
}  // namespace sextant::config
