#pragma once

#include <span>
#include <string>
#include <vector>

#include "complaints.h"
#include "flag.h"
#include "given_flags.h"
#include "sextant/config/flags.h"

namespace sextant::config {

std::span<const Flag> BackendFlagRows();

// Reads the rows above, and checks them against each other.
void ReadBackendFlags(const GivenFlags& given, BackendFlags& flags,
                      std::vector<std::string>& warnings,
                      Complaints& complaints);

}  // namespace sextant::config
