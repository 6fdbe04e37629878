#pragma once

#include <span>
#include <string>
#include <vector>

#include "complaints.h"
#include "flag.h"

namespace sextant::config {

// Complains of arguments that are no flags of `known`, saying what was meant
// where that can be guessed.  Values are not repeated: who mistypes
// --prometheus-header may have a token behind it.
void ComplainOfUnknown(const std::vector<std::string>& arguments,
                       std::span<const FlagGroup> known,
                       Complaints& complaints);

}  // namespace sextant::config
