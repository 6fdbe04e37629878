#include "api/request_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

const std::vector<ApiGroup>& BothGroups() {
  static const std::vector<ApiGroup> kGroups = {
      {"custom.metrics.k8s.io", {"v1beta2", "v1beta1"}},
      {"external.metrics.k8s.io", {"v1beta1"}}};
  return kGroups;
}

RequestPath Read(const std::string& path) {
  return ReadPath(path, BothGroups());
}

const std::string kCm = "/apis/custom.metrics.k8s.io/v1beta1";
const std::string kEm = "/apis/external.metrics.k8s.io/v1beta1";

// Numbers are those of the wire's checklist; the others are of its sections 3.3
// and 12 and of the recorded routes.
TEST(RequestPath, ReadsEveryFormOfACustomMetric) {
  const struct {
    const char* why;
    std::string rest;
    std::string namespace_, resource, name, metric;
  } kCases[] = {
      {"3.1", "/namespaces/ns/pods/web-0/m", "ns", "pods", "web-0", "m"},
      {"22", "/namespaces/ns/pods/*/m", "ns", "pods", "*", "m"},
      {"22", "/namespaces/ns/pods/%2A/m", "ns", "pods", "*", "m"},
      {"23",
       "/namespaces/d/services/main/prometheus.googleapis.com%7Cvllm:n%7C"
       "gauge",
       "d", "services", "main", "prometheus.googleapis.com|vllm:n|gauge"},
      {"23", "/namespaces/d/services/main/a%3Ab", "d", "services", "main",
       "a:b"},
      {"decoded once", "/namespaces/d/pods/p/a%257Cb", "d", "pods", "p",
       "a%7Cb"},
      {"'+' is no blank", "/namespaces/d/pods/p/a+b", "d", "pods", "p", "a+b"},
      {"25", "/namespaces/d/rollouts.argoproj.io/r/m", "d",
       "rollouts.argoproj.io", "r", "m"},
      {"25", "/namespaces/d/ingresses.networking.k8s.io/main/rps", "d",
       "ingresses.networking.k8s.io", "main", "rps"},
      {"26", "/nodes/n1/m", "", "nodes", "n1", "m"},
      {"26", "/nodes/*/m", "", "nodes", "*", "m"},
      {"27", "/namespaces/ns/metrics/m", "", "namespaces", "ns", "m"},
      {"every namespace", "/namespaces/*/metrics/m", "", "namespaces", "*",
       "m"},
      {"section 12: a slash at the end", "/namespaces/ns/pods/web-0/m/", "ns",
       "pods", "web-0", "m"},
      {"section 12", "/namespaces/ns/metrics/m/", "", "namespaces", "ns", "m"},
      {"dots are names", "/namespaces/ns/pods/../m", "ns", "pods", "..", "m"},
  };
  for (const std::string version : {"v1beta1", "v1beta2"}) {
    for (const auto& c : kCases) {
      SCOPED_TRACE(c.why + std::string(" ") + c.rest);
      RequestPath wanted;
      wanted.kind = Kind::kCustomMetric;
      wanted.group = "custom.metrics.k8s.io";
      wanted.version = version;
      wanted.namespace_ = c.namespace_;
      wanted.resource = c.resource;
      wanted.name = c.name;
      wanted.metric = c.metric;
      EXPECT_EQ(Read("/apis/custom.metrics.k8s.io/" + version + c.rest),
                wanted);
    }
  }
}

TEST(RequestPath, ReadsExternalMetricsOfAnyName) {
  for (const std::string metric :
       {"my-external-metric", "status", "finalize", "watch", "namespaces"}) {
    for (const std::string end : {"", "/"}) {
      SCOPED_TRACE(metric + end);
      RequestPath wanted;
      wanted.kind = Kind::kExternalMetric;
      wanted.group = "external.metrics.k8s.io";
      wanted.version = "v1beta1";
      wanted.namespace_ = "default";
      wanted.metric = metric;
      EXPECT_EQ(Read(kEm + "/namespaces/default/" + metric + end), wanted);
    }
  }
}

