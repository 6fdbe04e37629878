// Files that are something else than they were taken for: what users paste most
// often instead of the configuration.

#pragma once

#include "config_fields.h"
#include "yaml_node.h"

namespace sextant::config {

// The chart's lists of rules, where the file is the values of a Helm chart; all
// null otherwise.
struct PastedRules {
  const YamlNode* custom = nullptr;
  const YamlNode* external = nullptr;
  const YamlNode* resource = nullptr;
};

// Is `root` a map that is surely something else: Helm values, a ConfigMap with
// the configuration inside, a file of Prometheus' own rules?  Then that is
// reported, with what to do, and `rules` has what can still be checked.  What
// stands at the top level besides needs no more messages then.
bool ReportPasted(const YamlNode& root, const Place& place, PastedRules& rules);

}  // namespace sextant::config
