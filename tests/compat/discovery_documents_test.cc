#include "api/discovery_documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compat/deviations.h"
#include "compat/fixtures.h"

namespace sextant::compat {
namespace {

const std::vector<api::ApiGroup>& Served() {
  static const std::vector<api::ApiGroup> kServed = {
      {std::string(api::kCustomGroup), {"v1beta2", "v1beta1"}},
      {std::string(api::kExternalGroup), {"v1beta1"}}};
  return kServed;
}

// "pods/m", or "m" of an external metric.
void Put(catalog::Catalog& catalog, const model::ResourceTable& resources,
         const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) {
    catalog.Put(catalog::ExternalMetric{name, "series", nullptr});
    return;
  }
  const model::Resource* resource =
      resources.Find(model::GroupResource::Parse(name.substr(0, slash)));
  ASSERT_NE(resource, nullptr) << name;
  catalog.Put(catalog::CustomMetric{resource, name.substr(slash + 1), "series",
                                    nullptr});
}

// The entries in one order: the peer's is a random one.
std::string Ordered(const std::string& body) {
  nlohmann::ordered_json document = nlohmann::ordered_json::parse(body);
  if (document.contains("resources")) {
    auto& resources = document["resources"];
    std::sort(
        resources.begin(), resources.end(),
        [](const auto& a, const auto& b) { return a["name"] < b["name"]; });
  }
  return document.dump();
}

std::vector<std::string> NamesIn(const std::string& body) {
  std::vector<std::string> names;
  const auto document = nlohmann::json::parse(body);
  for (const auto& resource : document["resources"]) {
    names.push_back(resource["name"]);
  }
  return names;
}

// By the request's path.
std::string Document(const api::DiscoveryDocuments& documents,
                     const std::string& request) {
  const std::string key = request.substr(std::string("GET /apis/").size());
  const auto group = documents.group.find(key);
  if (group != documents.group.end()) return *group->second.body;
  return *documents.resources.at(key).body;
}

TEST(Compat, discovery_documents) {
  Comparison comparison("discovery_documents");
  const auto resources = RestMapper();
  for (const Case& c : Cases("discovery_documents")) {
    SCOPED_TRACE(c.id);
    const bool formatting = Has(c.node, "examples");
    std::vector<std::string> names;
    if (formatting) {
      for (const YAML::Node& name : c.node["examples"]) {
        names.push_back(name.Scalar());
      }
    } else if (Text(c.node, "body").find("\"resources\"") !=
               std::string::npos) {
      names = NamesIn(Text(c.node, "body"));
    }
    catalog::Catalog catalog;
    for (const std::string& name : names) Put(catalog, *resources, name);
    const auto documents = api::DiscoveryDocuments::Build(Served(), catalog);
    if (formatting) {
      std::vector<std::string> ours = NamesIn(
          *documents.resources.at("custom.metrics.k8s.io/v1beta1").body);
      std::sort(names.begin(), names.end());
      std::sort(ours.begin(), ours.end());
      EXPECT_EQ(ours, names);
    } else {
      comparison.Expect("body", Ordered(Text(c.node, "body")),
                        Ordered(Document(documents, Text(c.node, "request"))));
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
