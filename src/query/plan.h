#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/rules/rule.h"

namespace sextant::query {

// The queries whose answers, put together, answer `input`: one, unless its text
// is longer than `max_bytes`, it names several objects, and it is proved that
// asking for some of them at a time gives the same values.  Then each is short
// enough, or names one object.  Pure; errors are those of Rule::BuildQuery.
Result<std::vector<std::string>> PlanQueries(const rules::Rule& rule,
                                             const rules::QueryInput& input,
                                             std::size_t max_bytes);

}  // namespace sextant::query
