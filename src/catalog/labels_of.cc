// A pure question about a rule, apart from the Refresher's work.

#include "sextant/catalog/refresher.h"

namespace sextant::catalog {

std::set<std::string> Refresher::LabelsOf(const rules::Rule& rule,
                                          const model::Resource& resource) {
  const auto names_it = [&](const std::string& label) {
    const model::Resource* named = rule.ResourceForLabel(label);
    return named != nullptr &&
           named->group_resource() == resource.group_resource();
  };
  std::set<std::string> labels;
  for (const std::string& label : rule.override_labels()) {
    if (names_it(label)) labels.insert(label);
  }
  if (rule.has_label_template()) {
    const Result<std::string> label = rule.LabelForResource(resource);
    if (label && names_it(*label)) labels.insert(*label);
  }
  return labels;
}

}  // namespace sextant::catalog
