// `up{job="x"}` as tokens: the one part of PromQL that both the selector of a
// rule and the judge of splitting read.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lexer.h"
#include "sextant/promql/matcher.h"

namespace sextant::promql {

struct VectorSelector {
  std::optional<std::string> name;  // before the braces, or quoted in them
  bool braces = false;
  std::vector<Matcher> matchers;
  // Where the last thing that belongs to the selector ends, commas and the
  // closing brace aside: the place for one more matcher.
  std::size_t content_end = 0;
};

// Reads a selector up to its closing brace, and nothing after it.  Nothing if
// what stands here is not one, or not surely.
std::optional<VectorSelector> ReadVectorSelector(TokenReader& reader);

// Words that PromQL never takes for the name of a metric.
bool IsReservedWord(const std::string& word);

}  // namespace sextant::promql
