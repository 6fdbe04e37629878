#include "flag_table.h"

#include "backend_flags.h"
#include "cluster_flags.h"
#include "idle_flags.h"
#include "program_flags.h"
#include "serving_flags.h"

namespace sextant::config {

std::span<const FlagGroup> FlagTable() {
  static const FlagGroup table[] = {
      {"Configuration", ConfigurationFlagRows()},
      {"Backend", BackendFlagRows()},
      {"Serving", ServingFlagRows()},
      {"Standalone", StandaloneFlagRows()},
      {"Logging", LoggingFlagRows()},
      {"Cluster", ClusterFlagRows()},
      {"Audit log", AuditFlagRows()},
      {"Machinery", MachineryFlagRows()},
      {"klog", KlogFlagRows(), true},
  };
  return table;
}

}  // namespace sextant::config
