#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/rules/rule.h"

namespace sextant::query {

// The query about these objects.
using QueryOfNames =
    std::function<Result<std::string>(const std::vector<std::string>& names)>;

// The queries whose answers, put together, answer the one about all `names`:
// that one, unless its text is longer than `max_bytes`, there are several
// names, and it is proved that asking for some of them at a time gives the same
// values
// (`label` names the objects; empty: not known).  Then each is short enough, or
// has one name.  Pure; errors are those of `build`.
Result<std::vector<std::string>> PlanQueries(
    const QueryOfNames& build, const std::vector<std::string>& names,
    const std::string& label, std::size_t max_bytes);

// The same for a rule's query.
Result<std::vector<std::string>> PlanQueries(const rules::Rule& rule,
                                             const rules::QueryInput& input,
                                             std::size_t max_bytes);

}  // namespace sextant::query
