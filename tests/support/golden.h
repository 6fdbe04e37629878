#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/source_dir.h"

namespace sextant {

// Compares `text` with the file `name` under tests/golden, byte for byte:
// ExpectGolden("config/serve_help.txt", ServeHelpText()).  With
// SEXTANT_UPDATE_GOLDEN=1 the file is written instead, so that a change of
// output is a diff to review.
inline void ExpectGolden(const std::string& name, const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(kSourceDir) / "tests/golden" / name;
  const char* update = std::getenv("SEXTANT_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  const std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; SEXTANT_UPDATE_GOLDEN=1 writes it";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str())
      << "differs from " << path << "; SEXTANT_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace sextant
