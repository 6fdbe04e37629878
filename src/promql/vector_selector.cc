#include "vector_selector.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/promql/quote.h"

namespace sextant::promql {
namespace {

// A matcher, or the metric's name in quotes (Prometheus 3).
bool ReadMatcher(TokenReader& reader, VectorSelector& selector) {
  const Token& label = reader.Take();
  const bool quoted = label.kind == Token::Kind::kString;
  if (!quoted && !IsLegalLabelName(label.value)) return false;
  if (label.value.empty()) return false;
  selector.content_end = label.end;

  const Token& op = reader.Peek();
  if (quoted && (op.Is(",") || op.Is("}"))) {
    if (selector.name) return false;
    selector.name = label.value;
    return true;
  }
  if (!op.Is("=") && !op.Is("!=") && !op.Is("=~") && !op.Is("!~")) return false;
  reader.Take();
  const Token& value = reader.Take();
  if (value.kind != Token::Kind::kString) return false;
  selector.content_end = value.end;
  selector.matchers.push_back({label.value, op.value, value.value});
  return true;
}

}  // namespace

std::optional<VectorSelector> ReadVectorSelector(TokenReader& reader) {
  VectorSelector selector;
  if (reader.Peek().kind == Token::Kind::kName) {
    const Token& name = reader.Take();
    if (IsReservedWord(name.value)) return std::nullopt;
    selector.name = name.value;
    selector.content_end = name.end;
  }
  if (!reader.Peek().Is("{")) {
    if (!selector.name) return std::nullopt;
    return selector;
  }
  selector.content_end = reader.Take().end;
  selector.braces = true;
  bool first = true;
  while (!reader.Accept("}")) {
    if (!first && !reader.Accept(",")) return std::nullopt;
    // A comma may follow the last matcher.
    if (!first && reader.Accept("}")) break;
    if (!ReadMatcher(reader, selector)) return std::nullopt;
    first = false;
  }
  // "metric name must not be set twice" (Prometheus)
  const auto names_metric = [](const Matcher& m) {
    return m.label == "__name__";
  };
  if (selector.name && std::any_of(selector.matchers.begin(),
                                   selector.matchers.end(), names_metric)) {
    return std::nullopt;
  }
  return selector;
}

bool IsReservedWord(const std::string& word) {
  static constexpr std::array<std::string_view, 8> kReserved = {
      "atan2",    "bool", "group_left", "group_right",
      "ignoring", "inf",  "nan",        "on"};
  return std::find(kReserved.begin(), kReserved.end(), AsciiLower(word)) !=
         kReserved.end();
}

}  // namespace sextant::promql
