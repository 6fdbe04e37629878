// A rule as lint looks at it.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "field_reporter.h"
#include "sextant/config/metrics_config.h"
#include "sextant/model/resource.h"
#include "sextant/promql/facts.h"
#include "sextant/rules/rule.h"

namespace sextant::rules {

struct LintSubject {
  const config::Rule* config = nullptr;
  std::shared_ptr<const Rule> rule;
  bool external = false;

  // seriesQuery as a selector, if it is one.
  std::optional<promql::QueryFacts::Selector> series;
  // The one name that its series have, if it says so.
  std::optional<std::string> exact_name;
  // A name that the rule surely takes: the exact one, or one made up after its
  // patterns ("container_x_seconds_total" of ^container_(.*)_seconds_total$).
  std::optional<std::string> sample;

  // Could the series have this name, as far as seriesQuery goes?
  bool MayBeNamed(const std::string& name) const;
};

LintSubject LookAt(const config::Rule& config, bool external,
                   std::shared_ptr<const Rule> rule);

// The resources that the rule's labels surely name: those of its overrides, and
// pods if a template can name them.
std::vector<const model::Resource*> ResourcesOf(
    const LintSubject& subject, const model::ResourceTable& table);

bool IsNamespace(const model::Resource& resource);

// The parts of lint; each adds its findings.
void LintSeries(const LintSubject& subject, const FieldReporter& report);
void LintNames(const LintSubject& subject, const FieldReporter& report);
void LintResources(const LintSubject& subject,
                   const model::ResourceTable& table,
                   const FieldReporter& report);
void LintQuery(const LintSubject& subject, const model::ResourceTable& table,
               const FieldReporter& report);

}  // namespace sextant::rules
