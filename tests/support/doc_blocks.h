#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/source_dir.h"

namespace sextant {

// A fenced block of a Markdown page.
struct DocBlock {
  std::string kind;  // what stands behind the opening ```
  int line = 0;      // of its first line
  std::string text;
};

// The blocks of the page that lies at `path` below the repository's root.
inline std::vector<DocBlock> DocBlocksOf(const std::string& path) {
  std::vector<DocBlock> blocks;
  std::ifstream file(std::string(kSourceDir) + "/" + path);
  EXPECT_TRUE(file) << path;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), number + 1, ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << path << " has a block that does not end";
  return blocks;
}

}  // namespace sextant
