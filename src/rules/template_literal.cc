#include "template_literal.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sextant::rules {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads exactly `count` digits of `base` at text[*at].
std::optional<char32_t> ReadDigits(std::string_view text, std::size_t* at,
                                   int count, int base) {
  char32_t value = 0;
  for (int i = 0; i < count; ++i, ++*at) {
    if (*at >= text.size()) return std::nullopt;
    const int digit = HexDigit(text[*at]);
    if (digit < 0 || digit >= base) return std::nullopt;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
  }
  return value;
}

bool IsCodePoint(char32_t code) {
  return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

// The escape at text[*at], which is behind the backslash.
bool AppendEscape(std::string_view text, std::size_t* at, char quote,
                  std::string& out) {
  if (*at >= text.size()) return false;
  const char c = text[(*at)++];
  switch (c) {
    case 'a':
      out += '\a';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'v':
      out += '\v';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '"':
    case '\'':
      if (c != quote) return false;
      out += c;
      return true;
    case 'x': {
      const auto byte = ReadDigits(text, at, 2, 16);
      if (byte) out += static_cast<char>(*byte);
      return byte.has_value();
    }
    case 'u':
    case 'U': {
      const auto code = ReadDigits(text, at, c == 'u' ? 4 : 8, 16);
      if (!code || !IsCodePoint(*code)) return false;
      AppendUtf8(*code, out);
      return true;
    }
    default: {
      --*at;
      const auto byte = ReadDigits(text, at, 3, 8);
      if (!byte || *byte > 255) return false;
      out += static_cast<char>(*byte);
      return true;
    }
  }
}

Error Bad(const std::string& what, std::string_view text) {
  return Error{ErrorCode::kInvalidArgument,
               what + ": \"" + std::string(text) + "\"",
               {}};
}

// The digits of an integer without sign and underscores; its base.
int BaseOf(std::string* digits) {
  if (digits->size() < 2 || (*digits)[0] != '0') return 10;
  const char prefix = static_cast<char>((*digits)[1] | 0x20);
  const int base = prefix == 'x'   ? 16
                   : prefix == 'o' ? 8
                   : prefix == 'b' ? 2
                                   : 0;
  digits->erase(0, base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;  // 017 is octal
}

}  // namespace

void AppendUtf8(char32_t code, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

Character FirstCharacter(std::string_view text) {
  constexpr Character kBad = {0xFFFD, 1};
  if (text.empty()) return {0, 0};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return kBad;
  char32_t code = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0u) != 0x80u) return kBad;
    code = (code << 6) | (next & 0x3Fu);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[size] || !IsCodePoint(code)) return kBad;
  return {code, size};
}

std::optional<std::string> Unquote(std::string_view inside, char quote) {
  std::string out;
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      out += inside[at++];
      continue;
    }
    ++at;
    if (!AppendEscape(inside, &at, quote, out)) return std::nullopt;
  }
  return out;
}

Result<Value> ParseNumber(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  const bool negative = digits[0] == '-';
  if (digits[0] == '-' || digits[0] == '+') digits.erase(0, 1);
  if (digits.empty()) return Bad("bad number syntax", text);
  if (digits.back() == 'i')
    return Bad("complex numbers are not supported", text);

  // strtod alone would also take "nan" and "infinity".
  const bool hex = digits.size() > 1 && (digits[1] | 0x20) == 'x';
  const bool real =
      digits.find_first_of(hex ? ".pP" : ".eE") != std::string::npos;
  const bool starts_well = HexDigit(digits[0]) >= 0 || digits[0] == '.';
  // Go wants the exponent of a hexadecimal one, strtod does not.
  if (hex && real && digits.find_first_of("pP") == std::string::npos) {
    return Bad("bad number syntax", text);
  }
  if (real && starts_well) {
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    if (end != digits.c_str() + digits.size() || !std::isfinite(value)) {
      return Bad("bad number syntax", text);
    }
    return Value(negative ? -value : value);
  }

  std::string rest = digits;
  const int base = BaseOf(&rest);
  for (const char c : rest) {
    const int digit = HexDigit(c);
    if (digit < 0 || digit >= base) return Bad("bad number syntax", text);
  }
  if (rest.empty()) return Bad("bad number syntax", text);
  errno = 0;
  const unsigned long long value = std::strtoull(rest.c_str(), nullptr, base);
  constexpr auto kLargest =
      static_cast<unsigned long long>(std::numeric_limits<std::int64_t>::max());
  if (errno == ERANGE || value > kLargest) return Bad("integer overflow", text);
  const auto number = static_cast<std::int64_t>(value);
  return Value(negative ? -number : number);
}

}  // namespace sextant::rules
