#include "template_lexer.h"

#include <algorithm>
#include <utility>

#include "template_literal.h"

namespace sextant::rules {

namespace {

constexpr std::string_view kLeftDelimiter = "<<";
constexpr std::string_view kRightDelimiter = ">>";
constexpr std::string_view kBlanks = " \t\r\n";

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Letters beyond ASCII may be in names too; no field of ours has any.
bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<std::vector<Token>> Run() {
    while (at_ < source_.size()) {
      const bool in_action = TakeText();
      if (!in_action) break;
      Result<Done> action = TakeAction();
      if (!action) return std::move(action).error();
    }
    Add(Token::Kind::kEnd, source_.size());
    return std::move(tokens_);
  }

 private:
  Error Fail(std::size_t at, const std::string& message) const {
    return TemplateError(source_, at, message);
  }

  bool StartsWith(std::size_t at, std::string_view what) const {
    return source_.substr(std::min(at, source_.size()), what.size()) == what;
  }

  Token& Add(Token::Kind kind, std::size_t begin) {
    Token token;
    token.kind = kind;
    token.begin = begin;
    token.end = at_;
    token.space_before = space_;
    space_ = false;
    tokens_.push_back(std::move(token));
    return tokens_.back();
  }

  // Takes literal text; true if an action follows, whose << is taken too.
  bool TakeText() {
    const std::size_t left = source_.find(kLeftDelimiter, at_);
    const std::size_t begin = at_;
    std::string_view text = source_.substr(begin, left - begin);
    if (trim_next_) {
      text.remove_prefix(
          std::min(text.find_first_not_of(kBlanks), text.size()));
    }
    const bool action = left != std::string_view::npos;
    at_ = action ? left + kLeftDelimiter.size() : source_.size();
    // "<<- ": with the blank, for <<-3>> is a number.
    const bool trim = action && StartsWith(at_, "-") &&
                      at_ + 1 < source_.size() && IsBlank(source_[at_ + 1]);
    if (trim) {
      text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
    }
    if (!text.empty()) Add(Token::Kind::kText, begin).text = std::string(text);
    if (!action) return false;

    if (trim) at_ += 2;
    left_ = left;
    return true;
  }

  // The length of ">>" or " ->>" if it is here, else 0.
  std::size_t RightDelimiterHere() const {
    if (StartsWith(at_, kRightDelimiter)) return kRightDelimiter.size();
    const bool trimmed = at_ < source_.size() && IsBlank(source_[at_]) &&
                         StartsWith(at_ + 1, "-") &&
                         StartsWith(at_ + 2, kRightDelimiter);
    return trimmed ? 2 + kRightDelimiter.size() : 0;
  }

  void TakeRightDelimiter(std::size_t length) {
    trim_next_ = length > kRightDelimiter.size();
    at_ += length;
  }

  Result<Done> TakeAction() {
    if (StartsWith(at_, "/*")) return TakeComment();

    const std::size_t begin = left_;
    Add(Token::Kind::kLeft, begin);
    depth_ = 0;
    while (true) {
      if (const std::size_t length = RightDelimiterHere()) {
        if (depth_ > 0) return Fail(at_, "unclosed left paren");
        TakeRightDelimiter(length);
        Add(Token::Kind::kRight, at_ - kRightDelimiter.size());
        return Done{};
      }
      if (at_ >= source_.size()) return Fail(begin, "unclosed action");
      if (IsBlank(source_[at_])) {
        ++at_;
        space_ = true;
        continue;
      }
      Result<Done> word = TakeWord();
      if (!word) return word;
    }
  }

  Result<Done> TakeComment() {
    const std::size_t end = source_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return Fail(left_, "unclosed comment");
    at_ = end + 2;
    const std::size_t length = RightDelimiterHere();
    if (length == 0) {
      return Fail(at_, "comment ends before closing delimiter");
    }
    TakeRightDelimiter(length);
    return Done{};
  }

