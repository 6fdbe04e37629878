// The small parts of PromQL's grammar that more than one reader of a query
// needs.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.h"

namespace sextant::promql {

// Is the token this word?  PromQL's words have no letter case.
bool IsName(const Token& token, std::string_view word);

// Words that are no names of functions; a metric of such a name is not looked
// for.  `word` in lower case.
bool IsKeyword(std::string_view word);

// Binding strength of a binary operator, 1 (`or`) to 6 (`^`); 0 if the token is
// none.
int Strength(const Token& token);

// `(pod, "a.b")` behind by, without, on and their like.
std::optional<std::vector<std::string>> ReadLabelList(TokenReader& reader);

// `[5m]`; or `[5m:1m]` and `[5m:]`, which are subqueries.
struct Range {
  std::string window;
  bool subquery = false;
};
std::optional<Range> ReadRange(TokenReader& reader);

// What stands after `@`: a time, start() or end().  False if it is neither.
bool ReadMoment(TokenReader& reader);

}  // namespace sextant::promql
