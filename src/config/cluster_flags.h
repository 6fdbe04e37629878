#pragma once

#include <span>
#include <string>
#include <vector>

#include "complaints.h"
#include "flag.h"
#include "given_flags.h"
#include "sextant/config/flags.h"

namespace sextant::config {

std::span<const Flag> ClusterFlagRows();

// Reads the rows above, and checks them against each other.
void ReadClusterFlags(const GivenFlags& given, ClusterFlags& flags,
                      std::vector<std::string>& warnings,
                      Complaints& complaints);

// With --standalone no cluster is asked and nobody is asked who they are: a
// flag that should keep somebody out is a mistake then, and the others do
// nothing.
void RefuseClusterFlags(const GivenFlags& given,
                        std::vector<std::string>& warnings,
                        Complaints& complaints);

}  // namespace sextant::config
