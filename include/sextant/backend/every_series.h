#pragma once

namespace sextant::backend {

// The selector of all series there are.  Backends whose list of metric names
// takes no selector are asked for the list without one.
inline constexpr char kEverySeries[] = "{__name__!=\"\"}";

}  // namespace sextant::backend
