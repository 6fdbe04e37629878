// The grammar and the words of k8s.io/apimachinery/pkg/labels/selector.go: a
// client that sends a bad selector gets the text it would get from any
// Kubernetes API.

#include "sextant/model/selector.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "label_syntax.h"
#include "sextant/base/text.h"

namespace sextant::model {
namespace {

using Operator = Requirement::Operator;

enum class TokenKind {
  kEnd,
  kIdentifier,  // a key or a value; also "in" and "notin"
  kSymbol,      // one of = == != ! ( ) , < >
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;

  bool Is(std::string_view symbol) const {
    return kind == TokenKind::kSymbol && text == symbol;
  }
  bool IsWord(std::string_view word) const {
    return kind == TokenKind::kIdentifier && text == word;
  }
};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsSymbol(char c) {
  return std::string_view("=!(),<>").find(c) != std::string_view::npos;
}

// "==" and "!=" are the symbols of two characters.
std::vector<Token> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (IsBlank(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (IsSymbol(text[at])) {
      const bool two = (text[at] == '=' || text[at] == '!') &&
                       end < text.size() && text[end] == '=';
      if (two) ++end;
      tokens.push_back(
          {TokenKind::kSymbol, std::string(text.substr(at, end - at))});
    } else {
      while (end < text.size() && !IsBlank(text[end]) && !IsSymbol(text[end])) {
        ++end;
      }
      tokens.push_back(
          {TokenKind::kIdentifier, std::string(text.substr(at, end - at))});
    }
    at = end;
  }
  tokens.push_back({});
  return tokens;
}

Error Bad(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}};
}

Error Unexpected(const Token& token, const std::string& expected) {
  return Bad("found '" + token.text + "', expected: " + expected);
}

