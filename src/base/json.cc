#include "sextant/base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "utf8.h"

namespace sextant {
namespace {

constexpr int kMaxDepth = 100;

// Counts brackets outside of texts: right for JSON, and for anything else the
// parser has its say.
bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// How many bytes at the beginning are ASCII that stands for itself.
std::size_t PlainPrefix(std::string_view text) {
  const auto special = [](char c) {
    return c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' ||
           c == '>' || c == '&';
  };
  return static_cast<std::size_t>(
      std::find_if(text.begin(), text.end(), special) - text.begin());
}

}  // namespace

Result<nlohmann::json> ParseJson(std::string_view text) {
  // Copying or writing a value nested a hundred thousand deep overflows the
  // stack.  Not by the parser's callback, which makes it look through all items
  // of a list at the end of each (a minute for 15,000 pods).
  if (IsTooDeep(text)) {
    return Error{
        ErrorCode::kInvalidArgument,
        "JSON is nested deeper than " + std::to_string(kMaxDepth) + " levels",
        {}};
  }
  try {
    nlohmann::json value = nlohmann::json::parse(text.begin(), text.end());
    return value;
  } catch (const nlohmann::json::parse_error& e) {
    // The library's text quotes what it last read, which may be a secret.
    return Error{ErrorCode::kInvalidArgument,
                 "not valid JSON at byte " + std::to_string(e.byte),
                 {}};
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument,
                 "not valid JSON: a number or text that cannot be read",
                 e.what()};
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    // What needs no escape, nearly all there is, goes in one piece.
    const std::size_t plain = PlainPrefix(text.substr(at));
    out += text.substr(at, plain);
    at += plain;
    if (at == text.size()) break;
    const DecodedRune rune = DecodeRune(text.substr(at));
    if (!rune.valid) {
      out += "\\ufffd";
    } else if (rune.value == '"' || rune.value == '\\') {
      out += '\\';
      out += static_cast<char>(rune.value);
    } else if (rune.value == '\n') {
      out += "\\n";
    } else if (rune.value == '\r') {
      out += "\\r";
    } else if (rune.value == '\t') {
      out += "\\t";
    } else if (rune.value < 0x20 || rune.value == '<' || rune.value == '>' ||
               rune.value == '&') {
      out += "\\u00";
      out += kHex[(rune.value >> 4) & 0xF];
      out += kHex[rune.value & 0xF];
    } else if (rune.value == 0x2028 || rune.value == 0x2029) {
      out += rune.value == 0x2028 ? "\\u2028" : "\\u2029";
    } else {
      out += text.substr(at, rune.size);
    }
    at += rune.size;
  }
  out += '"';
}

}  // namespace sextant
