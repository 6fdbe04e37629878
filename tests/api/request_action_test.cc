// What is served (api::ReadPath) and who may have it (auth::ActionOf) are read
// from the same path by two readers.  Where they disagreed, somebody could have
// what he may not.

#include "sextant/auth/request_action.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "api/request_path.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

const std::vector<ApiGroup>& Served() {
  static const std::vector<ApiGroup> kGroups = {
      {"custom.metrics.k8s.io", {"v1beta2", "v1beta1"}},
      {"external.metrics.k8s.io", {"v1beta1"}},
      {"metrics.k8s.io", {"v1beta1", "v1"}}};
  return kGroups;
}

model::Action Path(const std::string& path) {
  model::Action action;
  action.verb = "get";
  action.path = path;
  return action;
}

// What somebody must be allowed to do who gets this served.
model::Action Needed(const RequestPath& where) {
  model::Action action;
  action.verb = "get";
  action.is_resource = true;
  action.group = where.group;
  action.version = where.version;
  action.namespace_ = where.namespace_;
  if (where.kind == Kind::kExternalMetric) {
    action.verb = "list";
    action.resource = where.metric;
  } else if (where.metric.empty()) {  // metrics.k8s.io
    if (where.name.empty()) action.verb = "list";
    action.resource = where.resource;
    action.name = where.name;
  } else if (where.resource == "namespaces" && where.namespace_.empty()) {
    action.namespace_ = where.name;
    action.resource = "metrics";
    action.name = where.metric;
  } else {
    action.resource = where.resource;
    action.name = where.name;
    action.subresource = where.metric;
  }
  return action;
}

void Compare(const std::string& path) {
  SCOPED_TRACE(path);
  const RequestPath where = ReadPath(path, Served());
  net::Request request;
  request.method = "GET";
  request.target = path;
  const model::Action action = auth::ActionOf(request);
  switch (where.kind) {
    case Kind::kMalformed:
    case Kind::kUnknown:
    case Kind::kNoSuchResource:
    case Kind::kInvalid:
      return;  // nothing is served
    case Kind::kCustomMetric:
    case Kind::kExternalMetric:
      EXPECT_EQ(action, Needed(where));
      return;
    case Kind::kExplain:
      EXPECT_EQ(action, Path(auth::kExplainPath));
      return;
    case Kind::kHealth: {
      const std::string check = where.check.empty() ? "" : "/" + where.check;
      EXPECT_EQ(action, Path("/" + where.endpoint + check));
      return;
    }
    default:
      if (where.resource.empty()) break;
      EXPECT_EQ(action, Needed(where));
      return;
  }
  // What else is served is a path, and reads the same when it is sent as the
  // path that was authorised.
  EXPECT_FALSE(action.is_resource);
  EXPECT_EQ(action.resource, "");
  EXPECT_EQ(ReadPath(action.path, Served()), where) << action.path;
}

TEST(RequestAction, IsAskedForWhatIsServed) {
  for (const std::string path :
       {"/",
        "/apis",
        "/apis/",
        "/version",
        "/version/",
        "/metrics",
        "/healthz",
        "/%68ealthz",
        "/readyz/ping",
        "/debug/explain",
        "/debug/explain/",
        "/d%65bug/explain",
        "/openapi/v2",
        "/openapi/v3",
        "/openapi/v3/apis/custom.metrics.k8s.io/v1beta1",
        "/apis/custom.metrics.k8s.io",
        "/apis/external.metrics.k8s.io/v1beta1",
        "/apis/custom.metrics.k8s.io/v1beta1/namespaces/d/pods/web-0/m",
        "/apis/custom.metrics.k8s.io/v1beta1/namespaces/d/pods/%2A/m/",
        "/apis/custom.metrics.k8s.io/v1beta2/nodes/n1/m",
        "/apis/custom.metrics.k8s.io/v1beta2/watch/n1/m",
        "/apis/custom.metrics.k8s.io/v1beta2/namespaces/d/metrics/m",
        "/apis/custom.metrics.k8s.io/v1beta2/namespaces/d/status/x/m",
        "/apis/custom.metrics.k8s.io/v1beta2/namespaces/d/pods/namespaces/m",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/status",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/namespaces",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/watch",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/namespaces/m",
        "/apis/metrics.k8s.io/v1beta1/nodes",
        "/apis/metrics.k8s.io/v1/nodes/n1",
        "/apis/metrics.k8s.io/v1/pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/d/pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/d/pods/web-0/"}) {
    Compare(path);
  }
}

// Words that mean something to one of the readers, in any order, with slashes
// and escapes where they do not belong.
TEST(RequestAction, IsAskedForWhatIsServedOnWildPathsToo) {
  const std::vector<std::string> words = {"apis",
                                          "api",
                                          "custom.metrics.k8s.io",
                                          "external.metrics.k8s.io",
                                          "v1beta1",
                                          "v1beta2",
                                          "v1",
                                          "namespaces",
                                          "pods",
                                          "nodes",
                                          "metrics",
                                          "status",
                                          "finalize",
                                          "watch",
                                          "proxy",
                                          "web-0",
                                          "*",
                                          "%2A",
                                          "..",
                                          ".",
                                          "",
                                          "a%2Fb",
                                          "%2f",
                                          "%25",
                                          "%2561",
                                          "debug",
                                          "explain",
                                          "d%65bug",
                                          "healthz",
                                          "%68ealthz",
                                          "readyz",
                                          "openapi",
                                          "v2",
                                          "v3",
                                          "version",
                                          "%6Eamespaces",
                                          "x",
                                          "deployments.apps",
                                          "%ZZ"};
  const std::vector<std::string> starts = {
      "",
      "",
      "/apis/custom.metrics.k8s.io/v1beta1",
      "/apis/custom.metrics.k8s.io/v1beta1/namespaces",
      "/apis/external.metrics.k8s.io/v1beta1",
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/d",
      "/debug",
      "/apis/custom.metrics.k8s.io/v1beta2/namespaces/d/pods",
      "/apis/metrics.k8s.io/v1beta1",
      "/apis/metrics.k8s.io/v1/namespaces/d"};
  std::mt19937 random(42);  // NOLINT: the same paths each time
  const auto below = [&random](std::size_t limit) {
    return static_cast<std::size_t>(random()) % limit;
  };
  std::size_t served = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string path = starts[below(starts.size())];
    for (std::size_t left = below(6); left > 0; --left) {
      path += "/" + words[below(words.size())];
    }
    if (below(8) == 0) path += "/";
    Compare(path);
    const Kind kind = ReadPath(path, Served()).kind;
    if (kind == Kind::kCustomMetric || kind == Kind::kExternalMetric) ++served;
  }
  EXPECT_GT(served, 1000U);
}

}  // namespace
}  // namespace sextant::api
