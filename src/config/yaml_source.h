// Questions about the text of a YAML file that yaml-cpp does not ask.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "sextant/config/problem.h"

namespace sextant::config {

// `text` without a byte order mark.
std::string_view WithoutByteOrderMark(std::string_view text);

struct BadByte {
  Position at;
  bool utf8 = false;  // false: not UTF-8; true: a character YAML forbids
};

// The first place that is not UTF-8 or holds a character that YAML 1.1 (5.1)
// does not allow, NUL and other control characters above all.
std::optional<BadByte> FindBadByte(std::string_view text);

// The first line that begins with % and is no directive (%YAML, %TAG) at the
// start of a document: yaml-cpp passes over such a line in silence.
std::optional<Position> FindStrayDirective(std::string_view text);

enum class ScalarStyle { kPlain, kSingleQuoted, kDoubleQuoted, kBlock };

struct ScalarSource {
  ScalarStyle style = ScalarStyle::kPlain;
  std::size_t start = 0;  // of the scalar, behind its anchor and tag
  bool closed = true;     // false: the closing quote is missing
};

// What stands in the text at byte `offset`, where a scalar begins with its
// anchor and tag if it has them.
ScalarSource LookAtScalar(std::string_view text, std::size_t offset);

// Is there a tab in the indentation of what begins at byte `offset`?  Dashes
// count as indentation.
bool IsIndentedWithTab(std::string_view text, std::size_t offset);

Position PositionAt(std::string_view text, std::size_t offset);

}  // namespace sextant::config
