#include "lexer.h"

#include <cstdint>
#include <utility>

namespace sextant::promql {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(std::string& out, std::uint32_t rune) {
  const auto byte = [&out](std::uint32_t b) {
    out += static_cast<char>(static_cast<unsigned char>(b));
  };
  if (rune < 0x80) {
    byte(rune);
  } else if (rune < 0x800) {
    byte(0xC0 | rune >> 6);
    byte(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    byte(0xE0 | rune >> 12);
    byte(0x80 | (rune >> 6 & 0x3F));
    byte(0x80 | (rune & 0x3F));
  } else {
    byte(0xF0 | rune >> 18);
    byte(0x80 | (rune >> 12 & 0x3F));
    byte(0x80 | (rune >> 6 & 0x3F));
    byte(0x80 | (rune & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    for (;;) {
      SkipBlanks();
      Token token;
      token.begin = at_;
      if (at_ < text_.size() && !Read(token)) return std::nullopt;
      token.end = at_;
      tokens.push_back(std::move(token));
      if (tokens.back().kind == Token::Kind::kEnd) return tokens;
    }
  }

 private:
  char Here(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        const std::size_t line_end = text_.find('\n', at_);
        at_ = line_end == std::string_view::npos ? text_.size() : line_end;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool Read(Token& token) {
    const char c = Here();
    // Between brackets a colon stands between range and step.
    if (IsLetter(c) || (c == ':' && !in_brackets_)) {
      token.kind = Token::Kind::kName;
      return ReadWord(token);
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Here(1)))) {
      token.kind = Token::Kind::kNumber;
      return ReadNumber(token);
    }
    if (c == '"' || c == '\'' || c == '`') {
      token.kind = Token::Kind::kString;
      return ReadString(token);
    }
    token.kind = Token::Kind::kPunctuation;
    return ReadPunctuation(token);
  }

  bool ReadWord(Token& token) {
    const std::size_t begin = at_;
    while (IsLetter(Here()) || IsDigit(Here()) ||
           (Here() == ':' && !in_brackets_)) {
      ++at_;
    }
    token.value = std::string(text_.substr(begin, at_ - begin));
    return true;
  }

  bool ReadNumber(Token& token) {
    const std::size_t begin = at_;
    while (IsLetter(Here()) || IsDigit(Here()) || Here() == '.') {
      const bool exponent = Here() == 'e' || Here() == 'E';
      ++at_;
      if (exponent && (Here() == '+' || Here() == '-') && IsDigit(Here(1))) {
        ++at_;
      }
    }
    token.value = std::string(text_.substr(begin, at_ - begin));
    return true;
  }

  bool ReadString(Token& token) {
    const char quote = text_[at_++];
    for (;;) {
      if (at_ == text_.size()) return false;
      const char c = text_[at_++];
      if (c == quote) return true;
      const bool raw = quote == '`';
      if (c == '\n' && !raw) return false;
      if (raw || c != '\\') {
        token.value += c;
      } else if (!ReadEscape(quote, token.value)) {
        return false;
      }
    }
  }

  bool ReadEscape(char quote, std::string& out) {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    constexpr std::string_view kNames = "abfnrtv\\";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\";
    if (const auto i = kNames.find(c); i != std::string_view::npos) {
      out += kValues[i];
      return true;
    }
    if (c == quote) {
      out += c;
      return true;
    }
    if (c == 'x') return ReadCode(16, 2, false, out);
    if (c == 'u') return ReadCode(16, 4, true, out);
    if (c == 'U') return ReadCode(16, 8, true, out);
    --at_;
    return ReadCode(8, 3, false, out);
  }

  bool ReadCode(std::uint32_t base, int digits, bool rune, std::string& out) {
    std::uint64_t code = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = HexDigit(Here());
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) return false;
      code = code * base + static_cast<std::uint32_t>(digit);
      ++at_;
    }
    if (!rune) {
      if (code > 0xFF) return false;
      out += static_cast<char>(static_cast<unsigned char>(code));
      return true;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    AppendUtf8(out, static_cast<std::uint32_t>(code));
    return true;
  }

  bool ReadPunctuation(Token& token) {
    for (const std::string_view two : {"==", "!=", "=~", "!~", "<=", ">="}) {
      if (text_.substr(at_, 2) == two) {
        token.value = std::string(two);
        at_ += 2;
        return true;
      }
    }
    const char c = text_[at_];
    constexpr std::string_view kSingle = "(){}[],:@+-*/%^=<>";
    if (kSingle.find(c) == std::string_view::npos) return false;
    if (c == '[') in_brackets_ = true;
    if (c == ']') in_brackets_ = false;
    token.value = std::string(1, c);
    ++at_;
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool in_brackets_ = false;
};

}  // namespace

std::optional<std::vector<Token>> Lex(std::string_view text) {
  return Lexer(text).Run();
}

}  // namespace sextant::promql
