#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "compat/deviations.h"
#include "support/source_dir.h"

namespace sextant::compat {
namespace {

// docs/MIGRATING.md tells users of every deviation, in the same words.
TEST(Compat, migrating) {
  std::ifstream file(std::string(kSourceDir) + "/docs/MIGRATING.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  ASSERT_FALSE(text.empty());
  for (const Deviation& d : Deviations()) {
    const std::string row =
        "| `" + d.group + "` | " + d.condition + " | " + d.reason + " |\n";
    EXPECT_NE(text.find(row), std::string::npos) << "missing: " << row;
  }
}

}  // namespace
}  // namespace sextant::compat
