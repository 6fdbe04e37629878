#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sextant/model/resource.h"
#include "sextant/rules/rule.h"

namespace sextant::catalog {

// A metric of one resource's objects, and how to get its values.
struct CustomMetric {
  const model::Resource* resource;  // of the rule's ResourceTable
  std::string name;                 // in the API
  std::string series;               // in the backend
  std::shared_ptr<const rules::Rule> rule;
};

struct ExternalMetric {
  std::string name;
  std::string series;
  std::shared_ptr<const rules::Rule> rule;
};

// The metrics that exist.  An immutable snapshot: a request takes it once and
// works on it to its end, so that every step sees the same world.
class Catalog {
 public:
  Catalog() = default;

  const CustomMetric* FindCustom(const model::GroupResource& resource,
                                 const std::string& metric) const;
  const ExternalMetric* FindExternal(const std::string& metric) const;

  // Ordered by resource ("deployments.apps"), then name: the same world always
  // gives the same listing.
  using CustomKey = std::pair<std::string, std::string>;
  const std::map<CustomKey, CustomMetric>& custom() const { return custom_; }
  const std::map<std::string, ExternalMetric>& external() const {
    return external_;
  }

  // Later calls win, as later rules do.  For the builder only.
  void Put(CustomMetric metric);
  void Put(ExternalMetric metric);

 private:
  std::map<CustomKey, CustomMetric> custom_;
  std::map<std::string, ExternalMetric> external_;
};

}  // namespace sextant::catalog
