#pragma once

#include <memory>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/model/resource.h"

namespace sextant::rules {

// Adds to `problems` what is doubtful in rules that CompileRules() takes: rules
// that no autoscaler can reach, queries whose answer cannot be told apart by
// object, counters without rate(), patterns without anchors, rules that hide
// each other.  docs/LINT.md has each finding by its id.
//
// What CompileRules() itself says is not said again, and a rule that it refuses
// is passed over.  Nothing is asked of a backend: a finding is about the text,
// and what is not surely understood is no finding.  Pure.
void Lint(const config::MetricsConfig& config,
          const std::shared_ptr<const model::ResourceTable>& resources,
          config::Problems& problems);

}  // namespace sextant::rules
