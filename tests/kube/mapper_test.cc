#include "sextant/kube/mapper.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "kube/fixture.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// "widgets" of a.test/v1 as the aggregated document has them.
std::string Version(const std::string& version,
                    const std::vector<std::string>& plurals) {
  std::string text =
      R"({"version":")" + version + R"(","freshness":"Current","resources":[)";
  const char* comma = "";
  for (const std::string& plural : plurals) {
    text += comma;
    text += R"({"resource":")" + plural +
            R"(","responseKind":{"kind":"K"},"scope":"Namespaced",)" +
            R"("singularResource":"s"})";
    comma = ",";
  }
  return text + "]}";
}

std::string Stale(const std::string& version) {
  return R"({"version":")" + version + R"(","freshness":"Stale"})";
}

std::string Group(const std::string& name, const std::string& versions) {
  return R"({"metadata":{"name":")" + name + R"("},"versions":[)" + versions +
         "]}";
}

FakeReply Aggregated(const std::string& groups) {
  return {.body =
              R"({"kind":"APIGroupDiscoveryList","items":[)" + groups + "]}"};
}

FakeReply Refused(int status, const std::string& message) {
  return {.status = status,
          .body = R"({"kind":"Status","message":")" + message + R"("})"};
}

// The resources of a table, "plural.version.group".
std::vector<std::string> Names(const model::ResourceTable& table) {
  std::vector<std::string> names;
  for (const model::Resource& resource : table.resources()) {
    names.push_back(resource.plural + "." + resource.version +
                    (resource.group.empty() ? "" : "." + resource.group));
  }
  return names;
}

struct MapperFixture : Fixture {
  MapperFixture() {
    http.Answer("/api", Aggregated(Group("", Version("v1", {"pods"}))));
    http.Answer("/apis",
                Aggregated(Group("a.test", Version("v1", {"widgets"}))));
  }

  Result<Done> Refresh() { return *RunTask(loop, mapper.Refresh(deadline)); }
  // After the pause that lets it look again.
  Result<Done> RefreshLater() {
    clock.Advance(seconds(5));
    deadline = clock.Now() + seconds(60);
    return Refresh();
  }
  std::vector<std::string> Current() const { return Names(*mapper.Current()); }
  std::size_t Looks() const {
    return static_cast<std::size_t>(
        std::count_if(http.requests.begin(), http.requests.end(),
                      [](const net::ClientRequest& request) {
                        return request.url.path == "/api";
                      }));
  }

  std::vector<std::vector<std::string>> changes;
  Mapper mapper{Mapper::Options(), client, clock,
                [this](const Mapper::Table& table) {
                  EXPECT_EQ(table, mapper.Current());
                  changes.push_back(Names(*table));
                }};
};

TEST(Mapper, TheAggregatedDocumentsAreTwoRequests) {
  MapperFixture f;
  ASSERT_TRUE(f.mapper.Current());
  EXPECT_THAT(f.Current(), IsEmpty());
  ASSERT_THAT(f.Refresh(), IsOk());
  EXPECT_THAT(f.Current(), ElementsAre("pods.v1", "widgets.v1.a.test"));
  EXPECT_THAT(f.changes, ElementsAre(f.Current()));
  EXPECT_THAT(f.mapper.missing(), IsEmpty());
  ASSERT_THAT(f.http.requests, SizeIs(2));
  EXPECT_EQ(Line(f.http.requests[0]), "GET https://kube/api");
  EXPECT_EQ(Line(f.http.requests[1]), "GET https://kube/apis");
  for (const net::ClientRequest& request : f.http.requests) {
    EXPECT_EQ(
        Header(request, "Accept"),
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;"
        "as=APIGroupDiscoveryList,application/json");
  }
  EXPECT_THAT(f.http.deadlines, ::testing::Each(TimePoint(seconds(30))));
}

