#include "sextant/catalog/catalog.h"

#include <utility>

namespace sextant::catalog {

const CustomMetric* Catalog::FindCustom(const model::GroupResource& resource,
                                        const std::string& metric) const {
  const auto found = custom_.find({resource.ToString(), metric});
  return found == custom_.end() ? nullptr : &found->second;
}

const ExternalMetric* Catalog::FindExternal(const std::string& metric) const {
  const auto found = external_.find(metric);
  return found == external_.end() ? nullptr : &found->second;
}

void Catalog::Put(CustomMetric metric) {
  CustomKey key(metric.resource->group_resource().ToString(), metric.name);
  custom_.insert_or_assign(std::move(key), std::move(metric));
}

void Catalog::Put(ExternalMetric metric) {
  std::string key = metric.name;
  external_.insert_or_assign(std::move(key), std::move(metric));
}

}  // namespace sextant::catalog
