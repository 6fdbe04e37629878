#include "sextant/rules/rule_set.h"

#include <utility>

namespace sextant::rules {

namespace {

std::vector<std::shared_ptr<const Rule>> CompileAll(
    const std::vector<config::Rule>& rules, bool external,
    const std::string& file,
    const std::shared_ptr<const model::ResourceTable>& resources,
    config::Problems& problems) {
  std::vector<std::shared_ptr<const Rule>> compiled;
  for (const config::Rule& rule : rules) {
    auto one = Rule::Compile(rule, external, file, resources, problems);
    if (one) compiled.push_back(std::move(one));
  }
  return compiled;
}

ResourceRules CompileResourceRules(
    const config::ResourceRules& rules, const std::string& file,
    const std::shared_ptr<const model::ResourceTable>& resources,
    config::Problems& problems) {
  ResourceRules compiled;
  compiled.cpu = ResourceRule::Compile(rules.cpu, file, resources, problems);
  compiled.memory =
      ResourceRule::Compile(rules.memory, file, resources, problems);
  compiled.window = rules.window;
  if (!rules.backend.value.empty()) compiled.backend = rules.backend.value;
  return compiled;
}

}  // namespace

std::shared_ptr<const RuleSet> CompileRules(
    const config::MetricsConfig& config,
    std::shared_ptr<const model::ResourceTable> resources,
    config::Problems& problems) {
  auto set = std::make_shared<RuleSet>();
  set->custom =
      CompileAll(config.rules, false, config.file, resources, problems);
  set->external =
      CompileAll(config.external_rules, true, config.file, resources, problems);
  if (config.resource_rules) {
    set->resource = CompileResourceRules(*config.resource_rules, config.file,
                                         resources, problems);
  }
  if (config.stackdriver) {
    set->stackdriver =
        std::make_shared<const Stackdriver>(*config.stackdriver, resources);
  }
  set->backends = config.backends_content;
  set->resources = std::move(resources);
  if (problems.HasErrors()) return nullptr;
  return set;
}

}  // namespace sextant::rules
