// PromQL's tokens, for the parts of this module that read a text.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::promql {

struct Token {
  enum class Kind {
    kName,         // a metric, label, function or keyword: [a-zA-Z_:][...0-9]*
    kNumber,       // "5", "1e+3", ".5", and durations: "5m", "1h30m"
    kString,       // in any of the three quotes
    kPunctuation,  // "(", "=~", "<=" ...
    kEnd,          // once, after the last
  };
  Kind kind = Kind::kEnd;
  std::string value;      // the text; of a string, what it stands for
  std::size_t begin = 0;  // where the token stands in the text
  std::size_t end = 0;

  bool Is(std::string_view punctuation) const {
    return kind == Kind::kPunctuation && value == punctuation;
  }
};

// The tokens of `text` and kEnd; blanks and comments are dropped.  Nothing if
// some character or string is not PromQL's.  Numbers are taken by their looks:
// what "1x" means is left to the backend.
std::optional<std::vector<Token>> Lex(std::string_view text);

// Goes through the tokens of a text once, from left to right.
class TokenReader {
 public:
  // `tokens` as Lex() made them; they must outlive the reader.
  explicit TokenReader(const std::vector<Token>& tokens) : tokens_(tokens) {}

  const Token& Peek() const { return tokens_[next_]; }
  // The one after Peek(); kEnd at the end.
  const Token& PeekSecond() const {
    return tokens_[next_ + 1 < tokens_.size() ? next_ + 1 : next_];
  }
  // kEnd is given again and again.
  const Token& Take() {
    const Token& token = tokens_[next_];
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
  }
  // Takes the next token if it is this one.
  bool Accept(std::string_view punctuation) {
    if (!Peek().Is(punctuation)) return false;
    Take();
    return true;
  }
  bool AtEnd() const { return Peek().kind == Token::Kind::kEnd; }

 private:
  const std::vector<Token>& tokens_;
  std::size_t next_ = 0;
};

}  // namespace sextant::promql
