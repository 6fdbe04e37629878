// What rules find at a backend, for people and for programs.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "findings.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "terminal.h"

namespace sextant::app {

// What is wrong or doubtful in the findings, at the rules of `config`.  Pure.
void AddProblems(const std::vector<RuleFinding>& findings,
                 const config::MetricsConfig& config,
                 config::Problems& problems);

// A paragraph for each rule; what is doubtful, the problems say.  Pure.
std::string FindingsText(const std::vector<RuleFinding>& findings,
                         const Painter& paint);

// An array with an object for each rule.  Pure.
nlohmann::ordered_json FindingsJson(const std::vector<RuleFinding>& findings);

}  // namespace sextant::app
