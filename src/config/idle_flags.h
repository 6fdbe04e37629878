// Flags that are accepted and do nothing here: of machinery that sextant does
// not have, and of klog.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "flag.h"
#include "given_flags.h"

namespace sextant::config {

std::span<const Flag> AuditFlagRows();
std::span<const Flag> MachineryFlagRows();
std::span<const Flag> KlogFlagRows();

// One for each flag of `kWarns` whose value is not the peer's default.
void WarnOfIdleFlags(const GivenFlags& given,
                     std::vector<std::string>& warnings);

}  // namespace sextant::config
