#include "api/discovery_documents.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "support/golden.h"

namespace sextant::api {
namespace {

const std::vector<ApiGroup>& AllGroups() {
  static const std::vector<ApiGroup> kGroups = {
      {"custom.metrics.k8s.io", {"v1beta2", "v1beta1"}},
      {"external.metrics.k8s.io", {"v1beta1"}}};
  return kGroups;
}

const model::ResourceTable& Table() {
  static const model::ResourceTable kTable = model::ResourceTable::BuiltIn();
  return kTable;
}

void PutCustom(catalog::Catalog& catalog, const std::string& resource,
               const std::string& metric) {
  const model::Resource* found =
      Table().Find(model::GroupResource::Parse(resource));
  ASSERT_NE(found, nullptr) << resource;
  catalog.Put(catalog::CustomMetric{found, metric, "series", nullptr});
}

catalog::Catalog SomeMetrics() {
  catalog::Catalog catalog;
  PutCustom(catalog, "pods", "http_requests");
  PutCustom(catalog, "pods", "prometheus.googleapis.com|vllm:n|gauge");
  PutCustom(catalog, "namespaces", "http_requests");
  PutCustom(catalog, "deployments.apps", "queue_len");
  PutCustom(catalog, "rollouts.argoproj.io", "queue_len");
  PutCustom(catalog, "nodes", "temp");
  catalog.Put(catalog::ExternalMetric{"queue_messages_ready", "q", nullptr});
  catalog.Put(catalog::ExternalMetric{"status", "s", nullptr});
  return catalog;
}

// Checklist of the wire, 1, 5, 6, 12.
TEST(DiscoveryDocuments, AreThoseOfTheGoldenFiles) {
  const DiscoveryDocuments documents =
      DiscoveryDocuments::Build(AllGroups(), SomeMetrics());
  ExpectGolden("api/apis.json", *documents.groups.body);
  ExpectGolden("api/apis_aggregated_v2.json", *documents.aggregated_v2.body);
  ExpectGolden("api/apis_aggregated_v2beta1.json",
               *documents.aggregated_v2beta1.body);
  ExpectGolden("api/custom_group.json",
               *documents.group.at("custom.metrics.k8s.io").body);
  ExpectGolden("api/external_group.json",
               *documents.group.at("external.metrics.k8s.io").body);
  ExpectGolden("api/custom_v1beta1.json",
               *documents.resources.at("custom.metrics.k8s.io/v1beta1").body);
  ExpectGolden("api/custom_v1beta2.json",
               *documents.resources.at("custom.metrics.k8s.io/v1beta2").body);
  ExpectGolden("api/external_v1beta1.json",
               *documents.resources.at("external.metrics.k8s.io/v1beta1").body);
}

TEST(DiscoveryDocuments, ListPodsAndNodesOfResourceMetrics) {
  const DiscoveryDocuments documents = DiscoveryDocuments::Build(
      {{"metrics.k8s.io", {"v1", "v1beta1"}}}, SomeMetrics(), 0);
  ExpectGolden("api/resource_apis.json", *documents.groups.body);
  ExpectGolden("api/resource_aggregated_v2.json",
               *documents.aggregated_v2.body);
  ExpectGolden("api/resource_v1beta1.json",
               *documents.resources.at("metrics.k8s.io/v1beta1").body);
  EXPECT_EQ(documents.resources.count("metrics.k8s.io/v1"), 1u);
}

// Checklist, 3.
TEST(DiscoveryDocuments, AreWholeWithoutAnyMetric) {
  const DiscoveryDocuments documents =
      DiscoveryDocuments::Build(AllGroups(), catalog::Catalog());
  EXPECT_EQ(*documents.resources.at("custom.metrics.k8s.io/v1beta1").body,
            R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":)"
            R"("custom.metrics.k8s.io/v1beta1","resources":[]})"
            "\n");
  const auto list = nlohmann::json::parse(*documents.aggregated_v2.body);
  ASSERT_EQ(list["items"].size(), 2u);  // 7: never empty
  EXPECT_EQ(list["items"][0]["versions"][0]["resources"],
            nlohmann::json::array());
}

// Checklist, 14.
TEST(DiscoveryDocuments, ListAsManyMetricsAsTheyMay) {
  const struct {
    std::optional<std::uint32_t> limit;
    std::vector<std::string> custom;
    std::vector<std::string> external;
    std::size_t aggregated;  // sub-resources of custom metrics
  } kCases[] = {
      {0, {}, {}, 0},
      {1, {"deployments.apps/queue_len"}, {"queue_messages_ready"}, 1},
      {2,
       {"deployments.apps/queue_len", "namespaces/http_requests"},
       {"queue_messages_ready", "status"},
       2},
      {std::nullopt,
       {"deployments.apps/queue_len", "namespaces/http_requests", "nodes/temp",
        "pods/http_requests", "pods/prometheus.googleapis.com|vllm:n|gauge",
        "rollouts.argoproj.io/queue_len"},
       {"queue_messages_ready", "status"},
       6},
  };
  const auto names = [](const Document& document) {
    std::vector<std::string> found;
    const auto list = nlohmann::json::parse(*document.body);
    for (const auto& resource : list["resources"]) {
      found.push_back(resource["name"]);
    }
    return found;
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.limit ? std::to_string(*c.limit) : "no limit");
    const DiscoveryDocuments documents =
        DiscoveryDocuments::Build(AllGroups(), SomeMetrics(), c.limit);
    EXPECT_EQ(names(documents.resources.at("custom.metrics.k8s.io/v1beta1")),
              c.custom);
    EXPECT_EQ(names(documents.resources.at("external.metrics.k8s.io/v1beta1")),
              c.external);
    const auto list = nlohmann::json::parse(*documents.aggregated_v2.body);
    std::size_t aggregated = 0;
    for (const auto& resource : list["items"][0]["versions"][0]["resources"]) {
      aggregated += resource["subresources"].size();
    }
    EXPECT_EQ(aggregated, c.aggregated);
    EXPECT_EQ(list["items"][1]["versions"][0]["resources"].size(),
              c.external.size());
  }
}

TEST(DiscoveryDocuments, NameOnlyTheGroupsThatAreServed) {
  const DiscoveryDocuments documents = DiscoveryDocuments::Build(
      {{"external.metrics.k8s.io", {"v1beta1"}}}, SomeMetrics());
  EXPECT_EQ(documents.groups.body->find("custom.metrics.k8s.io"),
            std::string::npos);
  EXPECT_EQ(documents.aggregated_v2.body->find("custom.metrics.k8s.io"),
            std::string::npos);
  EXPECT_EQ(documents.group.count("custom.metrics.k8s.io"), 0u);
}

// Checklist, 7 and 8.
TEST(DiscoveryDocuments, CarryTheMediaTypesOfAggregatedDiscovery) {
  const DiscoveryDocuments documents =
      DiscoveryDocuments::Build(AllGroups(), SomeMetrics());
  EXPECT_EQ(documents.aggregated_v2.content_type,
            "application/json;g=apidiscovery.k8s.io;v=v2;"
            "as=APIGroupDiscoveryList");
  EXPECT_EQ(documents.aggregated_v2beta1.content_type,
            "application/json;g=apidiscovery.k8s.io;v=v2beta1;"
            "as=APIGroupDiscoveryList");
}

// Checklist, 9 and 10.
TEST(DiscoveryDocuments, HaveTagsThatFollowTheCatalog) {
  const DiscoveryDocuments before =
      DiscoveryDocuments::Build(AllGroups(), SomeMetrics());
  const DiscoveryDocuments same =
      DiscoveryDocuments::Build(AllGroups(), SomeMetrics());
  catalog::Catalog more = SomeMetrics();
  PutCustom(more, "pods", "new");
  const DiscoveryDocuments after = DiscoveryDocuments::Build(AllGroups(), more);
  EXPECT_EQ(before.aggregated_v2.etag, same.aggregated_v2.etag);
  EXPECT_NE(before.aggregated_v2.etag, after.aggregated_v2.etag);
  EXPECT_NE(before.aggregated_v2.etag, before.aggregated_v2beta1.etag);
  EXPECT_EQ(before.resources.at("custom.metrics.k8s.io/v1beta1").etag, "");
}

// Checklist, 11: one resource, one scope, whatever the entries say.
TEST(DiscoveryDocuments, GiveAResourceOneScope) {
  model::Resource other = *Table().Find("", "pods");
  other.namespaced = false;
  catalog::Catalog catalog;
  PutCustom(catalog, "pods", "a");
  catalog.Put(catalog::CustomMetric{&other, "b", "series", nullptr});
  const DiscoveryDocuments documents =
      DiscoveryDocuments::Build(AllGroups(), catalog);
  const auto list = nlohmann::json::parse(
      *documents.resources.at("custom.metrics.k8s.io/v1beta1").body);
  ASSERT_EQ(list["resources"].size(), 2u);
  for (const auto& resource : list["resources"]) {
    EXPECT_EQ(resource["namespaced"], true) << resource["name"];
  }
}

}  // namespace
}  // namespace sextant::api
