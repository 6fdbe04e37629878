#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sextant::model {

// `value` in thousandths, cut off towards zero: int64(value * 1000), as
// prometheus-adapter does (4.5).  Nothing for NaN, the infinities, and what
// does not fit into an int64.
std::optional<std::int64_t> ToMilli(double value);

// Thousandths as a Kubernetes quantity in canonical DecimalSI form: 1500 is
// "1500m", 1000000 is "1k", 0 is "0" (kubernetes-wire 4.5).
std::string FormatMilli(std::int64_t milli);

// The same in canonical BinarySI form, which Kubernetes has for bytes: whole
// numbers from 1024 on have Ki, Mi, Gi ... where that leaves a whole number
// (1024000 is "1Ki", 1025000 is "1025"); all others are as FormatMilli() has
// them.
std::string FormatMilliBinary(std::int64_t milli);

}  // namespace sextant::model