TEST(RequestPath, KnowsWhatIsNotAMetric) {
  const struct {
    std::string path;
    Kind kind;
  } kCases[] = {
      {"/", Kind::kIndex},
      {"//", Kind::kUnknown},
      {"/apis", Kind::kGroups},
      {"/apis/", Kind::kGroups},
      {"/apis//", Kind::kUnknown},
      {"//apis", Kind::kUnknown},
      {"/./apis", Kind::kUnknown},
      {"/apis/custom.metrics.k8s.io", Kind::kGroup},
      {"/apis/custom.metrics.k8s.io/", Kind::kGroup},
      {"/apis/metrics.k8s.io", Kind::kUnknown},
      {"/apis/metrics.k8s.io/v1beta1", Kind::kUnknown},
      {"/apis/custom.metrics.k8s.io/v9", Kind::kNoSuchResource},
      {"/apis/external.metrics.k8s.io/v1beta2", Kind::kNoSuchResource},
      {kCm, Kind::kResources},
      {kCm + "/", Kind::kResources},
      {kEm, Kind::kResources},
      {"/api", Kind::kUnknown},  // 15
      {"/version", Kind::kVersion},
      {"/version/", Kind::kVersion},
      {"/metrics", Kind::kOwnMetrics},
      {"/metrics/slis", Kind::kUnknown},
      {"/openapi/v2", Kind::kOpenApiV2},
      {"/openapi/v3", Kind::kOpenApiV3},
      {"/openapi", Kind::kUnknown},
      {"/openapi/v3/apis/custom.metrics.k8s.io/v1beta2", Kind::kOpenApiV3Group},
      {"/openapi/v3/apis/custom.metrics.k8s.io/v9", Kind::kUnknown},
      {"/openapi/v3/apis/nobody", Kind::kUnknown},
      {"/healthz", Kind::kHealth},
      {"/healthz/", Kind::kUnknown},
      {"/healthz/ping", Kind::kHealth},
      {"/healthz/ping/more", Kind::kUnknown},
      {"/nope", Kind::kUnknown},
      // 3.3 and the recorded routes
      {kCm + "/foo", Kind::kNoSuchResource},
      {kCm + "/nodes/foo", Kind::kNoSuchResource},
      {kCm + "/namespaces", Kind::kNoSuchResource},
      {kCm + "/namespaces/shop", Kind::kNoSuchResource},
      {kCm + "/namespaces/shop/", Kind::kNoSuchResource},
      {kCm + "/namespaces/ns/pods/bar", Kind::kNoSuchResource},
      {kCm + "/namespaces/ns/pods/a/b/m", Kind::kNoSuchResource},
      {kCm + "/nodes/a/b/m", Kind::kNoSuchResource},
      {kCm + "/namespaces/ns/metrics/m/more", Kind::kNoSuchResource},
      {kCm + "/namespaces/kube-system/http_requests", Kind::kInvalid},
      {kCm + "/namespaces/default/metrics/", Kind::kInvalid},
      {kCm + "/namespaces/default/pods/", Kind::kInvalid},
      {kEm + "/foo", Kind::kNoSuchResource},
      {kEm + "/namespaces/ns", Kind::kNoSuchResource},
      {kEm + "/namespaces/ns/a/b", Kind::kNoSuchResource},  // 24
      {kEm + "/namespaces/ns/a%2Fb", Kind::kNoSuchResource},
      {kCm + "/namespaces/ns%2Fpods/web-0/m", Kind::kNoSuchResource},
      {kCm + "/namespaces//m", Kind::kNoSuchResource},  // 37
      {kCm + "/namespaces/shop/pods//m", Kind::kNoSuchResource},
      {kCm + "/namespaces//pods/web-0/m", Kind::kNoSuchResource},
      {kCm + "/nodes//m", Kind::kNoSuchResource},
      {kCm + "/nodes/a/m//", Kind::kNoSuchResource},
      {kEm + "/namespaces//m", Kind::kNoSuchResource},
      {kCm + "/nodes/%ZZ/m", Kind::kMalformed},
      {kCm + "/nodes/%2/m", Kind::kMalformed},
      {"", Kind::kMalformed},
      {"*", Kind::kMalformed},
      {"apis", Kind::kMalformed},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    EXPECT_EQ(static_cast<int>(Read(c.path).kind), static_cast<int>(c.kind));
  }
}

// Checklist, 50.
TEST(RequestPath, ReadsEveryFormOfAResourceMetric) {
  const std::vector<ApiGroup> served = {{"metrics.k8s.io", {"v1", "v1beta1"}}};
  const struct {
    std::string rest;
    Kind kind;
    std::string namespace_, resource, name;
  } kCases[] = {
      {"/nodes", Kind::kResourceList, "", "nodes", ""},
      {"/nodes/", Kind::kResourceList, "", "nodes", ""},
      {"/nodes/n1", Kind::kResourceItem, "", "nodes", "n1"},
      {"/pods", Kind::kResourceList, "", "pods", ""},
      {"/namespaces/shop/pods", Kind::kResourceList, "shop", "pods", ""},
      {"/namespaces/shop/pods/web-0", Kind::kResourceItem, "shop", "pods",
       "web-0"},
      {"/namespaces/pods/pods/pods", Kind::kResourceItem, "pods", "pods",
       "pods"},
      {"", Kind::kResources, "", "", ""},
      {"/pods/web-0", Kind::kNoSuchResource, "", "", ""},
      {"/nodes/n1/x", Kind::kNoSuchResource, "", "", ""},
      {"/namespaces", Kind::kNoSuchResource, "", "", ""},
      {"/namespaces/shop", Kind::kNoSuchResource, "", "", ""},
      {"/namespaces/shop/nodes", Kind::kNoSuchResource, "", "", ""},
      {"/namespaces/shop/pods/a/b", Kind::kNoSuchResource, "", "", ""},
      {"/namespaces//pods", Kind::kNoSuchResource, "", "", ""},
      {"/services", Kind::kNoSuchResource, "", "", ""},
  };
  for (const std::string version : {"v1", "v1beta1"}) {
    for (const auto& c : kCases) {
      SCOPED_TRACE(version + c.rest);
      const RequestPath path =
          ReadPath("/apis/metrics.k8s.io/" + version + c.rest, served);
      EXPECT_EQ(static_cast<int>(path.kind), static_cast<int>(c.kind));
      if (c.kind == Kind::kNoSuchResource) continue;
      EXPECT_EQ(path.version, version);
      EXPECT_EQ(path.namespace_, c.namespace_);
      EXPECT_EQ(path.resource, c.resource);
      EXPECT_EQ(path.name, c.name);
    }
  }
}

TEST(RequestPath, ServesOnlyTheGroupsThatAreServed) {
  const std::vector<ApiGroup> external = {
      {"external.metrics.k8s.io", {"v1beta1"}}};
  EXPECT_EQ(ReadPath(kCm, external).kind, Kind::kUnknown);
  EXPECT_EQ(ReadPath(kEm, external).kind, Kind::kResources);
}

TEST(RequestPath, ReadsHealthChecks) {
  RequestPath wanted;
  wanted.kind = Kind::kHealth;
  wanted.endpoint = "readyz";
  EXPECT_EQ(Read("/readyz"), wanted);
  wanted.check = "ping";
  EXPECT_EQ(Read("/readyz/ping"), wanted);
}

}  // namespace
}  // namespace sextant::api
