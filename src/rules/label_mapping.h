#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "field_reporter.h"
#include "label_template.h"
#include "sextant/base/result.h"
#include "sextant/config/metrics_config.h"
#include "sextant/model/resource.h"

namespace sextant::rules {

// `resources` of a rule: which label names which resource, by overrides first
// and by template else.
class LabelMapping {
 public:
  // Nothing if anything is wrong, which is then reported.  `resources` must
  // outlive it.
  static std::optional<LabelMapping> Compile(
      const config::ResourceMapping& mapping,
      const model::ResourceTable& resources, const FieldReporter& report);

  // Null if the label names no resource.
  const model::Resource* ResourceFor(std::string_view label) const;

  // Of several overrides the first of the file.  The error has
  // prometheus-adapter's wording.
  Result<std::string> LabelFor(const model::Resource& resource) const;

  // In the order of the file.
  const std::vector<std::string>& override_labels() const { return labels_; }
  bool has_template() const { return template_.has_value(); }

  // Does some label surely name a resource that lives in namespaces?
  bool NamesNamespacedResources() const;

 private:
  LabelMapping() = default;

  bool AddOverride(const config::Override& given,
                   const model::ResourceTable& resources,
                   const FieldReporter& report);

  std::vector<std::string> labels_;
  std::vector<const model::Resource*> targets_;  // of labels_
  std::optional<LabelTemplate> template_;
};

}  // namespace sextant::rules
