// The flags of `sextant serve`: the one table that reading, help, "did you
// mean" and docs/COMMANDS.md come from.  Each group's rows stand beside what
// reads them.
//
// The peer's are those that prometheus-adapter 0.12 registers: its own,
// custom-metrics-apiserver 1.30's, k8s.io/apiserver 0.30's (secure serving,
// delegated authentication and authorization, audit, features), and klog's.

#pragma once

#include <span>

#include "flag.h"

namespace sextant::config {

std::span<const FlagGroup> FlagTable();

}  // namespace sextant::config