std::optional<std::int64_t> ToInteger(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(Tokenize(text)) {}

  Result<std::vector<Requirement>> Parse() {
    std::vector<Requirement> requirements;
    if (Peek().kind == TokenKind::kEnd) return requirements;
    for (;;) {
      if (!Peek().Is("!") && Peek().kind != TokenKind::kIdentifier) {
        return Unexpected(Peek(), "!, identifier, or 'end of string'");
      }
      Result<Requirement> requirement = ParseRequirement();
      if (!requirement) {
        return std::move(requirement)
            .error()
            .Within("unable to parse requirement");
      }
      requirements.push_back(*std::move(requirement));
      if (Peek().kind == TokenKind::kEnd) return requirements;
      if (!Peek().Is(",")) {
        return Unexpected(Peek(), "',' or 'end of string'");
      }
      Next();
      if (!Peek().Is("!") && Peek().kind != TokenKind::kIdentifier) {
        return Unexpected(Peek(), "identifier after ','");
      }
    }
  }

 private:
  const Token& Peek() const { return tokens_[at_]; }
  // The end is never passed.
  const Token& Next() {
    return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_];
  }

  Result<Requirement> ParseRequirement() {
    const bool negated = Peek().Is("!");
    if (negated) Next();
    const Token key = Next();
    if (key.kind != TokenKind::kIdentifier) {
      return Unexpected(key, "identifier");
    }
    if (auto problem = CheckLabelKey(key.text)) return Bad(*problem);

    // What may follow "!key" is not looked at here.
    if (negated) return Requirement{key.text, Operator::kNotExists, {}};
    if (Peek().kind == TokenKind::kEnd || Peek().Is(",")) {
      return Requirement{key.text, Operator::kExists, {}};
    }
    const std::optional<Operator> op = ReadOperator(Peek());
    if (!op) return Unexpected(Peek(), "in, notin, =, ==, !=, gt, lt");
    Next();
    return ParseValues(key.text, *op);
  }

  static std::optional<Operator> ReadOperator(const Token& token) {
    if (token.IsWord("in")) return Operator::kIn;
    if (token.IsWord("notin")) return Operator::kNotIn;
    if (token.Is("=") || token.Is("==")) return Operator::kEquals;
    if (token.Is("!=")) return Operator::kNotEquals;
    if (token.Is(">")) return Operator::kGreater;
    if (token.Is("<")) return Operator::kLess;
    return std::nullopt;
  }

  Result<Requirement> ParseValues(const std::string& key, Operator op) {
    Result<std::vector<std::string>> values =
        op == Operator::kIn || op == Operator::kNotIn ? ParseSet()
                                                      : ParseOneValue();
    if (!values) return std::move(values).error();
    const bool compares = op == Operator::kGreater || op == Operator::kLess;
    if (compares && !ToInteger(values->front())) {
      return Bad("values[0][" + key +
                 "]: Invalid value: " + GoQuote(values->front()) +
                 ": for 'Gt', 'Lt' operators, the value must be an integer");
    }
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (auto problem = CheckLabelValue((*values)[i])) {
        return Bad("values[" + std::to_string(i) + "][" + key +
                   "]: " + *problem);
      }
    }
    return Requirement{key, op, *std::move(values)};
  }

  // "(a, b,)": names between commas, any of them empty; sorted, each once.
  Result<std::vector<std::string>> ParseSet() {
    if (!Peek().Is("(")) return Unexpected(Peek(), "'('");
    Next();
    std::vector<std::string> values;
    bool wants_value = true;
    for (;;) {
      const Token token = Next();
      if (token.kind == TokenKind::kIdentifier && wants_value) {
        values.push_back(token.text);
        wants_value = false;
      } else if (token.Is(",")) {
        if (wants_value) values.emplace_back();
        wants_value = true;
      } else if (token.Is(")")) {
        if (wants_value) values.emplace_back();
        break;
      } else {
        return Unexpected(
            token, wants_value ? "',', ')' or identifier" : "',' or ')'");
      }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  }

  // Nothing after "=" is the empty value.
  Result<std::vector<std::string>> ParseOneValue() {
    if (Peek().kind == TokenKind::kEnd || Peek().Is(",")) {
      return std::vector<std::string>{""};
    }
    const Token value = Next();
    if (value.kind != TokenKind::kIdentifier) {
      return Unexpected(value, "identifier");
    }
    return std::vector<std::string>{value.text};
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

std::string RequirementText(const Requirement& requirement) {
  const std::string list = "(" + Join(requirement.values, ",") + ")";
  const std::string first =
      requirement.values.empty() ? "" : requirement.values.front();
  switch (requirement.op) {
    case Operator::kExists:
      return requirement.key;
    case Operator::kNotExists:
      return "!" + requirement.key;
    case Operator::kEquals:
      return requirement.key + "=" + first;
    case Operator::kNotEquals:
      return requirement.key + "!=" + first;
    case Operator::kIn:
      return requirement.key + " in " + list;
    case Operator::kNotIn:
      return requirement.key + " notin " + list;
    case Operator::kGreater:
      return requirement.key + ">" + first;
    case Operator::kLess:
      return requirement.key + "<" + first;
  }
  return {};
}

}  // namespace

bool Requirement::Fits(const std::string* value) const {
  const bool present = value != nullptr;
  const auto listed = [&] {
    return std::binary_search(values.begin(), values.end(), *value);
  };
  switch (op) {
    case Operator::kExists:
      return present;
    case Operator::kNotExists:
      return !present;
    case Operator::kEquals:
    case Operator::kIn:
      return present && listed();
    case Operator::kNotEquals:
    case Operator::kNotIn:
      return !present || !listed();
    case Operator::kGreater:
    case Operator::kLess: {
      if (!present) return false;
      const auto have = ToInteger(*value);
      const auto bound = ToInteger(values.front());
      if (!have || !bound) return false;
      return op == Operator::kGreater ? *have > *bound : *have < *bound;
    }
  }
  return false;
}

Result<Selector> Selector::Parse(std::string_view text) {
  Result<std::vector<Requirement>> requirements = Parser(text).Parse();
  if (!requirements) return std::move(requirements).error();
  Selector selector;
  selector.requirements_ = *std::move(requirements);
  std::stable_sort(
      selector.requirements_.begin(), selector.requirements_.end(),
      [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
  return selector;
}

bool Selector::Matches(const Labels& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&labels](const Requirement& requirement) {
                       const auto found = labels.find(requirement.key);
                       return requirement.Fits(
                           found == labels.end() ? nullptr : &found->second);
                     });
}

std::string Selector::ToString() const {
  std::vector<std::string> parts;
  for (const Requirement& requirement : requirements_) {
    parts.push_back(RequirementText(requirement));
  }
  return Join(parts, ",");
}

}  // namespace sextant::model
