#include "sextant/query/listers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const model::Resource kPods = {"", "v1", "pods", "pod", "Pod", true};

model::ListRequest Pods(const std::string& ns, const std::string& selector) {
  model::ListRequest request;
  request.resource = &kPods;
  request.namespace_ = ns;
  request.selector = *model::Selector::Parse(selector);
  request.deadline = TimePoint(std::chrono::minutes(1));
  return request;
}

TEST(FixedObjectLister, ListsByNamespaceAndLabels) {
  boost::asio::io_context loop;
  const model::GroupResource pods{"", "pods"};
  FixedObjectLister lister({
      {pods, {"shop", "web-1"}, {{"app", "web"}}},
      {pods, {"shop", "web-0"}, {{"app", "web"}}},
      {pods, {"shop", "db-0"}, {}},
      {pods, {"other", "web-0"}, {{"app", "web"}}},
      {{"apps", "pods"}, {"shop", "impostor"}, {}},
  });
  struct Row {
    std::string ns, selector;
    std::vector<std::string> names;
  };
  const Row rows[] = {
      {"shop", "", {"db-0", "web-0", "web-1"}},
      {"shop", "app=web", {"web-0", "web-1"}},
      {"shop", "app!=web", {"db-0"}},
      {"", "app=web", {"web-0", "web-1"}},
      {"nowhere", "", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.ns + " " + row.selector);
    const model::ListRequest request = Pods(row.ns, row.selector);
    const auto names = RunTask(loop, lister.List(request)).value();
    ASSERT_THAT(names, IsOk());
    EXPECT_EQ(*names, row.names);
  }
}

TEST(FixedObjectLister, GivesMetadataByNamespaceNameAndLabels) {
  boost::asio::io_context loop;
  const model::GroupResource pods{"", "pods"};
  FixedObjectLister lister({
      {pods, {"shop", "web-0"}, {{"app", "web"}}},
      {pods, {"shop", "db-0"}, {}},
      {pods, {"other", "web-0"}, {{"app", "web"}}},
  });
  struct Row {
    std::string ns, name, selector;
    std::vector<model::ObjectMetadata> objects;
  };
  const model::ObjectMetadata db = {{"shop", "db-0"}, {}};
  const model::ObjectMetadata web = {{"shop", "web-0"}, {{"app", "web"}}};
  const model::ObjectMetadata other = {{"other", "web-0"}, {{"app", "web"}}};
  const Row rows[] = {
      {"shop", "", "", {db, web}},     {"", "", "", {other, db, web}},
      {"", "web-0", "", {other, web}}, {"shop", "", "app", {web}},
      {"shop", "db-0", "app", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.ns + " " + row.name + " " + row.selector);
    model::ListRequest request = Pods(row.ns, row.selector);
    request.name = row.name;
    const auto found = RunTask(loop, lister.ListMetadata(request)).value();
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(*found, row.objects);
  }
}

struct LabelValues : testing::Test {
  model::ListRequest Known(const std::string& selector = "") {
    model::ListRequest request = Pods("shop", selector);
    request.label = "pod";
    request.series = "hits{namespace=\"shop\"}";
    return request;
  }

  Result<std::vector<std::string>> List(const model::ListRequest& request) {
    return RunTask(loop, lister.List(request)).value();
  }

  LabelValues() {
    clock.Advance(std::chrono::hours(1));
    backend.series = {
        {{"__name__", "hits"}, {"namespace", "shop"}, {"pod", "b"}},
        {{"__name__", "hits"}, {"namespace", "shop"}, {"pod", "a"}},
        {{"__name__", "hits"}, {"namespace", "shop"}},
        {{"__name__", "hits"}, {"namespace", "other"}, {"pod", "c"}}};
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
  LabelValueLister lister{backend, clock, std::chrono::minutes(5)};
};

TEST_F(LabelValues, AreTheObjects) {
  const auto names = List(Known());
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, ElementsAre("a", "b"));
  ASSERT_EQ(backend.matches.size(), 1u);
  EXPECT_EQ(backend.matches[0].start, clock.Now() - std::chrono::minutes(5));
  EXPECT_EQ(backend.matches[0].end, clock.Now());
  EXPECT_THAT(backend.deadlines,
              ElementsAre(TimePoint(std::chrono::minutes(1))));
}

TEST_F(LabelValues, AreObjectsOfTheirNamespaceAndWithoutLabels) {
  struct Row {
    std::string ns, name;
    std::vector<model::ObjectMetadata> objects;
  };
  const Row rows[] = {
      {"shop", "", {{{"shop", "a"}, {}}, {{"shop", "b"}, {}}}},
      {"shop", "b", {{{"shop", "b"}, {}}}},
      {"",
       "",
       {{{"other", "c"}, {}}, {{"shop", "a"}, {}}, {{"shop", "b"}, {}}}},
      {"", "c", {{{"other", "c"}, {}}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.ns + " " + row.name);
    model::ListRequest request = Known();
    request.namespace_ = row.ns;
    request.name = row.name;
    request.namespace_label = "namespace";
    if (row.ns.empty()) request.series = "hits";
    const auto found = RunTask(loop, lister.ListMetadata(request)).value();
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(*found, row.objects);
  }
}

TEST_F(LabelValues, RefuseASelectorOfMetadataInEveryScope) {
  for (const std::string ns : {"", "shop"}) {
    model::ListRequest request = Known("app");
    request.namespace_ = ns;
    EXPECT_THAT(RunTask(loop, lister.ListMetadata(request)).value(),
                FailsWith(ErrorCode::kInvalidArgument,
                          "labelSelector \"app\" cannot be used: without a "
                          "cluster the labels of pods are not known; give the "
                          "objects with --standalone-objects"));
  }
}

TEST_F(LabelValues, CannotBeMetadataWithoutSeriesToLookAt) {
  EXPECT_THAT(
      RunTask(loop, lister.ListMetadata(Pods("shop", ""))).value(),
      FailsWith(ErrorCode::kInvalidArgument,
                "which pods there are cannot be told from the query of the "
                "resource rule; give them with --standalone-objects"));
}

TEST_F(LabelValues, AreReadFromSeriesWhereTheEndpointKnowsNoMatch) {
  backend.refuses_label_endpoints = true;
  const auto names = List(Known());
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, ElementsAre("a", "b"));
}

TEST_F(LabelValues, KnowNoLabelsOfObjects) {
  EXPECT_THAT(List(Known("app=web")),
              FailsWith(ErrorCode::kInvalidArgument,
                        "labelSelector \"app=web\" cannot be used: without a "
                        "cluster the labels of pods are not known; give the "
                        "objects with --standalone-objects"));
  EXPECT_THAT(backend.asked, IsEmpty());
}

TEST_F(LabelValues, AreNoneForAnUnknownMetric) {
  const auto names = List(Pods("shop", ""));
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, IsEmpty());
  EXPECT_THAT(backend.asked, IsEmpty());
}

TEST_F(LabelValues, DoNotBlameTheCallerForTheBackendsRefusal) {
  model::ListRequest request = Known();
  request.series = "hits{";
  EXPECT_THAT(List(request),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("parse error")));
}

}  // namespace
}  // namespace sextant::query
