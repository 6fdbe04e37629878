#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/model/resource.h"
#include "sextant/rules/resource_rules.h"
#include "sextant/rules/rule.h"
#include "sextant/rules/stackdriver.h"

namespace sextant::rules {

// All rules of a configuration, in its order.  An immutable snapshot.
struct RuleSet {
  std::shared_ptr<const model::ResourceTable> resources;
  std::vector<std::shared_ptr<const Rule>> custom;
  std::vector<std::shared_ptr<const Rule>> external;
  std::optional<ResourceRules> resource;  // nothing: none are configured
  std::shared_ptr<const Stackdriver> stackdriver;  // null: not configured
  // What the file says of backends: another text for other backends.
  std::string backends;
};

// Compiles every rule, resourceRules included, and reports all problems of all
// of them.  Null if `problems` has errors afterwards.
std::shared_ptr<const RuleSet> CompileRules(
    const config::MetricsConfig& config,
    std::shared_ptr<const model::ResourceTable> resources,
    config::Problems& problems);

}  // namespace sextant::rules
