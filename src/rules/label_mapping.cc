#include "label_mapping.h"

#include <algorithm>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::rules {

namespace {

// What might have been meant by a resource that is not there.
std::string AdviceFor(const config::Override& given,
                      const model::ResourceTable& resources) {
  if (given.resource.empty()) return "name one, singular or plural";
  if (const model::Resource* other = resources.Find("", given.resource)) {
    return other->group.empty() ? "it is in the core group: leave `group` out"
                                : "it is in group \"" + other->group + "\"";
  }
  std::vector<std::string> names;
  for (const model::Resource& resource : resources.resources()) {
    names.push_back(resource.plural);
    names.push_back(resource.singular);
  }
  const auto near = NearestWord(AsciiLower(given.resource), names);
  if (near) return "did you mean \"" + *near + "\"?";
  return "give its singular or plural name; short names are not known";
}

}  // namespace

std::optional<LabelMapping> LabelMapping::Compile(
    const config::ResourceMapping& mapping,
    const model::ResourceTable& resources, const FieldReporter& report) {
  LabelMapping compiled;
  bool fine = true;
  for (const config::Override& given : mapping.overrides) {
    if (!compiled.AddOverride(given, resources, report)) fine = false;
  }
  if (!mapping.template_.value.empty()) {
    Result<LabelTemplate> label =
        LabelTemplate::Compile(mapping.template_.value, resources);
    if (label) {
      compiled.template_ = *std::move(label);
    } else {
      report.Error(mapping.template_.at, "resources.template",
                   label.error().message,
                   "write a label name with <<.Resource>> in it");
      fine = false;
    }
  }
  if (!fine) return std::nullopt;
  return compiled;
}

bool LabelMapping::AddOverride(const config::Override& given,
                               const model::ResourceTable& resources,
                               const FieldReporter& report) {
  const std::string field = "resources.overrides." + given.label;
  const model::Resource* found =
      given.resource.empty() ? nullptr
                             : resources.Find(given.group, given.resource);
  if (found == nullptr) {
    std::string message = "has no `resource`";
    if (!given.resource.empty()) {
      message = given.group.empty()
                    ? "there is no resource \"" + given.resource + "\""
                    : "group \"" + given.group + "\" has no resource \"" +
                          given.resource + "\"";
    }
    if (!given.resource.empty() && report.MayCome()) {
      report.Warning(given.at, field + ".resource", "resource-not-there",
                     message + " yet",
                     AdviceFor(given, resources) +
                         "; the label names nothing until there is one");
      return true;
    }
    report.Error(given.at, field + ".resource", std::move(message),
                 AdviceFor(given, resources));
    return false;
  }
  const auto earlier = std::find(targets_.begin(), targets_.end(), found);
  if (earlier != targets_.end()) {
    const auto at = static_cast<std::size_t>(earlier - targets_.begin());
    report.Warning(given.at, field, "two-labels-for-one-resource",
                   "names " + found->group_resource().ToString() +
                       " as label \"" + labels_[at] +
                       "\" does; queries use \"" + labels_[at] +
                       "\", which comes first",
                   "keep one of the two");
  }
  labels_.push_back(given.label);
  targets_.push_back(found);
  return true;
}

const model::Resource* LabelMapping::ResourceFor(std::string_view label) const {
  const auto found = std::find(labels_.begin(), labels_.end(), label);
  if (found != labels_.end()) {
    return targets_[static_cast<std::size_t>(found - labels_.begin())];
  }
  return template_ ? template_->ResourceFor(label) : nullptr;
}

Result<std::string> LabelMapping::LabelFor(
    const model::Resource& resource) const {
  const model::GroupResource wanted = resource.group_resource();
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i]->group_resource() == wanted) return labels_[i];
  }
  const std::string failed =
      "unable to convert resource " + wanted.ToString() + " into label";
  if (!template_) {
    return Error{ErrorCode::kInvalidArgument,
                 failed +
                     ": no generic resource label form specified for this "
                     "metric",
                 {}};
  }
  Result<std::string> label = template_->LabelFor(resource);
  if (!label) return std::move(label).error().Within(failed);
  return label;
}

bool LabelMapping::NamesNamespacedResources() const {
  return std::any_of(
      targets_.begin(), targets_.end(),
      [](const model::Resource* target) { return target->namespaced; });
}

}  // namespace sextant::rules
