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
