// The rules that config-gen writes, and the resources of the unit tests that
// were recorded with them.

#pragma once

#include <memory>
#include <string>

#include "compat/fixtures.h"
#include "compat/vectors.h"

namespace sextant::compat {

// The Helm chart's rules are config-gen's with a rate of 5m and no prefix.
inline std::string DefaultConfig(const std::string& rate,
                                 const std::string& label_prefix) {
  std::string config = Text(Group("wild_helm_default_rules"), "config");
  const auto replace = [&config](const std::string& from,
                                 const std::string& to) {
    for (std::size_t at = config.find(from); at != std::string::npos;
         at = config.find(from, at + to.size())) {
      config.replace(at, from.size(), to);
    }
  };
  replace("[5m]", "[" + rate + "]");
  // The rules for containers keep their labels.
  replace("'{namespace!=", "'{" + label_prefix + "namespace!=");
  replace("template: <<.Resource>>",
          "template: " + label_prefix + "<<.Resource>>");
  return config;
}

// Ingress and Deployment live in the group extensions there.
inline std::shared_ptr<const model::ResourceTable> ExtensionsMapper() {
  std::vector<model::Resource> resources = RestMapper()->resources();
  for (model::Resource& resource : resources) {
    if (resource.plural != "ingresses" && resource.plural != "deployments") {
      continue;
    }
    resource.group = "extensions";
    resource.version = "v1beta1";
  }
  return std::make_shared<const model::ResourceTable>(
      model::ResourceTable::Build(std::move(resources)));
}

}  // namespace sextant::compat
