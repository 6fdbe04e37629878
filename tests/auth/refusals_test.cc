#include "auth/refusals.h"

#include <gtest/gtest.h>

#include <string>

#include "sextant/auth/request_action.h"

namespace sextant::auth {
namespace {

// Checklist of the wire, 81; the texts of its section 6.1.
TEST(Refusals, ForbidInTheFrameworksWords) {
  const std::string cm = "/apis/custom.metrics.k8s.io/v1beta1";
  const struct {
    std::string user, target, reason, message, name, group, kind;
  } kCases[] = {
      {"denied", cm + "/namespaces/default/pods/web-0/m", "nope because",
       "pods.custom.metrics.k8s.io \"web-0\" is forbidden: User \"denied\" "
       "cannot get resource \"pods/m\" in API group \"custom.metrics.k8s.io\" "
       "in the namespace \"default\": nope because",
       "web-0", "custom.metrics.k8s.io", "pods"},
      {"denied2", "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/m",
       "",
       "m.external.metrics.k8s.io is forbidden: User \"denied2\" cannot list "
       "resource \"m\" in API group \"external.metrics.k8s.io\" in the "
       "namespace \"default\"",
       "", "external.metrics.k8s.io", "m"},
      {"u", cm + "/nodes/x/m", "",
       "nodes.custom.metrics.k8s.io \"x\" is forbidden: User \"u\" cannot get "
       "resource \"nodes/m\" in API group \"custom.metrics.k8s.io\" at the "
       "cluster scope",
       "x", "custom.metrics.k8s.io", "nodes"},
      {"u", cm + "/namespaces/ns1/metrics/m", "",
       "metrics.custom.metrics.k8s.io \"m\" is forbidden: User \"u\" cannot "
       "get resource \"metrics\" in API group \"custom.metrics.k8s.io\" in the "
       "namespace \"ns1\"",
       "m", "custom.metrics.k8s.io", "metrics"},
      {"denied2", "/version", "",
       "forbidden: User \"denied2\" cannot get path \"/version\"", "", "", ""},
      {"a<b>&\"c\"", "/version", "<as it is>",
       "forbidden: User \"a&lt;b&gt;&amp;\\\"c\\\"\" cannot get path "
       "\"/version\": <as it is>",
       "", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    net::Request request;
    request.method = "GET";
    request.target = c.target;
    const model::Refusal refusal =
        Forbidden({c.user, "", {}, {}}, ActionOf(request), c.reason);
    EXPECT_EQ(refusal.error.code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(refusal.error.message, c.message);
    EXPECT_EQ(refusal.name, c.name);
    EXPECT_EQ(refusal.group, c.group);
    EXPECT_EQ(refusal.kind, c.kind);
  }
}

TEST(Refusals, TellStrangersNothing) {
  const model::Refusal refusal =
      Unauthorized({"client certificate: expired", "nobody's token"});
  EXPECT_EQ(refusal.error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refusal.error.message, "Unauthorized");
  EXPECT_EQ(refusal.error.detail,
            "client certificate: expired; nobody's token");
}

TEST(Refusals, SayThatNobodyCouldBeAsked) {
  const model::Refusal refusal =
      CouldNotAsk("/apis/custom.metrics.k8s.io/v1beta1/nodes/x/m?a=b&c=<d>",
                  {ErrorCode::kUnavailable, "boom sar", "10.0.0.1"});
  EXPECT_EQ(refusal.error.code, ErrorCode::kInternal);
  EXPECT_EQ(refusal.error.message,
            "Internal Server Error: \"/apis/custom.metrics.k8s.io/v1beta1/"
            "nodes/x/m?a=b&amp;c=&lt;d&gt;\": boom sar");
  EXPECT_EQ(refusal.error.detail, "10.0.0.1");
}

}  // namespace
}  // namespace sextant::auth
