#include "api/resource_request.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace sextant::api {
namespace {

RequestPath PathOf(const std::string& rest) {
  return ReadPath("/apis/metrics.k8s.io/v1beta1" + rest,
                  {{"metrics.k8s.io", {"v1beta1"}}});
}

// "pods ns/name selector: kept objects"
std::string Text(const query::ResourceRequest& request) {
  std::string text =
      request.what == rules::Measured::kPods ? "pods " : "nodes ";
  text += request.namespace_ + "/" + request.name + " " +
          request.selector.ToString() + ":";
  const std::vector<model::ObjectRef> objects = {
      {"shop", "a"}, {"shop", "b"}, {"db", "a"}, {"", "n1"}};
  for (const model::ObjectRef& ref : objects) {
    if (!request.keep || request.keep(ref)) {
      text += " " + ref.namespace_ + "/" + ref.name;
    }
  }
  return text;
}

TEST(ResourceRequest, SaysWhichObjects) {
  const struct {
    std::string path;
    std::string query;
    std::string request;
  } kCases[] = {
      {"/pods", "", "pods / : shop/a shop/b db/a /n1"},
      {"/namespaces/shop/pods", "labelSelector=app%3Dweb&limit=500",
       "pods shop/ app=web: shop/a shop/b db/a /n1"},
      {"/pods", "fieldSelector=metadata.name%3Da", "pods /a : shop/a db/a"},
      {"/pods", "fieldSelector=metadata.namespace%3Ddb", "pods db/ : db/a"},
      {"/namespaces/shop/pods", "fieldSelector=metadata.namespace%3Ddb",
       "pods shop/ : db/a"},
      {"/pods", "fieldSelector=metadata.name!%3Da", "pods / : shop/b /n1"},
      {"/pods", "fieldSelector=metadata.name%3Da,metadata.namespace%3Dshop",
       "pods shop/a : shop/a"},
      {"/pods", "fieldSelector=metadata.name%3Da,metadata.name%3Db",
       "pods /a :"},
      {"/nodes", "fieldSelector=metadata.namespace%3Dshop",
       "nodes / : shop/a shop/b"},
      {"/nodes/n1", "", "nodes /n1 : shop/a shop/b db/a /n1"},
      // What belongs to lists is not looked at.
      {"/namespaces/shop/pods/a",
       "watch=true&labelSelector=!!&fieldSelector=x%3Dy&sendInitialEvents=1",
       "pods shop/a : shop/a shop/b db/a /n1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path + "?" + c.query);
    const auto request =
        ReadResourceRequest(PathOf(c.path), QueryParameters(c.query));
    ASSERT_TRUE(std::holds_alternative<query::ResourceRequest>(request));
    EXPECT_EQ(Text(std::get<query::ResourceRequest>(request)), c.request);
  }
}

TEST(ResourceRequest, RefusesWhatIsNoList) {
  const struct {
    std::string query;
    int code;
    std::string message;
  } kCases[] = {
      {"watch=true", 405,
       "watch is not supported on resources of kind \"pods.metrics.k8s.io\""},
      {"limit=abc", 400, "strconv.ParseInt: parsing \"abc\": invalid syntax"},
      {"labelSelector=!!", 400,
       "unable to parse requirement: found '!', expected: identifier"},
      {"fieldSelector=status.phase%3DRunning", 400,
       "\"status.phase\" is not a known field selector: only "
       "\"metadata.name\", \"metadata.namespace\""},
      {"resourceVersionMatch=Exact", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: "
       "Forbidden: resourceVersionMatch is forbidden unless resourceVersion "
       "is provided"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    const auto request =
        ReadResourceRequest(PathOf("/pods"), QueryParameters(c.query));
    ASSERT_TRUE(std::holds_alternative<Status>(request));
    EXPECT_EQ(std::get<Status>(request).code, c.code);
    EXPECT_EQ(std::get<Status>(request).message, c.message);
  }
}

}  // namespace
}  // namespace sextant::api
