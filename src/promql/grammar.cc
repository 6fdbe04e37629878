#include "grammar.h"

#include <algorithm>
#include <array>

#include "sextant/base/text.h"

namespace sextant::promql {

bool IsName(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kName &&
         EqualsIgnoringCase(token.value, word);
}

bool IsKeyword(std::string_view word) {
  static constexpr std::array<std::string_view, 11> kKeywords = {
      "and",      "atan2",  "bool", "by", "group_left", "group_right",
      "ignoring", "offset", "on",   "or", "unless"};
  return std::binary_search(kKeywords.begin(), kKeywords.end(), word);
}

int Strength(const Token& token) {
  if (IsName(token, "or")) return 1;
  if (IsName(token, "and") || IsName(token, "unless")) return 2;
  if (IsName(token, "atan2")) return 5;
  if (token.kind != Token::Kind::kPunctuation) return 0;
  const std::string& op = token.value;
  if (op == "==" || op == "!=" || op == "<" || op == ">" || op == "<=" ||
      op == ">=") {
    return 3;
  }
  if (op == "+" || op == "-") return 4;
  if (op == "*" || op == "/" || op == "%") return 5;
  if (op == "^") return 6;
  return 0;
}

std::optional<std::vector<std::string>> ReadLabelList(TokenReader& reader) {
  if (!reader.Accept("(")) return std::nullopt;
  std::vector<std::string> labels;
  while (!reader.Accept(")")) {
    if (!labels.empty() && !reader.Accept(",")) return std::nullopt;
    if (!labels.empty() && reader.Accept(")")) break;
    const Token& token = reader.Take();
    if (token.kind != Token::Kind::kName &&
        token.kind != Token::Kind::kString) {
      return std::nullopt;
    }
    labels.push_back(token.value);
  }
  return labels;
}

std::optional<Range> ReadRange(TokenReader& reader) {
  if (!reader.Accept("[")) return std::nullopt;
  const Token& window = reader.Take();
  if (window.kind != Token::Kind::kNumber) return std::nullopt;
  Range range{window.value, reader.Accept(":")};
  if (range.subquery && reader.Peek().kind == Token::Kind::kNumber) {
    reader.Take();
  }
  if (!reader.Accept("]")) return std::nullopt;
  return range;
}

bool ReadMoment(TokenReader& reader) {
  reader.Accept("-");
  const Token& token = reader.Take();
  if (token.kind == Token::Kind::kNumber) return true;
  return (IsName(token, "start") || IsName(token, "end")) &&
         reader.Accept("(") && reader.Accept(")");
}

}  // namespace sextant::promql
