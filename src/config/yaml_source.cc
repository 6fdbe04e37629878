#include "yaml_source.h"

#include <algorithm>
#include <cstdint>

#include "sextant/base/text.h"

namespace sextant::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The length of the UTF-8 sequence that begins with `first`; 0 if none does.
std::size_t SequenceLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

std::uint32_t CodePoint(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  std::uint32_t value = first & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) {
    value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

bool IsAllowed(std::uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  if (c < 0x7F) return true;
  if (c < 0xA0) return c == 0x85;
  return c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

std::size_t SkipProperties(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text[at] == '&' || text[at] == '!') {
      at = std::min(text.find_first_of(kBlanks, at), text.size());
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (kBlanks.find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

bool IsClosed(std::string_view text, std::size_t at, char quote) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      // Two single quotes are one that belongs to the text.
      if (quote == '"' || text.substr(at + 1, 1) != "'") return true;
      ++at;
    }
  }
  return false;
}

}  // namespace

std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  return text;
}

std::optional<BadByte> FindBadByte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length =
        SequenceLength(static_cast<unsigned char>(text[at]));
    const std::string_view sequence = text.substr(at, length);
    if (length == 0 || sequence.size() < length || !IsUtf8(sequence)) {
      return BadByte{PositionAt(text, at), false};
    }
    // yaml-cpp takes a carriage return alone for a letter, the reference for
    // the end of a line.
    const bool lone_return = text[at] == '\r' && text.substr(at + 1, 1) != "\n";
    if (lone_return || !IsAllowed(CodePoint(sequence))) {
      return BadByte{PositionAt(text, at), true};
    }
    at += length;
  }
  return std::nullopt;
}

std::optional<Position> FindStrayDirective(std::string_view text) {
  bool at_start = true;  // of a document
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::string_view words = Trim(line);
    if (line.substr(0, 1) == "%") {
      const bool known =
          line.substr(0, 6) == "%YAML " || line.substr(0, 5) == "%TAG ";
      if (!at_start || !known) return PositionAt(text, at);
    } else if (line.substr(0, 3) == "...") {
      at_start = true;
    } else if (!words.empty() && words[0] != '#') {
      at_start = false;
    }
    at = end + 1;
  }
  return std::nullopt;
}

ScalarSource LookAtScalar(std::string_view text, std::size_t offset) {
  ScalarSource source;
  source.start = SkipProperties(text, offset);
  if (source.start >= text.size()) return source;
  switch (text[source.start]) {
    case '\'':
      source.style = ScalarStyle::kSingleQuoted;
      source.closed = IsClosed(text, source.start, '\'');
      break;
    case '"':
      source.style = ScalarStyle::kDoubleQuoted;
      source.closed = IsClosed(text, source.start, '"');
      break;
    case '|':
    case '>':
      source.style = ScalarStyle::kBlock;
      break;
    default:
      break;
  }
  return source;
}

bool IsIndentedWithTab(std::string_view text, std::size_t offset) {
  bool tab = false;
  for (std::size_t at = std::min(offset, text.size()); at > 0; --at) {
    const char c = text[at - 1];
    if (c == '\n' || c == '\r') break;
    if (c != ' ' && c != '\t' && c != '-') return false;
    tab = tab || c == '\t';
  }
  return tab;
}

Position PositionAt(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? offset : offset - newline - 1;
  return {static_cast<int>(lines) + 1, static_cast<int>(column) + 1};
}

}  // namespace sextant::config
