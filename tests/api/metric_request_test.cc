#include "api/metric_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::api {
namespace {

RequestPath CustomPath(const std::string& name) {
  RequestPath path;
  path.kind = RequestPath::Kind::kCustomMetric;
  path.namespace_ = "shop";
  path.resource = "pods";
  path.name = name;
  path.metric = "m";
  return path;
}

// Checklist of the wire, 29 and 30.
TEST(MetricRequest, HandsBothSelectorsOn) {
  const Result<query::CustomRequest> request = ReadCustomRequest(
      CustomPath("*"),
      QueryParameters("labelSelector=app%3Dweb&metricLabelSelector=code"));
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->resource, "pods");
  EXPECT_EQ(request->namespace_, "shop");
  EXPECT_EQ(request->name, "*");
  EXPECT_EQ(request->metric, "m");
  EXPECT_EQ(request->object_selector.ToString(), "app=web");
  EXPECT_EQ(request->metric_selector.ToString(), "code");
}

TEST(MetricRequest, DropsTheLabelSelectorOfANamedObject) {
  const Result<query::CustomRequest> request = ReadCustomRequest(
      CustomPath("web-0"), QueryParameters("labelSelector=app%3Dweb"));
  ASSERT_THAT(request, IsOk());
  EXPECT_TRUE(request->object_selector.empty());
}

// The wire's section 3.3; checklist, 31.
TEST(MetricRequest, RefusesBadParametersOfCustomMetrics) {
  const struct {
    const char* name;
    const char* query;
    const char* message;
  } kCases[] = {
      {"web-0", "labelSelector=!!",
       "unable to parse requirement: found '!', expected: identifier"},
      {"*", "metricLabelSelector=a+b",
       "unable to parse requirement: found 'b', expected: in, notin, =, ==, "
       "!=, gt, lt"},
      {"*", "metricLabelSelector=a+b&labelSelector=!!",
       "unable to parse requirement: found '!', expected: identifier"},
      {"*", "limit=abc", R"(strconv.ParseInt: parsing "abc": invalid syntax)"},
      {"foo", "fieldSelector=metadata.name%3Dbar",
       "fieldSelector metadata.name doesn't match requested name"},
      {"foo", "fieldSelector=metadata.name%21%3Dfoo",
       "fieldSelector metadata.name doesn't match requested name"},
      {"*", "fieldSelector=metadata.namespace%3Dshop",
       "fieldSelector metadata.name doesn't match requested name"},
      {"foo", "fieldSelector=foo%3Dbar",
       R"("foo" is not a known field selector: only "metadata.name", )"
       R"("metadata.namespace")"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    EXPECT_THAT(ReadCustomRequest(CustomPath(c.name), QueryParameters(c.query)),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

TEST(MetricRequest, TakesAFieldSelectorThatRepeatsThePath) {
  EXPECT_THAT(
      ReadCustomRequest(CustomPath("foo"),
                        QueryParameters("fieldSelector=metadata.name%3Dfoo")),
      IsOk());
}

// The wire's section 3.3 (3.3 and 13 of the peer's): a list stays a list.
TEST(MetricRequest, IgnoresWatchOnCustomMetrics) {
  EXPECT_THAT(ReadCustomRequest(CustomPath("*"), QueryParameters("watch=true")),
              IsOk());
}

TEST(MetricRequest, ReadsExternalRequests) {
  RequestPath path;
  path.kind = RequestPath::Kind::kExternalMetric;
  path.group = "external.metrics.k8s.io";
  path.namespace_ = "shop";
  path.metric = "queue";
  const auto request = ReadExternalRequest(
      path, QueryParameters("labelSelector=q%3Dmail%2C%21old&"
                            "fieldSelector=metadata.name%3Dx"));
  ASSERT_TRUE(std::holds_alternative<query::ExternalRequest>(request));
  const auto& external = std::get<query::ExternalRequest>(request);
  EXPECT_EQ(external.namespace_, "shop");
  EXPECT_EQ(external.metric, "queue");
  EXPECT_EQ(external.selector.ToString(), "!old,q=mail");

  const struct {
    const char* query;
    Status status;
  } kCases[] = {
      {"watch=maybe", CannotWatch("*", "external.metrics.k8s.io")},
      {"watch=true&limit=a",
       BadRequest(R"(strconv.ParseInt: parsing "a": invalid syntax)")},
      {"fieldSelector=!!",
       BadRequest("invalid selector: '!!'; can't understand '!!'")},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    const auto refused = ReadExternalRequest(path, QueryParameters(c.query));
    ASSERT_TRUE(std::holds_alternative<Status>(refused));
    EXPECT_EQ(std::get<Status>(refused).ToJson(), c.status.ToJson());
  }
}

}  // namespace
}  // namespace sextant::api
