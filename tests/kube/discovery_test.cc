#include "kube/discovery.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr bool kNamespaced = true;
constexpr bool kCluster = false;

std::vector<std::string> Names(const std::vector<GroupVersion>& versions) {
  std::vector<std::string> names;
  for (const GroupVersion& version : versions) {
    names.push_back(version.ToString());
  }
  return names;
}

// What kube-apiserver 1.37 sends, shortened.
constexpr char kAggregated[] = R"({
"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2",
"metadata":{},"items":[
 {"metadata":{"name":"autoscaling","creationTimestamp":null},"versions":[
  {"version":"v2","freshness":"Current","resources":[
   {"resource":"horizontalpodautoscalers","responseKind":
     {"group":"autoscaling","version":"v2","kind":"HorizontalPodAutoscaler"},
    "scope":"Namespaced","singularResource":"horizontalpodautoscaler",
    "verbs":["get","list"],"shortNames":["hpa"],"subresources":[
     {"subresource":"status","responseKind":{"kind":"HorizontalPodAutoscaler"},
      "verbs":["get"]}]}]},
  {"version":"v1","freshness":"Current","resources":[]}]},
 {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1",
   "freshness":"Current","resources":[{"resource":"pods","responseKind":
   {"kind":"PodMetrics"},"scope":"Namespaced","singularResource":""}]}]},
 {"metadata":{"name":"custom.metrics.k8s.io"},"versions":[{"version":"v1"}]},
 {"metadata":{"name":"external.metrics.k8s.io"},"versions":[{"version":"v1"}]},
 {"metadata":{"name":"a.test"},"versions":[{"version":"v1","resources":[
   {"resource":"parents","responseKind":{"kind":""},"scope":"Namespaced"},
   {"resource":"others","scope":"Namespaced"},
   {"resource":"widgets","responseKind":{"kind":"Widget"},"scope":"Cluster",
    "singularResource":""}],"freshness":"Current"}]},
 {"metadata":{"name":"b.test"},"versions":[{"version":"v1beta1",
   "freshness":"Stale"}]}
]})";

TEST(ParseDiscoveryRoot, TheAggregatedDocumentHasEverything) {
  for (const std::string version : {"v2", "v2beta1"}) {
    SCOPED_TRACE(version);
    std::string text = kAggregated;
    text.replace(text.find("k8s.io/v2") + 7, 2, version);
    const Result<DiscoveryRoot> root = ParseDiscoveryRoot(text);
    ASSERT_THAT(root, IsOk());
    EXPECT_TRUE(root->aggregated);
    const auto& versions = root->versions;
    ASSERT_THAT(Names(versions), ElementsAre("autoscaling/v2", "autoscaling/v1",
                                             "a.test/v1", "b.test/v1beta1"));
    EXPECT_THAT(*versions[0].resources,
                ElementsAre(model::Resource{
                    "autoscaling", "v2", "horizontalpodautoscalers",
                    "horizontalpodautoscaler", "HorizontalPodAutoscaler",
                    kNamespaced}));
    EXPECT_THAT(*versions[1].resources, IsEmpty());
    EXPECT_THAT(*versions[2].resources,
                ElementsAre(model::Resource{"a.test", "v1", "widgets", "",
                                            "Widget", kCluster}));
    EXPECT_FALSE(versions[3].resources);
    EXPECT_EQ(versions[3].failure,
              "b.test/v1beta1: the API server cannot reach its server");
  }
}

TEST(ParseDiscoveryRoot, TheCoreGroupHasNoName) {
  const Result<DiscoveryRoot> root = ParseDiscoveryRoot(R"({
"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2",
"metadata":{},"items":[{"metadata":{},"versions":[{"version":"v1",
"resources":[{"resource":"nodes","responseKind":{"group":"","version":"v1",
"kind":"Node"},"scope":"Cluster","singularResource":"node"}],
"freshness":"Current"}]}]})");
  ASSERT_THAT(root, IsOk());
  ASSERT_THAT(Names(root->versions), ElementsAre("v1"));
  EXPECT_THAT(*root->versions[0].resources,
              ElementsAre(model::Resource{"", "v1", "nodes", "node", "Node",
                                          kCluster}));
}