  Result<Done> TakeWord() {
    const std::size_t begin = at_;
    const char c = source_[at_];
    const char next = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
    if (c == '"' || c == '\'') return TakeQuoted(c);
    if (c == '`') return TakeRaw();
    if (IsDigit(c) ||
        ((c == '+' || c == '-') && (IsDigit(next) || next == '.')) ||
        (c == '.' && IsDigit(next))) {
      return TakeNumber();
    }
    if (c == '.') {
      ++at_;
      if (!IsNameByte(next)) {
        Add(Token::Kind::kDot, begin);
        return Done{};
      }
      return TakeName(Token::Kind::kField, begin);
    }
    if (c == '$') {
      ++at_;
      return TakeName(Token::Kind::kVariable, begin);
    }
    if (IsNameByte(c)) return TakeName(Token::Kind::kIdentifier, begin);
    if (c == ':') {
      if (next != '=') return Fail(begin, "expected :=");
      at_ += 2;
      Add(Token::Kind::kDeclare, begin);
      return Done{};
    }
    ++at_;
    switch (c) {
      case '=':
        Add(Token::Kind::kAssign, begin);
        return Done{};
      case '|':
        Add(Token::Kind::kPipe, begin);
        return Done{};
      case ',':
        Add(Token::Kind::kComma, begin);
        return Done{};
      case '(':
        ++depth_;
        Add(Token::Kind::kLeftParen, begin);
        return Done{};
      case ')':
        if (--depth_ < 0) return Fail(begin, "unexpected right paren");
        Add(Token::Kind::kRightParen, begin);
        return Done{};
      default:
        return Fail(begin,
                    "unexpected \"" + std::string(1, c) + "\" in action");
    }
  }

  // A field, variable or identifier whose first character (of the name, or
  // what introduces it) is taken.
  Result<Done> TakeName(Token::Kind kind, std::size_t begin) {
    while (at_ < source_.size() && IsNameByte(source_[at_])) ++at_;
    // What may touch a name; "<<.Series=1>>" is a slip.
    constexpr std::string_view kTerminators = " \t\r\n.,|:()";
    if (at_ < source_.size() && RightDelimiterHere() == 0 &&
        kTerminators.find(source_[at_]) == std::string_view::npos) {
      return Fail(at_, "bad character '" + std::string(1, source_[at_]) + "'");
    }
    const std::size_t skip = kind == Token::Kind::kField ? 1 : 0;
    Token& token = Add(kind, begin);
    token.text = std::string(source_.substr(begin + skip, at_ - begin - skip));
    return Done{};
  }

  Result<Done> TakeNumber() {
    const std::size_t begin = at_;
    ++at_;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      const char before = static_cast<char>(source_[at_ - 1] | 0x20);
      const bool hex = StartsWith(begin, "0x") || StartsWith(begin, "0X");
      const bool sign =
          (c == '+' || c == '-') && (before == 'p' || (before == 'e' && !hex));
      if (!IsNameByte(c) && c != '.' && !sign) break;
      ++at_;
    }
    Result<Value> number = ParseNumber(source_.substr(begin, at_ - begin));
    if (!number) return Fail(begin, number.error().message);
    Add(Token::Kind::kLiteral, begin).literal = *std::move(number);
    return Done{};
  }

  Result<Done> TakeQuoted(char quote) {
    const std::size_t begin = at_++;
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] == '\n') break;
      at_ += source_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= source_.size() || source_[at_] != quote) {
      return Fail(begin, quote == '"' ? "unterminated quoted string"
                                      : "unterminated character constant");
    }
    ++at_;
    const auto inside =
        Unquote(source_.substr(begin + 1, at_ - begin - 2), quote);
    if (!inside) {
      return Fail(begin, "bad escape in " +
                             std::string(source_.substr(begin, at_ - begin)));
    }
    if (quote == '"') {
      Add(Token::Kind::kLiteral, begin).literal = *inside;
      return Done{};
    }
    const Character character = FirstCharacter(*inside);
    if (inside->empty() || character.size != inside->size()) {
      return Fail(begin, "malformed character constant: " +
                             std::string(source_.substr(begin, at_ - begin)));
    }
    Add(Token::Kind::kLiteral, begin).literal =
        static_cast<std::int64_t>(character.code);
    return Done{};
  }

  Result<Done> TakeRaw() {
    const std::size_t begin = at_;
    const std::size_t end = source_.find('`', begin + 1);
    if (end == std::string_view::npos) {
      return Fail(begin, "unterminated raw quoted string");
    }
    at_ = end + 1;
    Add(Token::Kind::kLiteral, begin).literal =
        std::string(source_.substr(begin + 1, end - begin - 1));
    return Done{};
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t left_ = 0;    // where the << of this action is
  bool trim_next_ = false;  // the action before ended with " ->>"
  bool space_ = false;      // since the last token
  int depth_ = 0;           // of parentheses
  std::vector<Token> tokens_;
};

}  // namespace

Error TemplateError(std::string_view source, std::size_t at,
                    const std::string& message) {
  const std::string_view before = source.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? at + 1 : at - newline;
  return Error{ErrorCode::kInvalidArgument,
               "line " + std::to_string(line) + ", column " +
                   std::to_string(column) + ": " + message,
               {}};
}

Result<std::vector<Token>> LexTemplate(std::string_view source) {
  return Lexer(source).Run();
}

}  // namespace sextant::rules
