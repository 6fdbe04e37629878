#include "compat/fixtures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compat/vectors.h"

namespace sextant::compat {

namespace {

// "nodes/node/Node (cluster)"; namespaced unless it says otherwise.
model::Resource ParseResource(const std::string& group,
                              const std::string& version,
                              const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string names = text.substr(0, blank);
  const std::size_t first = names.find('/');
  const std::size_t second = names.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    ADD_FAILURE() << "cannot read the resource \"" << text << "\"";
    return {};
  }
  model::Resource resource;
  resource.group = group;
  resource.version = version;
  resource.plural = names.substr(0, first);
  resource.singular = names.substr(first + 1, second - first - 1);
  resource.kind = names.substr(second + 1);
  resource.namespaced = text.find("(cluster)") == std::string::npos;
  return resource;
}

}  // namespace

std::shared_ptr<const model::ResourceTable> RestMapper() {
  std::vector<model::Resource> resources;
  for (const Case& group : Cases("fixtures", "rest_mapper")) {
    for (const YAML::Node& text : group.node["resources"]) {
      resources.push_back(ParseResource(Text(group.node, "group"),
                                        Text(group.node, "version"),
                                        text.Scalar()));
    }
  }
  return std::make_shared<const model::ResourceTable>(
      model::ResourceTable::Build(std::move(resources)));
}

}  // namespace sextant::compat
