#pragma once

#include <string>
#include <string_view>

#include "sextant/promql/selector.h"

namespace sextant::promql {

// The selector of one metric's series among those that `selector` selects: its
// matchers but for those of the name, behind the exact name.  Of
// `{__name__=~"^a.*",pod!=""}` and "a_b" it is `{__name__="a_b",pod!=""}`.
// Whether `selector` selects that name is for the caller to know.  Pure.
//
// It has one exact name and no pattern of names, which is all that some
// backends take.
std::string ForMetric(const SeriesSelector& selector, std::string_view name);

}  // namespace sextant::promql
