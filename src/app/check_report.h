// What `sextant check` found, for people and for programs.

#pragma once

#include <string>
#include <vector>

#include "sextant/config/problem.h"
#include "terminal.h"

namespace sextant::app {

struct CheckedFile {
  std::string name;
  std::string text;
  config::Problems problems;
};

// One problem a line, the line of the file under it with a mark, and a summary.
std::string CheckText(const std::vector<CheckedFile>& files,
                      const Painter& paint);

// One JSON document.
std::string CheckJson(const std::vector<CheckedFile>& files);

}  // namespace sextant::app
