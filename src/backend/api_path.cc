#include "api_path.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sextant/base/http_text.h"
#include "sextant/base/text.h"

namespace sextant::backend {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Hex(std::uint32_t number) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[number % 16]);
    number /= 16;
  } while (number > 0);
  return text;
}

// The code point at `at` of valid UTF-8; moves `at` behind it.
std::uint32_t NextRune(std::string_view text, std::size_t& at) {
  const auto byte = [&] {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at++]));
  };
  const std::uint32_t first = byte();
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  std::uint32_t rune = first & (0x3FU >> more);
  for (int i = 0; i < more; ++i) rune = rune << 6 | (byte() & 0x3F);
  return rune;
}

std::string EscapedName(std::string_view name) {
  std::string out = "U__";
  for (std::size_t at = 0; at < name.size();) {
    const bool first = at == 0;
    const char c = name[at];
    const std::uint32_t rune = NextRune(name, at);
    if (c == '_') {
      out += "__";
    } else if (IsLetter(c) || c == ':' || (IsDigit(c) && !first)) {
      out += c;
    } else {
      out += "_" + Hex(rune) + "_";
    }
  }
  return out;
}

}  // namespace

std::string ApiPath(std::string_view base, std::string_view endpoint) {
  std::vector<std::string> kept;
  for (std::string& part : Split(base, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string path;
  for (const std::string& part : kept) path += "/" + part;
  return path + "/api/v1/" + std::string(endpoint);
}

std::string LabelSegment(std::string_view label) {
  // Routers split at an encoded '/' too and clean "..", and a name that begins
  // with U__ would be taken for an escaped one.
  const bool escape = label.find('/') != std::string_view::npos ||
                      label == "." || label == ".." ||
                      label.substr(0, 3) == "U__";
  return escape && IsUtf8(label) ? EscapedName(label) : PathSegment(label);
}

}  // namespace sextant::backend
