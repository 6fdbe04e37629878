#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "sextant/config/metrics_config.h"
#include "sextant/model/resource.h"
#include "sextant/rules/rule_set.h"

namespace sextant {

// The rules of a configuration; a test failure and null if it has errors.
inline std::shared_ptr<const rules::RuleSet> CompileRuleText(
    const std::string& yaml,
    std::shared_ptr<const model::ResourceTable> resources =
        std::make_shared<const model::ResourceTable>(
            model::ResourceTable::BuiltIn())) {
  config::Problems problems;
  const config::MetricsConfig config =
      config::ParseMetricsConfig("test.yaml", yaml, problems);
  if (problems.HasErrors()) {
    ADD_FAILURE() << problems.ErrorText();
    return nullptr;
  }
  std::shared_ptr<const rules::RuleSet> rules =
      rules::CompileRules(config, std::move(resources), problems);
  if (!rules) ADD_FAILURE() << problems.ErrorText();
  return rules;
}

}  // namespace sextant
