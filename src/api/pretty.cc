#include "pretty.h"

#include <cstddef>

namespace sextant::api {
namespace {

void AppendNewLine(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::string Pretty(std::string_view json) {
  std::string out;
  out.reserve(2 * json.size());
  std::size_t depth = 0;
  bool in_string = false;
  bool just_opened = false;  // so that {} and [] stay together
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_string = false;
      continue;
    }
    if (IsBlank(c)) continue;
    const bool closes = c == '}' || c == ']';
    if (just_opened && !closes) AppendNewLine(out, depth);
    if (closes) {
      if (depth > 0) --depth;
      if (!just_opened) AppendNewLine(out, depth);
    }
    just_opened = c == '{' || c == '[';
    if (just_opened) ++depth;
    out += c;
    if (c == ',') AppendNewLine(out, depth);
    if (c == ':') out += ' ';
    in_string = c == '"';
  }
  return out;
}

}  // namespace sextant::api
