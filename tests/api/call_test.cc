#include "api/call.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

TEST(Call, IsReadFromTargetAndHeaders) {
  net::Request request;
  request.method = "GET";
  request.target =
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/m?pretty=1&a=%20";
  request.headers.Add("Accept", "text/html;q=0.5, application/json");
  const Call call =
      ReadCall(request, {{std::string(kExternalGroup), {"v1beta1"}}});
  EXPECT_EQ(call.path, "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/m");
  EXPECT_EQ(call.where.kind, Kind::kExternalMetric);
  EXPECT_EQ(call.parameters.First("pretty"), "1");
  EXPECT_EQ(call.parameters.First("a"), " ");
  ASSERT_EQ(call.accept.size(), 2u);
  EXPECT_EQ(call.accept[0].type, "application/json");
  EXPECT_EQ(call.request.target, request.target);
}

// The wire's sections 1.2 and 12.
TEST(Call, SaysWhichMethodsAPathKnows) {
  const struct {
    Kind kind;
    bool head;
    bool post;
  } kCases[] = {
      {Kind::kIndex, true, false},
      {Kind::kOwnMetrics, true, false},
      {Kind::kHealth, true, true},
      {Kind::kOpenApiV2, true, true},
      {Kind::kOpenApiV3, true, true},
      {Kind::kOpenApiV3Group, true, true},
      {Kind::kUnknown, true, true},
      {Kind::kNoSuchResource, true, true},
      {Kind::kVersion, false, false},
      {Kind::kGroups, false, false},
      {Kind::kGroup, false, false},
      {Kind::kResources, false, false},
      {Kind::kCustomMetric, false, false},
      {Kind::kExternalMetric, false, false},
      {Kind::kInvalid, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(static_cast<int>(c.kind));
    EXPECT_TRUE(AllowsMethod(c.kind, "GET"));
    EXPECT_EQ(AllowsMethod(c.kind, "HEAD"), c.head);
    EXPECT_EQ(AllowsMethod(c.kind, "POST"), c.post);
  }
}

TEST(Call, MayHaveToWaitForMetricsOnly) {
  EXPECT_TRUE(MayWait(Kind::kCustomMetric));
  EXPECT_TRUE(MayWait(Kind::kExternalMetric));
  for (const Kind kind : {Kind::kHealth, Kind::kOwnMetrics, Kind::kGroups,
                          Kind::kResources, Kind::kOpenApiV3, Kind::kIndex}) {
    EXPECT_FALSE(MayWait(kind)) << static_cast<int>(kind);
  }
}

}  // namespace
}  // namespace sextant::api
