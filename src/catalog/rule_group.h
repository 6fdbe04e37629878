#pragma once

#include <memory>
#include <vector>

#include "sextant/rules/rule.h"

namespace sextant::catalog {

// The rules of one section that share a seriesQuery and a backend; never
// empty.
using RuleGroup = std::vector<std::shared_ptr<const rules::Rule>>;

}  // namespace sextant::catalog
