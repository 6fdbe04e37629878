// Constants of templates, written as in Go.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sextant/base/result.h"
#include "template_value.h"

namespace sextant::rules {

// 12, -0x1F, 017, 1_000, 1.5, 1e3.  An error is what is wrong, without a place.
Result<Value> ParseNumber(std::string_view text);

// What stands between the quotes of "..." or '...'; nothing if an escape is not
// one of Go's, or a character of the other kind is escaped.
std::optional<std::string> Unquote(std::string_view inside, char quote);

// The first character of UTF-8 text and its length; U+FFFD and 1 if it is none.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};
Character FirstCharacter(std::string_view text);

void AppendUtf8(char32_t code, std::string& out);

}  // namespace sextant::rules
