#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/resource.h"
#include "template.h"

namespace sextant::rules {

// resources.template of a rule, "kube_<<.Group>>_<<.Resource>>", in both
// directions: the label that names a resource, and the resource that a label
// names.
//
// prometheus-adapter reads labels with a regular expression only, which cannot
// find a group with a dot in its name; here a label that the query direction
// would use for a resource is read back as that resource.
class LabelTemplate {
 public:
  // `resources` must outlive it.  The error does not say where the template is.
  static Result<LabelTemplate> Compile(std::string_view text,
                                       const model::ResourceTable& resources);

  // The error is about this resource: the template fails or yields nothing.
  Result<std::string> LabelFor(const model::Resource& resource) const;

  // Null if none.
  const model::Resource* ResourceFor(std::string_view label) const;

 private:
  LabelTemplate(Template text, const model::ResourceTable& resources)
      : template_(std::move(text)), resources_(&resources) {}

  Result<std::string> Render(const std::string& group,
                             const std::string& resource) const;
  Result<Done> CompilePattern();
  void IndexLabels();

  Template template_;
  const model::ResourceTable* resources_;
  std::unique_ptr<const re2::RE2> pattern_;
  std::vector<bool> group_is_resource_;  // what each group of pattern_ catches
  std::map<std::string, const model::Resource*, std::less<>> by_label_;
};

}  // namespace sextant::rules
