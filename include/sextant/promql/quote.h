// Putting names and values into PromQL so that they stay what they are.  Pure.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sextant::promql {

// A label value as a string literal, quotes included: Go's %q, which PromQL
// reads back to the same bytes.
std::string QuoteValue(std::string_view value);

// A label name as it stands in a matcher or a `by` list: bare when it matches
// [a-zA-Z_][a-zA-Z0-9_]*, else quoted (UTF-8 names of Prometheus 3).
std::string QuoteLabelName(std::string_view name);

bool IsLegalLabelName(std::string_view name);
bool IsLegalMetricName(std::string_view name);

// `text` with every character that means something in a regular expression
// behind a backslash.  Still to be quoted.
std::string EscapeRegex(std::string_view text);

// `pod="a"` for one name, `pod=~"a|b"` for several, escaped and in their order.
// At least one name.
std::string NameMatcher(std::string_view label,
                        const std::vector<std::string>& names);

}  // namespace sextant::promql
