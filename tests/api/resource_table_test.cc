#include "api/resource_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sextant::api {
namespace {

const ResourceHead kHead = {"v1beta1", rules::Measured::kPods,
                            std::chrono::minutes(1),
                            TimePoint(std::chrono::seconds(1004))};

query::ResourceUsage Pod(std::vector<query::Usage> usages) {
  return {{{"shop", "web-0"}, {{"app", "web"}}},
          TimePoint(std::chrono::seconds(1000)),
          std::move(usages)};
}

const std::string kStart =
    R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},)"
    R"("columnDefinitions":[)"
    R"({"name":"Name","type":"string","format":"name","description":)"
    R"("Name of the resource","priority":0},)"
    R"({"name":"cpu","type":"string","format":"quantity","description":"",)"
    R"("priority":0},)"
    R"({"name":"memory","type":"string","format":"quantity","description":"",)"
    R"("priority":0},)"
    R"({"name":"Window","type":"string","format":"duration","description":"",)"
    R"("priority":0}],"rows":[{"cells":)";

const std::string kMetadata =
    R"({"name":"web-0","namespace":"shop",)"
    R"("creationTimestamp":"1970-01-01T00:16:44Z","labels":{"app":"web"}})";

TEST(ResourceTable, AddsUpTheContainers) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const struct {
    std::vector<query::Usage> usages;
    std::string cells;
  } kCases[] = {
      {{{"a", 250, 104857600000}, {"b", 10, 1000000}, {"c", 7000, 0}},
       R"(["web-0","7260m","104858600","1m0s"])"},
      {{{"a", 0, 1024000}}, R"(["web-0","0","1Ki","1m0s"])"},
      {{{"a", 250, std::nullopt}, {"b", std::nullopt, 5}},
       R"(["web-0","\u003cunknown\u003e","\u003cunknown\u003e","1m0s"])"},
      {{{"a", most, 0}, {"b", 1, 0}},
       R"(["web-0","\u003cunknown\u003e","0","1m0s"])"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.cells);
    EXPECT_EQ(
        ResourceTable(kHead, "v1", IncludeObject::kMetadata, {Pod(c.usages)}),
        kStart + c.cells +
            R"(,"object":{"kind":"PartialObjectMetadata","apiVersion":)"
            R"("meta.k8s.io/v1","metadata":)" +
            kMetadata + "}}]}\n");
  }
}

TEST(ResourceTable, HasAsMuchOfTheObjectsAsIsWanted) {
  const struct {
    std::optional<std::string> word;
    std::string object;
  } kCases[] = {
      {"None", "null"},
      {"Metadata",
       R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",)"
       R"("metadata":)" +
           kMetadata + "}"},
      {"Object",
       R"({"kind":"PodMetrics","apiVersion":"metrics.k8s.io/v1beta1",)"
       R"("metadata":)" +
           kMetadata +
           R"(,"timestamp":"1970-01-01T00:16:40Z","window":"1m0s",)"
           R"("containers":[{"name":"a","usage":{"cpu":"1m","memory":"2m"}}]})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.object);
    const auto include = ReadIncludeObject(c.word);
    ASSERT_TRUE(include);
    EXPECT_EQ(ResourceTable(kHead, "v1", *include, {Pod({{"a", 1, 2}})}),
              kStart + R"(["web-0","1m","2m","1m0s"],"object":)" + c.object +
                  "}]}\n");
  }
  EXPECT_EQ(ReadIncludeObject(std::nullopt), IncludeObject::kMetadata);
  EXPECT_EQ(ReadIncludeObject("none"), std::nullopt);
}

TEST(ResourceTable, HasNoColumnsWithoutRows) {
  EXPECT_EQ(ResourceTable(kHead, "v1beta1", IncludeObject::kMetadata, {}),
            R"({"kind":"Table","apiVersion":"meta.k8s.io/v1beta1",)"
            R"("metadata":{},"columnDefinitions":null,"rows":null})"
            "\n");
}

}  // namespace
}  // namespace sextant::api
