#pragma once

#include <cstddef>
#include <string_view>

namespace sextant {

struct DecodedRune {
  char32_t value = 0;
  std::size_t size = 1;  // bytes; 1 when not valid
  bool valid = false;
};

// The first rune of `text`, which is not empty.  Overlong forms, surrogates and
// values above U+10FFFF are not valid (RFC 3629).
DecodedRune DecodeRune(std::string_view text);

}  // namespace sextant