TEST(ParseDiscoveryRoot, TheLegacyListsHaveNamesThePreferredFirst) {
  struct Case {
    const char* text;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {R"({"kind":"APIVersions","versions":["v1"],
           "serverAddressByClientCIDRs":[]})",
       {"v1"}},
      {R"({"kind":"APIGroupList","apiVersion":"v1","groups":[
           {"name":"apps","versions":[{"groupVersion":"apps/v1",
            "version":"v1"}],"preferredVersion":{"version":"v1"}},
           {"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]},
           {"name":"external.metrics.k8s.io","versions":[{"version":"v1"}]},
           {"name":"custom.metrics.k8s.io","versions":[{"version":"v1"}],
            "preferredVersion":{"version":"v1"}},
           {"name":"a.test","versions":[{"version":"v2"},{"version":"v1"},
            {"version":"v1beta1"}],"preferredVersion":{"version":"v1"}},
           {"name":"b.test","versions":[{"version":"v3"},{"x":1}]}]})",
       {"apps/v1", "a.test/v1", "a.test/v2", "a.test/v1beta1", "b.test/v3"}},
      {R"({"kind":"APIGroupList","groups":null})", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Result<DiscoveryRoot> root = ParseDiscoveryRoot(c.text);
    ASSERT_THAT(root, IsOk());
    EXPECT_FALSE(root->aggregated);
    EXPECT_EQ(Names(root->versions), c.names);
    for (const GroupVersion& version : root->versions) {
      EXPECT_FALSE(version.resources);
    }
  }
}

TEST(ParseDiscoveryRoot, AnythingElseIsAnError) {
  for (const char* text : {"", "<html>", "{}", "[]", "null",
                           R"({"kind":"Status","status":"Failure"})",
                           R"({"kind":["APIGroupList"],"groups":[]})"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(ParseDiscoveryRoot(text),
                FailsWith(ErrorCode::kUnavailable,
                          "the API server's answer is no discovery document"));
  }
}

TEST(ParseDiscoveryRoot, OddValuesAreLeftOut) {
  const Result<DiscoveryRoot> root = ParseDiscoveryRoot(R"({
"kind":"APIGroupDiscoveryList","items":[7,{"metadata":[],"versions":{}},
{"metadata":{"name":"a.test"},"versions":["v1",{"version":"v2","resources":
[null,{"resource":5,"responseKind":"X"}]}]}]})");
  ASSERT_THAT(root, IsOk());
  ASSERT_THAT(root->versions, SizeIs(1));
  EXPECT_EQ(root->versions[0].ToString(), "a.test/v2");
  EXPECT_THAT(*root->versions[0].resources, IsEmpty());
}

TEST(ParseResourceList, ResourcesWithoutTheirSubresources) {
  const GroupVersion version{"apps", "v1", std::nullopt};
  const auto resources = ParseResourceList(version, R"({
"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1",
"resources":[
 {"name":"deployments","singularName":"deployment","namespaced":true,
  "kind":"Deployment","verbs":["get","list"],"shortNames":["deploy"]},
 {"name":"deployments/scale","singularName":"","namespaced":true,
  "group":"autoscaling","version":"v1","kind":"Scale","verbs":["get"]},
 {"name":"things","singularName":"","namespaced":false,"kind":"Thing"},
 {"name":"kindless","namespaced":true},{"namespaced":true,"kind":"X"},9]})");
  ASSERT_THAT(resources, IsOk());
  EXPECT_THAT(
      *resources,
      ElementsAre(
          model::Resource{"apps", "v1", "deployments", "deployment",
                          "Deployment", kNamespaced},
          model::Resource{"apps", "v1", "things", "", "Thing", kCluster}));
}

TEST(ParseResourceList, AnythingElseIsAnError) {
  const GroupVersion version{"apps", "v1", std::nullopt};
  for (const char* text :
       {"", "[]", R"({"kind":"APIGroupList","groups":[]})"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(ParseResourceList(version, text),
                FailsWith(ErrorCode::kUnavailable,
                          "the API server's answer is no discovery document"));
  }
}

}  // namespace
}  // namespace sextant::kube
