// What `sextant check` found, for people and for programs.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "findings.h"
#include "sextant/backend/dialect.h"
#include "sextant/config/problem.h"
#include "terminal.h"

namespace sextant::app {

struct CheckedFile {
  std::string name;
  std::string text;
  config::Problems problems;
  // Nothing if no backend was asked, or it has errors.
  std::optional<std::vector<RuleFinding>> findings = {};
  bool stackdriver = false;  // it serves metrics by that adapter's names too
};

// What the asked backend is taken for, and why; nothing: none was asked, or it
// has not answered.
using AskedBackend = std::optional<backend::Recognition>;

// One problem a line, the line of the file under it with a mark, what the rules
// find, and a summary.
std::string CheckText(const std::vector<CheckedFile>& files,
                      const AskedBackend& asked, const Painter& paint);

// One JSON document.
std::string CheckJson(const std::vector<CheckedFile>& files,
                      const AskedBackend& asked);

}  // namespace sextant::app
