#include "sextant/auth/request_action.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::auth {
namespace {

model::Action ActionOf(const std::string& method, const std::string& target) {
  net::Request request;
  request.method = method;
  request.target = target;
  return auth::ActionOf(request);
}

model::Action Path(const std::string& path, const std::string& verb = "get") {
  model::Action action;
  action.verb = verb;
  action.path = path;
  return action;
}

struct Of {
  std::string verb, group, version, resource, subresource, namespace_, name;

  model::Action ToAction() const {
    model::Action action;
    action.verb = verb;
    action.is_resource = true;
    action.group = group;
    action.version = version;
    action.resource = resource;
    action.subresource = subresource;
    action.namespace_ = namespace_;
    action.name = name;
    return action;
  }
};

const std::string kCg = "custom.metrics.k8s.io";
const std::string kEg = "external.metrics.k8s.io";
const std::string kRg = "metrics.k8s.io";
const std::string kCm = "/apis/custom.metrics.k8s.io/v1beta1";
const std::string kCm2 = "/apis/custom.metrics.k8s.io/v1beta2";
const std::string kEm = "/apis/external.metrics.k8s.io/v1beta1";
const std::string kRm = "/apis/metrics.k8s.io/v1beta1";

std::string Describe(const model::Action& a) {
  return a.verb + (a.is_resource ? " resource " : " path ") + a.path + a.group +
         "/" + a.version + " ns=" + a.namespace_ + " resource=" + a.resource +
         " sub=" + a.subresource + " name=" + a.name;
}

// Checklist of the wire, 77 to 79; the table of section 7.4.
TEST(RequestAction, HasTheAttributesOfEveryForm) {
  const struct {
    const char* method;
    std::string target;
    Of want;
  } kCases[] = {
      {"GET",
       kCm + "/namespaces/default/pods/web-0/m",
       {"get", kCg, "v1beta1", "pods", "m", "default", "web-0"}},
      {"GET",
       kCm2 + "/namespaces/default/pods/*/m?labelSelector=a%3Db",
       {"get", kCg, "v1beta2", "pods", "m", "default", "*"}},
      {"GET",
       kCm2 + "/namespaces/default/pods/%2A/m",
       {"get", kCg, "v1beta2", "pods", "m", "default", "*"}},
      {"GET",
       kCm + "/nodes/x/m",
       {"get", kCg, "v1beta1", "nodes", "m", "", "x"}},
      {"GET",
       kCm + "/nodes/x/m/",
       {"get", kCg, "v1beta1", "nodes", "m", "", "x"}},
      {"GET",
       kCm + "/namespaces/ns1/metrics/m",
       {"get", kCg, "v1beta1", "metrics", "", "ns1", "m"}},
      {"GET",
       kCm + "/namespaces/ns/deployments.apps/web/m",
       {"get", kCg, "v1beta1", "deployments.apps", "m", "ns", "web"}},
      {"GET",
       kCm + "/namespaces/d/services/main/a%7Cb:c%257C",
       {"get", kCg, "v1beta1", "services", "a|b:c%7C", "d", "main"}},
      {"GET",
       kCm + "/namespaces/d/pods/../m",
       {"get", kCg, "v1beta1", "pods", "m", "d", ".."}},
      {"GET",
       kEm + "/namespaces/default/m?labelSelector=app%3Dweb%2C%21x",
       {"list", kEg, "v1beta1", "m", "", "default", ""}},
      {"GET",
       kEm + "/namespaces/default/m?watch=true",
       {"watch", kEg, "v1beta1", "m", "", "default", ""}},
      {"GET",
       kEm + "/namespaces/default/m?watch=FALSE&watch=1",
       {"list", kEg, "v1beta1", "m", "", "default", ""}},
      {"GET",
       kEm + "/namespaces/default/m?fieldSelector=metadata.name%3Dx",
       {"list", kEg, "v1beta1", "m", "", "default", ""}},
      {"GET",
       kEm + "/namespaces/default/status",
       {"list", kEg, "v1beta1", "status", "", "default", ""}},
      {"GET",
       kEm + "/namespaces/default/finalize",
       {"list", kEg, "v1beta1", "finalize", "", "default", ""}},
      {"GET", kRm + "/nodes", {"list", kRg, "v1beta1", "nodes", "", "", ""}},
      {"GET",
       kRm + "/nodes/n1",
       {"get", kRg, "v1beta1", "nodes", "", "", "n1"}},
      {"GET",
       kRm + "/namespaces/default/pods",
       {"list", kRg, "v1beta1", "pods", "", "default", ""}},
      {"GET",
       kRm + "/namespaces/default/pods/web-0",
       {"get", kRg, "v1beta1", "pods", "", "default", "web-0"}},
      {"GET",
       kRm + "/namespaces/default/pods/web-0?watch=1",
       {"get", kRg, "v1beta1", "pods", "", "default", "web-0"}},
      {"GET",
       kRm + "/pods?watch=true",
       {"watch", kRg, "v1beta1", "pods", "", "", ""}},
      {"GET",
       kRm + "/namespaces/d/pods?fieldSelector=metadata.name%3Dweb-1",
       {"list", kRg, "v1beta1", "pods", "", "d", "web-1"}},
      {"GET",
       kRm + "/namespaces/d/pods?fieldSelector=metadata.namespace%3Dd%2C"
             "metadata.name%3D%3Dweb-1",
       {"list", kRg, "v1beta1", "pods", "", "d", "web-1"}},
      {"GET",
       kRm + "/namespaces/d/pods?fieldSelector=metadata.name%21%3Dweb-1",
       {"list", kRg, "v1beta1", "pods", "", "d", ""}},
      {"GET",
       kRm + "/namespaces/d/pods?fieldSelector=metadata.name%3D..",
       {"list", kRg, "v1beta1", "pods", "", "d", ""}},
      {"GET",
       kRm + "/namespaces/d/pods?fieldSelector=metadata.name%3Da%5C%2Cb",
       {"list", kRg, "v1beta1", "pods", "", "d", ""}},
      {"HEAD",
       kCm + "/nodes/x/m",
       {"get", kCg, "v1beta1", "nodes", "m", "", "x"}},
      {"POST", kRm + "/nodes", {"create", kRg, "v1beta1", "nodes", "", "", ""}},
      {"PUT",
       kRm + "/nodes/x",
       {"update", kRg, "v1beta1", "nodes", "", "", "x"}},
      {"PATCH",
       kRm + "/nodes/x",
       {"patch", kRg, "v1beta1", "nodes", "", "", "x"}},
      {"DELETE",
       kRm + "/nodes/x",
       {"delete", kRg, "v1beta1", "nodes", "", "", "x"}},
      {"DELETE",
       kRm + "/nodes",
       {"deletecollection", kRg, "v1beta1", "nodes", "", "", ""}},
      // What is not served: Kubernetes' reading, without its special words.
      {"GET",
       kCm + "/namespaces/shop",
       {"get", kCg, "v1beta1", "namespaces", "", "shop", "shop"}},
      {"GET",
       kCm + "/namespaces",
       {"list", kCg, "v1beta1", "namespaces", "", "", ""}},
      {"GET",
       kCm + "/watch/x/m",
       {"get", kCg, "v1beta1", "watch", "m", "", "x"}},
      {"GET",
       kCm + "/namespaces/ns/pods/a/b/c",
       {"get", kCg, "v1beta1", "pods", "b", "ns", "a"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.method + (" " + c.target));
    EXPECT_EQ(ActionOf(c.method, c.target), c.want.ToAction())
        << Describe(ActionOf(c.method, c.target));
  }
}

TEST(RequestAction, IsAPathElsewhere) {
  const struct {
    std::string target, path;
  } kCases[] = {
      {"/", "/"},
      {"/version", "/version"},
      {"/version/?x=y", "/version/"},
      {"/healthz?verbose", "/healthz"},
      {"/%68ealthz", "/healthz"},
      {"/healthz/", "/healthz/"},
      {"/readyz/ping", "/readyz/ping"},
      {"/metrics", "/metrics"},
      {"/openapi/v2", "/openapi/v2"},
      {"/openapi/v3/apis/metrics.k8s.io/v1beta1",
       "/openapi/v3/apis/metrics.k8s.io/v1beta1"},
      {"/apis", "/apis"},
      {"/apis/", "/apis/"},
      {"/apis/custom.metrics.k8s.io", "/apis/custom.metrics.k8s.io"},
      {kCm, kCm},
      {kCm + "/", kCm + "/"},
      {kCm + "?watch=true", kCm},
      {"/APIS/a/b/c/d", "/APIS/a/b/c/d"},
      // One spelling.
      {"/debug/explain?path=" + kCm + "/nodes/x/m", "/debug/explain"},
      {"/debug/explain/", "/debug/explain"},
      {"/d%65bug/%65xplain", "/debug/explain"},
      // These lead nowhere.
      {"//healthz", "//healthz"},
      {"/healthz//", "/healthz//"},
      {"/debug//explain", "/debug//explain"},
      {"/debug%2Fexplain", "/debug%2Fexplain"},
      {"/debug/explain/more", "/debug/explain/more"},
      {kCm + "/namespaces/shop%2Fpods/web-0/m",
       kCm + "/namespaces/shop%2Fpods/web-0/m"},
      {kCm + "/nodes//m", kCm + "/nodes//m"},
      {kCm + "/nodes/%ZZ/m", kCm + "/nodes/%ZZ/m"},
      {"*", "*"},
      {"", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    EXPECT_EQ(ActionOf("GET", c.target), Path(c.path))
        << Describe(ActionOf("GET", c.target));
  }
  EXPECT_EQ(ActionOf("POST", "/version"), Path("/version", "post"));
  EXPECT_EQ(ActionOf("HEAD", "/version"), Path("/version", "head"));
}

}  // namespace
}  // namespace sextant::auth