TEST(Mapper, WithoutThemEachVersionIsAskedFor) {
  MapperFixture f;
  f.http.Answer("/api",
                {.body = R"({"kind":"APIVersions","versions":["v1"]})"});
  f.http.Answer("/api/v1", {.body = R"({"kind":"APIResourceList","resources":[
{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod"},
{"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod"},
{"name":"nodes","singularName":"","namespaced":false,"kind":"Node"}]})"});
  f.http.Answer("/apis", {.body = R"({"kind":"APIGroupList","groups":[
{"name":"a.test","versions":[{"version":"v2"},{"version":"v1"}],
 "preferredVersion":{"version":"v1"}},
{"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]},
{"name":"b.test","versions":[{"version":"v1"}]},
{"name":"c.test","versions":[{"version":"v1"}]},
{"name":"d.test","versions":[{"version":"v1"}]}]})"});
  const FakeReply widgets{.body = R"({"kind":"APIResourceList","resources":[
{"name":"widgets","singularName":"widget","namespaced":true,"kind":"W"}]})"};
  f.http.Answer("/apis/a.test/v1", widgets);
  f.http.Answer("/apis/a.test/v2", widgets);
  f.http.Answer("/apis/b.test/v1",
                {.status = 503, .body = "service unavailable\n"});
  f.http.Answer("/apis/c.test/v1", {.body = "<html>"});
  f.http.Answer("/apis/d.test/v1",
                {.error = Error{ErrorCode::kTooLarge, "too large", ""}});
  ASSERT_THAT(f.Refresh(), IsOk());
  EXPECT_THAT(f.Current(),
              ElementsAre("pods.v1", "nodes.v1", "widgets.v1.a.test",
                          "widgets.v2.a.test"));
  const model::Resource* const node = f.mapper.Current()->Find("", "node");
  ASSERT_NE(node, nullptr);
  EXPECT_FALSE(node->namespaced);
  EXPECT_THAT(f.mapper.missing(),
              ElementsAre("b.test/v1: the API server answered 503",
                          "c.test/v1: the API server's answer is no discovery "
                          "document",
                          "d.test/v1: too large"));
  std::vector<std::string> paths;
  for (const auto& request : f.http.requests) paths.push_back(request.url.path);
  EXPECT_THAT(
      paths, UnorderedElementsAre("/api", "/api/v1", "/apis", "/apis/a.test/v1",
                                  "/apis/a.test/v2", "/apis/b.test/v1",
                                  "/apis/c.test/v1", "/apis/d.test/v1"));
}

TEST(Mapper, AGroupThatCannotBeReadKeepsWhatWasKnownOfIt) {
  MapperFixture f;
  f.http.Answer("/apis",
                Aggregated(Group("a.test", Version("v1", {"widgets"})) + "," +
                           Group("b.test", Version("v1", {"gears"}))));
  ASSERT_THAT(f.Refresh(), IsOk());
  f.http.Answer("/apis", Aggregated(Group("a.test", Stale("v1")) + "," +
                                    Group("b.test", Version("v2", {"gears"})) +
                                    "," + Group("c.test", Stale("v1"))));
  ASSERT_THAT(f.RefreshLater(), IsOk());
  EXPECT_THAT(f.Current(),
              ElementsAre("pods.v1", "widgets.v1.a.test", "gears.v2.b.test"));
  EXPECT_THAT(f.mapper.missing(),
              ElementsAre("a.test/v1: the API server cannot reach its server",
                          "c.test/v1: the API server cannot reach its server"));
  // However often.
  ASSERT_THAT(f.RefreshLater(), IsOk());
  EXPECT_THAT(f.Current(),
              ElementsAre("pods.v1", "widgets.v1.a.test", "gears.v2.b.test"));
  // What is not listed any more is not there any more.
  f.http.Answer("/apis", Aggregated(Group("b.test", Version("v2", {"gears"}))));
  ASSERT_THAT(f.RefreshLater(), IsOk());
  EXPECT_THAT(f.Current(), ElementsAre("pods.v1", "gears.v2.b.test"));
  EXPECT_THAT(f.mapper.missing(), IsEmpty());
  EXPECT_THAT(f.changes, SizeIs(3));
}

TEST(Mapper, OnlyATableThatDiffersIsTold) {
  MapperFixture f;
  ASSERT_THAT(f.Refresh(), IsOk());
  const Mapper::Table before = f.mapper.Current();
  ASSERT_THAT(f.RefreshLater(), IsOk());
  EXPECT_EQ(f.mapper.Current(), before);
  EXPECT_THAT(f.changes, SizeIs(1));
  f.http.Answer("/apis", Aggregated(Group("a.test", Version("v1", {}))));
  ASSERT_THAT(f.RefreshLater(), IsOk());
  EXPECT_THAT(Names(*before), ElementsAre("pods.v1", "widgets.v1.a.test"));
  EXPECT_THAT(f.Current(), ElementsAre("pods.v1"));
  EXPECT_THAT(f.changes, SizeIs(2));
}

TEST(Mapper, AClusterWithoutACoreGroupStillHasOthers) {
  MapperFixture f;
  f.http.Answer("/api", Refused(404, "not found"));
  ASSERT_THAT(f.Refresh(), IsOk());
  EXPECT_THAT(f.Current(), ElementsAre("widgets.v1.a.test"));
}

TEST(Mapper, ALookThatFailsChangesNothing) {
  struct Case {
    const char* path;
    FakeReply reply;
    ErrorCode code;
    const char* message;
  };
  const Case cases[] = {
      {"/api", Refused(403, R"(forbidden: cannot get path \"/api\")"),
       ErrorCode::kPermissionDenied,
       "reading which resources the cluster has: /api: forbidden: cannot get "
       "path \"/api\""},
      {"/apis", Refused(404, "not found"), ErrorCode::kNotFound,
       "reading which resources the cluster has: /apis: not found"},
      {"/apis",
       {.body = "hello"},
       ErrorCode::kUnavailable,
       "reading which resources the cluster has: /apis: the API server's "
       "answer is no discovery document"},
      {"/apis",
       {.error = Error{ErrorCode::kTooLarge, "too large", ""}},
       ErrorCode::kTooLarge,
       "reading which resources the cluster has: too large"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.message);
    MapperFixture f;
    ASSERT_THAT(f.Refresh(), IsOk());
    f.http.Answer(c.path, c.reply);
    EXPECT_THAT(f.RefreshLater(), FailsWith(c.code, c.message));
    EXPECT_THAT(f.Current(), ElementsAre("pods.v1", "widgets.v1.a.test"));
    EXPECT_THAT(f.changes, SizeIs(1));
  }
}

