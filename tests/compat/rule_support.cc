#include "compat/rule_support.h"

#include <gtest/gtest.h>

#include "compat/fixtures.h"

namespace sextant::compat {

namespace {

config::Override MakeOverride(const std::string& label,
                              const std::string& resource) {
  const auto target = model::GroupResource::Parse(resource);
  config::Override made;
  made.label = label;
  made.group = target.group;
  made.resource = target.resource;
  return made;
}

}  // namespace

std::shared_ptr<const rules::Rule> CompileRule(const config::Rule& rule) {
  config::Problems problems;
  return rules::Rule::Compile(rule, /*external=*/false, "config.yaml",
                              RestMapper(), problems);
}

std::vector<config::Override> NamespaceAndPod() {
  return {MakeOverride("namespace", "namespaces"), MakeOverride("pod", "pods")};
}

std::vector<config::Override> ReadOverrides(const YAML::Node& map) {
  std::vector<config::Override> overrides;
  if (!map.IsDefined() || !map.IsMap()) return overrides;
  for (const auto& entry : map) {
    overrides.push_back(
        MakeOverride(entry.first.Scalar(), entry.second.Scalar()));
  }
  return overrides;
}

std::vector<std::string> Texts(const YAML::Node& map, const std::string& key) {
  std::vector<std::string> texts;
  const YAML::Node list = map[key];
  if (!list.IsDefined()) return texts;
  for (const YAML::Node& item : list) texts.push_back(item.Scalar());
  return texts;
}

model::Resource FindResource(const std::string& text) {
  const auto mapper = RestMapper();
  const model::Resource* found =
      mapper->Find(model::GroupResource::Parse(text));
  if (found != nullptr) return *found;
  ADD_FAILURE() << "no resource " << text;
  return {};
}

}  // namespace sextant::compat
