#include "sextant/rules/rule_set.h"

#include <utility>

#include "field_reporter.h"
#include "label_mapping.h"
#include "query_template.h"

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

void CheckResourceRule(const config::ResourceRule& rule,
                       const std::string& file,
                       const model::ResourceTable& resources,
                       config::Problems& problems) {
  const FieldReporter report(file, rule.path, problems);
  LabelMapping::Compile(rule.resources, resources, report);
  const auto check = [&report](const config::Located<std::string>& query,
                               const std::string& field) {
    Result<QueryTemplate> parsed = QueryTemplate::Parse(query.value);
    if (!parsed) {
      report.Error(query.at, field, parsed.error().message);
    } else {
      parsed->Lint(query.at, field, report);
    }
  };
  check(rule.container_query, "containerQuery");
  check(rule.node_query, "nodeQuery");
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
    for (const config::ResourceRule* rule :
         {&config.resource_rules->cpu, &config.resource_rules->memory}) {
      CheckResourceRule(*rule, config.file, *resources, problems);
    }
  }
  set->resources = std::move(resources);
  if (problems.HasErrors()) return nullptr;
  return set;
}

}  // namespace sextant::rules
