#include "label_template.h"

#include <algorithm>
#include <utility>

#include "regex.h"
#include "sextant/promql/quote.h"

namespace sextant::rules {

namespace {

// Stand-ins for what the pattern shall catch.  They are what prometheus-adapter
// renders, so a template that compares or cuts its fields does the same here.
constexpr std::string_view kAnyGroup = "(?P<group>.+?)";
constexpr std::string_view kAnyResource = "(?P<resource>.+?)";

Error Fail(const std::string& message) {
  return Error{ErrorCode::kInvalidArgument, message, {}};
}

// A group as a part of a label name.
std::string LabelPart(std::string group) {
  for (char& c : group) {
    if (c == '.' || c == '-') c = '_';
  }
  return group;
}

std::string Without(std::string text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at)) {
    text.erase(at, part.size());
  }
  return text;
}

}  // namespace

Result<LabelTemplate> LabelTemplate::Compile(
    std::string_view text, const model::ResourceTable& resources) {
  Result<Template> parsed = Template::Parse("resource-label", text);
  if (!parsed) return std::move(parsed).error();
  LabelTemplate label(*std::move(parsed), resources);
  Result<Done> pattern = label.CompilePattern();
  if (!pattern) return std::move(pattern).error();
  label.IndexLabels();
  return label;
}

Result<std::string> LabelTemplate::Render(const std::string& group,
                                          const std::string& resource) const {
  Record data;
  data.fields = {{"Group", group}, {"Resource", resource}};
  return template_.Render(data);
}

Result<Done> LabelTemplate::CompilePattern() {
  Result<std::string> rendered =
      Render(std::string(kAnyGroup), std::string(kAnyResource));
  if (!rendered) return std::move(rendered).error();
  if (rendered->empty()) return Fail("it yields nothing");

  std::string pattern;
  std::string_view rest = *rendered;
  while (!rest.empty()) {
    const std::size_t group = rest.find(kAnyGroup);
    const std::size_t resource = rest.find(kAnyResource);
    const std::size_t next = std::min(group, resource);
    pattern += promql::EscapeRegex(rest.substr(0, next));
    if (next == std::string_view::npos) break;
    const bool is_resource = next == resource;
    pattern += "(.+?)";
    group_is_resource_.push_back(is_resource);
    rest.remove_prefix(next + (is_resource ? kAnyResource : kAnyGroup).size());
  }
  if (std::find(group_is_resource_.begin(), group_is_resource_.end(), true) ==
      group_is_resource_.end()) {
    return Fail("it must include at least <<.Resource>>");
  }
  Result<std::unique_ptr<const re2::RE2>> regex = CompileRegex(pattern);
  if (!regex) return std::move(regex).error();
  pattern_ = *std::move(regex);
  return Done{};
}

void LabelTemplate::IndexLabels() {
  const std::vector<FieldUse> uses = template_.fields_of_data();
  const bool uses_group =
      std::any_of(uses.begin(), uses.end(),
                  [](const FieldUse& use) { return use.name == "Group"; });
  // Without the group the pattern alone reads every label back.
  if (!uses_group) return;
  for (const model::Resource& resource : resources_->resources()) {
    Result<std::string> label = LabelFor(resource);
    if (!label) continue;
    if (resource.group.empty()) {
      // `kube__pod` of kube_<<.Group>>_<<.Resource>> names nothing, as in
      // prometheus-adapter; `pod` of <<.Resource>><<if .Group>>_<<.Group>>
      // <<end>> is meant to.
      Result<std::string> with_group =
          Render(std::string(kAnyGroup), resource.singular);
      if (with_group && Without(*with_group, kAnyGroup) == *label) continue;
    }
    by_label_.emplace(*std::move(label), &resource);
  }
}

Result<std::string> LabelTemplate::LabelFor(
    const model::Resource& resource) const {
  Result<std::string> label =
      Render(LabelPart(resource.group), resource.singular);
  if (label && label->empty()) {
    return Fail("empty label produced by label template");
  }
  return label;
}

const model::Resource* LabelTemplate::ResourceFor(
    std::string_view label) const {
  const auto exact = by_label_.find(label);
  if (exact != by_label_.end()) return exact->second;

  std::vector<re2::StringPiece> caught(group_is_resource_.size() + 1);
  const bool matches = pattern_->Match(
      re2::StringPiece(label.data(), label.size()), 0, label.size(),
      re2::RE2::ANCHOR_BOTH, caught.data(), static_cast<int>(caught.size()));
  if (!matches) return nullptr;

  // What stands in the template twice must be the same twice.
  std::string_view group;
  std::string_view resource;
  for (std::size_t i = 0; i < group_is_resource_.size(); ++i) {
    const re2::StringPiece& piece = caught[i + 1];
    const std::string_view text(piece.data(), piece.size());
    std::string_view& side = group_is_resource_[i] ? resource : group;
    if (!side.empty() && side != text) return nullptr;
    side = text;
  }
  return resources_->Find(group, resource);
}

}  // namespace sextant::rules
