#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant::config {

// At most 60 bytes of `text`, whole UTF-8 sequences, with "..." if something
// was left out: a message about a file must not grow with the file.
inline std::string Shortened(std::string_view text) {
  constexpr std::size_t kBytes = 60;
  if (text.size() <= kBytes) return std::string(text);
  std::size_t end = kBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(text.substr(0, end)) + "...";
}

// "rules[3]" and "name": "rules[3].name"; long keys are shortened.
inline std::string JoinPath(const std::string& path, std::string_view key) {
  return path.empty() ? Shortened(key) : path + "." + Shortened(key);
}

}  // namespace sextant::config
