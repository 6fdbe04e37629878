#pragma once

#include <span>
#include <string>
#include <vector>

#include "complaints.h"
#include "flag.h"
#include "given_flags.h"
#include "sextant/config/flags.h"

namespace sextant::config {

std::span<const Flag> ServingFlagRows();

// Reads the rows above, and checks them against each other and against
// --standalone, which changes some defaults.
void ReadServingFlags(const GivenFlags& given, bool standalone,
                      ServingFlags& flags, std::vector<std::string>& warnings,
                      Complaints& complaints);

}  // namespace sextant::config
