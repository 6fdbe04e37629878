// The functions of Go's text/template that need no reflection.  Their errors
// have its wording, without the place.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "template_value.h"

namespace sextant::rules {

struct Function {
  const char* name;
  std::size_t least;  // number of arguments
  std::size_t most;   // kAnyNumber: no bound
  // Null for `and` and `or`, which the evaluator runs: they do not look at the
  // arguments that cannot matter.
  Result<Value> (*call)(const std::vector<Value>& arguments);
};

inline constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

// Null if there is no such function.
const Function* FindFunction(std::string_view name);

std::vector<std::string> FunctionNames();

}  // namespace sextant::rules
