#include "sextant/promql/selector.h"

#include "lexer.h"
#include "sextant/promql/quote.h"
#include "vector_selector.h"

namespace sextant::promql {

std::optional<SeriesSelector> SeriesSelector::Parse(std::string_view text) {
  const std::optional<std::vector<Token>> tokens = Lex(text);
  if (!tokens) return std::nullopt;
  TokenReader reader(*tokens);
  const std::optional<VectorSelector> parts = ReadVectorSelector(reader);
  if (!parts || !reader.AtEnd()) return std::nullopt;

  SeriesSelector selector;
  selector.name_ = parts->name;
  selector.matchers_ = parts->matchers;
  for (const Matcher& matcher : parts->matchers) {
    // An empty name means "no such label", which no series fulfils.
    if (matcher.label == "__name__" && matcher.op == "=" &&
        !matcher.value.empty()) {
      selector.name_ = matcher.value;
    }
  }
  const std::size_t begin = tokens->front().begin;
  selector.before_ =
      std::string(text.substr(begin, parts->content_end - begin));
  if (!parts->braces) selector.before_ += '{';
  selector.needs_comma_ = selector.before_.back() != '{';
  return selector;
}

std::string SeriesSelector::With(std::string_view label, std::string_view op,
                                 std::string_view value) const {
  std::string text = before_;
  if (needs_comma_) text += ',';
  text += QuoteLabelName(label);
  text += op;
  text += QuoteValue(value);
  text += '}';
  return text;
}

}  // namespace sextant::promql
