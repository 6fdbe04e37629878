// What is neither about the backend, nor the port, nor a cluster.

#pragma once

#include <span>

#include "complaints.h"
#include "flag.h"
#include "given_flags.h"
#include "sextant/config/flags.h"

namespace sextant::config {

std::span<const Flag> ConfigurationFlagRows();
std::span<const Flag> StandaloneFlagRows();
std::span<const Flag> LoggingFlagRows();

// Reads the rows above, and checks them against each other.  `--help` is left
// to the caller.
void ReadProgramFlags(const GivenFlags& given, ServeFlags& flags,
                      Complaints& complaints);

}  // namespace sextant::config
