// Rules of the cases about one rule, compiled over the resources that the cases
// were recorded with.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compat/vectors.h"
#include "sextant/config/metrics_config.h"
#include "sextant/rules/rule.h"

namespace sextant::compat {

// Null if it does not compile.
std::shared_ptr<const rules::Rule> CompileRule(const config::Rule& rule);

// `namespace` and `pod` name what they are called after.
std::vector<config::Override> NamespaceAndPod();

// `{label: deployments.apps}`.
std::vector<config::Override> ReadOverrides(const YAML::Node& map);

// The texts of a list; none if it is not there.
std::vector<std::string> Texts(const YAML::Node& map, const std::string& key);

// The resource that "deployments.apps" is; a test failure if there is none.
model::Resource FindResource(const std::string& text);

}  // namespace sextant::compat
