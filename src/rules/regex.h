#pragma once

#include <re2/re2.h>

#include <memory>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::rules {

// Compiles a regular expression as Go's regexp does: `(?<name>...)` is a named
// group, and \C, which only RE2 knows, is refused.  Never null.  The error says
// what is wrong and quotes the expression.
Result<std::unique_ptr<const re2::RE2>> CompileRegex(std::string_view pattern);

}  // namespace sextant::rules
