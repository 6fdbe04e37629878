#include "kube/collection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

const Collection kPods{"", "v1", "pods", true, "shop"};
const Collection kNodes{"", "v1", "nodes", false, ""};
const Collection kRollouts{"argoproj.io", "v1alpha1", "rollouts", true, ""};

TEST(Collection, SaysWhatItIs) {
  EXPECT_EQ(kPods.ToString(), "pods in namespace \"shop\"");
  EXPECT_EQ(kNodes.ToString(), "nodes");
  EXPECT_EQ(kRollouts.ToString(), "rollouts.argoproj.io in all namespaces");
  EXPECT_EQ(kPods.InAllNamespaces().ToString(), "pods in all namespaces");
}

TEST(Collection, ComesFromARequest) {
  model::Resource pods{"", "v1", "pods", "pod", "Pod", true};
  model::ListRequest request;
  request.resource = &pods;
  request.namespace_ = "shop";
  EXPECT_EQ(Collection::Of(request), kPods);
  // A namespace means nothing to what has none.
  model::Resource nodes{"", "v1", "nodes", "node", "Node", false};
  request.resource = &nodes;
  EXPECT_EQ(Collection::Of(request), kNodes);
}

TEST(Collection, HasThePathsOfTheKubernetesApi) {
  struct Case {
    Collection collection;
    PageRequest page;
    std::string path;
  };
  const Case cases[] = {
      {kPods, {}, "/api/v1/namespaces/shop/pods"},
      {kPods,
       {"app=web,tier in (a,b)", "", 500, "a+/="},
       "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%2C"
       "b%29&limit=500&continue=a%2B%2F%3D"},
      {kNodes,
       {"", "node-0", 500, ""},
       "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-0&limit=500"},
      {kNodes,
       {"", "a,b=c\\", 0, ""},
       "/api/v1/nodes?fieldSelector=metadata.name%3Da%5C%2Cb%5C%3Dc%5C%5C"},
      {kRollouts, {}, "/apis/argoproj.io/v1alpha1/rollouts"},
      {{"", "v1", "pods", true, "a b?"},
       {},
       "/api/v1/namespaces/a%20b%3F/pods"},
  };
  for (const Case& c : cases) {
    const Request request = ListRequestOf(c.collection, c.page);
    EXPECT_EQ(request.path, c.path);
    EXPECT_EQ(request.accept,
              "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;"
              "v=v1,application/json");
  }
  const Request watch = WatchRequestOf(kPods, "77", std::chrono::seconds(120));
  EXPECT_EQ(watch.path,
            "/api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&"
            "resourceVersion=77&timeoutSeconds=120");
  EXPECT_EQ(watch.accept,
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
            "application/json");
}

TEST(Collection, KnowsNamesThatNoObjectHas) {
  for (const char* name : {"", "web-0", "system:node", "a.b", "...", "Ü"}) {
    EXPECT_TRUE(IsPossibleName(name)) << name;
  }
  for (const char* name : {".", "..", "a/b", "../pods", "a%2Fb"}) {
    EXPECT_FALSE(IsPossibleName(name)) << name;
  }
}

TEST(Collection, SaysWhatARefusalMeans) {
  struct Case {
    Collection collection;
    int status;
    ErrorCode code;
    std::string message;
  };
  const Case cases[] = {
      {kPods, 403, ErrorCode::kPermissionDenied,
       "sextant may not list pods in namespace \"shop\"; its ClusterRole needs "
       "the rule - {apiGroups: [\"\"], resources: [\"pods\"], verbs: "
       "[\"list\", \"watch\"]}"},
      {kRollouts, 403, ErrorCode::kPermissionDenied,
       "sextant may not list rollouts.argoproj.io in all namespaces; its "
       "ClusterRole needs the rule - {apiGroups: [\"argoproj.io\"], resources: "
       "[\"rollouts\"], verbs: [\"list\", \"watch\"]}"},
      {kRollouts, 404, ErrorCode::kUnavailable,
       "the API server has no resource rollouts.argoproj.io of version "
       "v1alpha1; was its CustomResourceDefinition or APIService removed?"},
      {kNodes, 401, ErrorCode::kUnavailable, "listing nodes: no"},
      {kNodes, 400, ErrorCode::kUnavailable, "listing nodes: no"},
      {kNodes, 503, ErrorCode::kUnavailable, "listing nodes: no"},
      {kNodes, 504, ErrorCode::kDeadlineExceeded, "listing nodes: no"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.status);
    const Error error = ListErrorOf(
        {c.status, R"({"kind":"Status","message":"no"})"}, c.collection);
    EXPECT_EQ(error.code, c.code);
    EXPECT_EQ(error.message, c.message);
  }
}

}  // namespace
}  // namespace sextant::kube