TEST(Mapper, ALookThatLearnsNothingFails) {
  MapperFixture f;
  f.http.Answer("/api", Aggregated(Group("", Stale("v1"))));
  f.http.Answer("/apis", Aggregated(Group("a.test", Stale("v1"))));
  EXPECT_THAT(f.Refresh(),
              FailsWith(ErrorCode::kUnavailable,
                        "reading which resources the cluster has: no group of "
                        "its API can be read"));
  EXPECT_THAT(f.changes, IsEmpty());
}

TEST(Mapper, CallersShareALookEachWithItsOwnDeadline) {
  MapperFixture f;
  f.http.Answer("/api", {.open = true});
  const auto hasty =
      LaunchTask(f.loop, f.mapper.Refresh(TimePoint(seconds(3))));
  const auto patient =
      LaunchTask(f.loop, f.mapper.Refresh(TimePoint(seconds(50))));
  EXPECT_THAT(f.http.requests, SizeIs(1));
  f.clock.Advance(seconds(3));
  ASSERT_TRUE(hasty.answer());
  EXPECT_THAT(*hasty.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded,
                        "reading which resources the cluster has: the time for "
                        "it ran out"));
  EXPECT_FALSE(patient.answer());
  f.clock.Advance(seconds(27));
  ASSERT_TRUE(patient.answer());
  EXPECT_THAT(*patient.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded,
                        "reading which resources the cluster has: the time ran "
                        "out"));
  EXPECT_THAT(f.http.requests, SizeIs(1));
}

TEST(Mapper, AMissLooksAtMostEveryFiveSeconds) {
  MapperFixture f;
  ASSERT_THAT(f.Refresh(), IsOk());
  f.http.Answer("/apis", Refused(403, "no"));
  f.clock.Advance(std::chrono::milliseconds(4999));
  EXPECT_THAT(f.Refresh(), IsOk());
  EXPECT_EQ(f.Looks(), 1);
  f.clock.Advance(std::chrono::milliseconds(1));
  EXPECT_THAT(f.Refresh(),
              FailsWith(ErrorCode::kPermissionDenied, HasSubstr("/apis: no")));
  EXPECT_EQ(f.Looks(), 2);
  EXPECT_THAT(f.Refresh(),
              FailsWith(ErrorCode::kPermissionDenied, HasSubstr("/apis: no")));
  EXPECT_EQ(f.Looks(), 2);
}

TEST(Mapper, ItLooksEveryTenMinutesAndSoonerWhenSomethingIsMissing) {
  MapperFixture f;
  f.http.AnswerInTurn(
      "/apis", {Aggregated(Group("a.test", Version("v1", {"widgets"}))),
                Refused(403, "no"), Aggregated(Group("a.test", Stale("v1"))),
                Refused(403, "no"),
                Aggregated(Group("a.test", Version("v1", {"widgets"}))),
                Refused(403, "no")});
  const auto run = LaunchTask(f.loop, Finished(f.mapper.Run()));
  std::size_t looks = 1;
  EXPECT_EQ(f.Looks(), looks);
  for (const Duration pause :
       {Duration(minutes(10)), Duration(seconds(1)), Duration(seconds(2)),
        Duration(seconds(4)), Duration(minutes(10)), Duration(seconds(1))}) {
    SCOPED_TRACE(pause.count());
    f.clock.Advance(pause - std::chrono::milliseconds(1));
    EXPECT_EQ(f.Looks(), looks);
    f.clock.Advance(std::chrono::milliseconds(1));
    EXPECT_EQ(f.Looks(), ++looks);
  }
  EXPECT_THAT(f.Current(), ElementsAre("pods.v1", "widgets.v1.a.test"));
}

TEST(Mapper, ALookThatIsCancelledIsForgotten) {
  MapperFixture f;
  f.http.AnswerInTurn(
      "/api", {{.open = true}, Aggregated(Group("", Version("v1", {"pods"})))});
  auto first = LaunchTask(f.loop, f.mapper.Refresh(f.deadline));
  first.Cancel();
  f.clock.Settle();
  EXPECT_TRUE(first.Ended());
  EXPECT_THAT(f.Refresh(), IsOk());
  EXPECT_THAT(f.Current(), ElementsAre("pods.v1", "widgets.v1.a.test"));
}

}  // namespace
}  // namespace sextant::kube
