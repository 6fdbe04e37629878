#pragma once

#include <string_view>

#include "sextant/obs/metrics.h"

namespace sextant::obs {

// What the kernel says of a process in /proc/<pid>/stat, in its units.
struct ProcessStat {
  double cpu_ticks = 0;    // user and system
  double start_ticks = 0;  // since the machine was started
  double virtual_bytes = 0;
  double resident_pages = 0;

  friend bool operator==(const ProcessStat&, const ProcessStat&) = default;
};

// Reads the line of that file; zeros if it is not one.
ProcessStat ParseProcessStat(std::string_view line);

// Adds process_* as every Prometheus client library has them: CPU time, memory,
// file descriptors, start time.  /proc is read whenever they are written out
// (microseconds); what cannot be read is 0.
void AddProcessMetrics(Metrics& metrics);

}  // namespace sextant::obs
