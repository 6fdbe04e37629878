#include "api/fixed_documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/golden.h"

namespace sextant::api {
namespace {

FixedDocuments BuildFixed() {
  return FixedDocuments::Build(
      {{"custom.metrics.k8s.io", {"v1beta2", "v1beta1"}},
       {"external.metrics.k8s.io", {"v1beta1"}}},
      "0.1.0", {"/livez", "/livez/ping"});
}

TEST(FixedDocuments, AreThoseOfTheGoldenFiles) {
  const FixedDocuments documents = BuildFixed();
  ExpectGolden("api/index.json", *documents.index.body);
  ExpectGolden("api/version.json", *documents.version.body);
  ExpectGolden("api/openapi_v2.json", *documents.openapi_v2.body);
  ExpectGolden("api/openapi_v3.json", *documents.openapi_v3.body);
}

// Checklist, 20.
TEST(FixedDocuments, KnowTheKindsOfResourceMetrics) {
  const FixedDocuments documents = FixedDocuments::Build(
      {{"metrics.k8s.io", {"v1", "v1beta1"}}}, "0.1.0", {});
  ExpectGolden("api/resource_openapi_v2.json", *documents.openapi_v2.body);
  ExpectGolden("api/resource_openapi_v3_v1.json",
               *documents.openapi_v3_group.at("metrics.k8s.io/v1").body);
  for (const std::string version : {"v1", "v1beta1"}) {
    SCOPED_TRACE(version);
    const auto v3 = nlohmann::json::parse(
        *documents.openapi_v3_group.at("metrics.k8s.io/" + version).body);
    const nlohmann::json kind = {{"group", "metrics.k8s.io"},
                                 {"version", version},
                                 {"kind", "PodMetrics"}};
    const auto& get = v3["paths"]["/apis/metrics.k8s.io/" + version +
                                  "/namespaces/{namespace}/pods"]["get"];
    EXPECT_EQ(get["x-kubernetes-group-version-kind"], kind);
    const std::string name =
        "io.k8s.metrics.pkg.apis.metrics." + version + ".PodMetrics";
    EXPECT_EQ(
        v3["components"]["schemas"][name]["x-kubernetes-group-version-kind"],
        nlohmann::json::array({kind}));
    const auto v2 = nlohmann::json::parse(*documents.openapi_v2.body);
    EXPECT_EQ(v2["definitions"][name]["x-kubernetes-group-version-kind"],
              nlohmann::json::array({kind}));
  }
}

// Every reference leads somewhere.
TEST(FixedDocuments, RefersOnlyToSchemasThatAreThere) {
  const FixedDocuments documents = FixedDocuments::Build(
      {{"metrics.k8s.io", {"v1", "v1beta1"}}}, "0.1.0", {});
  const auto check = [](const nlohmann::json& document) {
    const auto flat = document.flatten();
    int references = 0;
    for (const auto& [path, value] : flat.items()) {
      if (path.substr(path.rfind('/') + 1) != "$ref") continue;
      ++references;
      const std::string target = value.get<std::string>().substr(1);
      EXPECT_TRUE(document.contains(nlohmann::json::json_pointer(target)))
          << target;
    }
    EXPECT_GT(references, 7);
  };
  check(nlohmann::json::parse(*documents.openapi_v2.body));
  check(nlohmann::json::parse(
      *documents.openapi_v3_group.at("metrics.k8s.io/v1beta1").body));
}

// Checklist of the wire, 16, 17 and 19.
TEST(FixedDocuments, AreOpenApi) {
  const FixedDocuments documents = BuildFixed();
  const auto v2 = nlohmann::json::parse(*documents.openapi_v2.body);
  EXPECT_EQ(v2["swagger"], "2.0");
  EXPECT_TRUE(v2["paths"].is_object());

  const auto root = nlohmann::json::parse(*documents.openapi_v3.body);
  EXPECT_EQ(root["paths"].size(), 3u);
  for (const auto& [name, document] : documents.openapi_v3_group) {
    SCOPED_TRACE(name);
    EXPECT_EQ(nlohmann::json::parse(*document.body)["openapi"], "3.0.0");
    const std::string hash = document.etag.substr(1, 128);
    EXPECT_EQ(root["paths"]["apis/" + name]["serverRelativeURL"],
              "/openapi/v3/apis/" + name + "?hash=" + hash);
  }
}

}  // namespace
}  // namespace sextant::api
