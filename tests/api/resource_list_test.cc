#include "api/resource_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::api {
namespace {

const TimePoint kThen = TimePoint(std::chrono::seconds(1000));
const TimePoint kNow = TimePoint(std::chrono::milliseconds(1004900));

ResourceHead Head(rules::Measured what) {
  return {"v1beta1", what, std::chrono::milliseconds(15012), kNow};
}

const query::ResourceUsage& Pod() {
  static const query::ResourceUsage pod = {
      {{"shop", "web-0"}, {{"app", "we\"b"}}},
      kThen,
      {{"a", 250, 104857600000}, {"b", 7000, std::nullopt}}};
  return pod;
}

const query::ResourceUsage& Node() {
  static const query::ResourceUsage node = {
      {{"", "n1"}, {}}, kThen, {{"", 1500, 1073741824000}}};
  return node;
}

// Checklist, 38, 40, 41, 48.
TEST(ResourceList, IsTheListOfTheGroup) {
  EXPECT_EQ(ResourceList(Head(rules::Measured::kPods), {Pod()}),
            R"({"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1",)"
            R"("metadata":{},"items":[{"metadata":{"name":"web-0",)"
            R"("namespace":"shop","creationTimestamp":"1970-01-01T00:16:44Z",)"
            R"("labels":{"app":"we\"b"}},"timestamp":"1970-01-01T00:16:40Z",)"
            R"("window":"15.012s","containers":[{"name":"a","usage":{)"
            R"("cpu":"250m","memory":"100Mi"}},{"name":"b","usage":{)"
            R"("cpu":"7"}}]}]})"
            "\n");
  EXPECT_EQ(ResourceList(Head(rules::Measured::kNodes), {Node(), Node()}),
            R"({"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1")"
            R"(,"metadata":{},"items":[{"metadata":{"name":"n1",)"
            R"("creationTimestamp":"1970-01-01T00:16:44Z"},)"
            R"("timestamp":"1970-01-01T00:16:40Z","window":"15.012s",)"
            R"("usage":{"cpu":"1500m","memory":"1Gi"}},{"metadata":{)"
            R"("name":"n1","creationTimestamp":"1970-01-01T00:16:44Z"},)"
            R"("timestamp":"1970-01-01T00:16:40Z","window":"15.012s",)"
            R"("usage":{"cpu":"1500m","memory":"1Gi"}}]})"
            "\n");
  EXPECT_EQ(ResourceList(Head(rules::Measured::kPods), {}),
            R"({"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1",)"
            R"("metadata":{},"items":[]})"
            "\n");
}

TEST(ResourceItem, HasItsKind) {
  ResourceHead head = Head(rules::Measured::kNodes);
  head.version = "v1";
  EXPECT_EQ(ResourceItem(head, Node()),
            R"({"kind":"NodeMetrics","apiVersion":"metrics.k8s.io/v1",)"
            R"("metadata":{"name":"n1",)"
            R"("creationTimestamp":"1970-01-01T00:16:44Z"},)"
            R"("timestamp":"1970-01-01T00:16:40Z","window":"15.012s",)"
            R"("usage":{"cpu":"1500m","memory":"1Gi"}})"
            "\n");
}

}  // namespace
}  // namespace sextant::api
