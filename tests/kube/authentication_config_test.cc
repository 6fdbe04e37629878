#include "sextant/kube/authentication_config.h"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "kube/fixture.h"
#include "sextant/base/json.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kPem = "-----BEGIN CERTIFICATE-----\nMA==\n";
const char kMaps[] = "/api/v1/namespaces/kube-system/configmaps";
const char kMap[] =
    "/api/v1/namespaces/kube-system/configmaps/"
    "extension-apiserver-authentication";
const char kWhat[] =
    "the ConfigMap kube-system/extension-apiserver-authentication";
const char kReading[] =
    "reading the ConfigMap kube-system/extension-apiserver-authentication: ";

using Data = std::map<std::string, std::string>;

// The ConfigMap with this data, as JSON.
std::string ConfigMap(const Data& data) {
  std::string json = R"({"kind":"ConfigMap","apiVersion":"v1","metadata":)"
                     R"({"resourceVersion":"7"},"data":{)";
  const char* comma = "";
  for (const auto& [key, value] : data) {
    json += comma;
    AppendJsonString(json, key);
    json += ':';
    AppendJsonString(json, value);
    comma = ",";
  }
  return json + "}}";
}

Data Allowing(const std::string& name) {
  return {{"requestheader-allowed-names", "[\"" + name + "\"]"}};
}

FakeReply ListOf(const std::string& items) {
  return {.body = R"({"kind":"ConfigMapList","metadata":{"resourceVersion":)"
                  R"("1 7"},"items":[)" +
                  items + "]}"};
}

std::string Event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

FakeReply Refused(int status, const std::string& message) {
  return {.status = status,
          .body = R"({"kind":"Status","message":")" + message + R"("})"};
}

struct FollowerFixture : Fixture {
  Result<Done> Load() { return *RunTask(loop, follower.Load(deadline)); }

  // The names that were allowed, in the order of what was taken.
  std::vector<std::string> Allowed() const {
    std::vector<std::string> names;
    for (const AuthenticationConfig& config : taken) {
      names.push_back(config.allowed_names.empty() ? ""
                                                   : config.allowed_names[0]);
    }
    return names;
  }

  std::optional<Error> refuse;
  std::vector<AuthenticationConfig> taken;
  std::vector<std::string> reports;  // "": it went well
  AuthenticationConfigFollower follower{
      client, clock,
      [this](const AuthenticationConfig& config) -> Result<Done> {
        if (refuse) return *refuse;
        taken.push_back(config);
        return Done{};
      },
      [this](const Result<Done>& look) {
        reports.push_back(look ? "" : look.error().message);
      }};
};

TEST(ParseAuthenticationConfig, EveryKeyIsRead) {
  const Result<AuthenticationConfig> config = ParseAuthenticationConfig({
      {"client-ca-file", kPem + "1"},
      {"requestheader-client-ca-file", kPem + "2"},
      {"requestheader-allowed-names", R"(["front-proxy-client","b"])"},
      {"requestheader-username-headers", R"(["X-Remote-User","X-User"])"},
      {"requestheader-group-headers", R"(["X-Remote-Group"])"},
      {"requestheader-extra-headers-prefix", R"(["X-Remote-Extra-"])"},
      {"requestheader-uid-headers", R"(["X-Remote-Uid"])"},
      {"something-new", "{"},
  });
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(*config, (AuthenticationConfig{kPem + "1",
                                           kPem + "2",
                                           {"front-proxy-client", "b"},
                                           {"X-Remote-User", "X-User"},
                                           {"X-Remote-Group"},
                                           {"X-Remote-Extra-"},
                                           {"X-Remote-Uid"}}));
}

TEST(ParseAuthenticationConfig, WhatIsNotThereIsEmpty) {
  for (const Data& data :
       {Data{}, Data{{"client-ca-file", ""},
                     {"requestheader-allowed-names", "[]"},
                     {"requestheader-uid-headers", ""},
                     {"requestheader-group-headers", "null"}}}) {
    const Result<AuthenticationConfig> config = ParseAuthenticationConfig(data);
    ASSERT_THAT(config, IsOk());
    EXPECT_EQ(*config, AuthenticationConfig());
  }
}

TEST(ParseAuthenticationConfig, AMistakeNamesItsKey) {
  struct Case {
    Data data;
    const char* message;
  };
  const Case cases[] = {
      {{{"client-ca-file", "/etc/ca.crt"}},
       "client-ca-file: there is no certificate in it"},
      {{{"requestheader-client-ca-file", " "}},
       "requestheader-client-ca-file: there is no certificate in it"},
      {{{"requestheader-allowed-names", "front-proxy"}},
       "requestheader-allowed-names: not valid JSON at byte 2"},
      {{{"requestheader-allowed-names", R"("front-proxy")"}},
       "requestheader-allowed-names: must be a list of texts, such as "
       R"(["X-Remote-User"])"},
      {{{"requestheader-username-headers", R"(["X-Remote-User",7])"}},
       "requestheader-username-headers: must be a list of texts, such as "
       R"(["X-Remote-User"])"},
      {{{"requestheader-group-headers", R"({"a":"b"})"}},
       "requestheader-group-headers: must be a list of texts, such as "
       R"(["X-Remote-User"])"},
      {{{"requestheader-extra-headers-prefix", R"(["X-Extra-",""])"}},
       "requestheader-extra-headers-prefix: a name in it is empty"},
      {{{"requestheader-uid-headers", R"([""])"}, {"client-ca-file", "x"}},
       "client-ca-file: there is no certificate in it"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.message);
    EXPECT_THAT(ParseAuthenticationConfig(c.data),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

TEST(AuthenticationConfigFollower, TheStartIsOneGet) {
  FollowerFixture f;
  f.http.Answer(kMap, {.body = ConfigMap(Allowing("front"))});
  EXPECT_THAT(f.Load(), IsOk());
  EXPECT_THAT(f.Allowed(), ElementsAre("front"));
  ASSERT_THAT(f.http.requests, SizeIs(1));
  EXPECT_EQ(Line(f.http.requests[0]), std::string("GET https://kube") + kMap);
  EXPECT_EQ(f.http.deadlines[0], f.deadline);
}

TEST(AuthenticationConfigFollower, AStartThatFailsTakesNothing) {
  struct Case {
    const char* text;
    FakeReply reply;
    ErrorCode code;
    std::string message;
  };
  const Case cases[] = {
      {"no right", Refused(403, "configmaps is forbidden"),
       ErrorCode::kPermissionDenied,
       std::string(kReading) +
           "configmaps is forbidden; bind the Role "
           "extension-apiserver-authentication-reader of the namespace "
           "kube-system to the account that sextant asks with"},
      {"not now", Refused(503, "starting"), ErrorCode::kUnavailable,
       std::string(kReading) + "starting"},
      {"no network",
       {.error = Error{ErrorCode::kDeadlineExceeded, "no time", ""}},
       ErrorCode::kDeadlineExceeded,
       std::string(kReading) + "no time"},
      {"another object",
       {.body = R"({"kind":"Secret","data":{}})"},
       ErrorCode::kUnavailable,
       std::string(kReading) + "the API server's answer is none"},
      {"no JSON",
       {.body = "<html>"},
       ErrorCode::kUnavailable,
       std::string(kReading) + "the API server's answer is none"},
      {"a mistake in it",
       {.body = ConfigMap({{"client-ca-file", "x"}})},
       ErrorCode::kInvalidArgument,
       std::string(kWhat) + ": client-ca-file: there is no certificate in it"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    FollowerFixture f;
    f.http.Answer(kMap, c.reply);
    EXPECT_THAT(f.Load(), FailsWith(c.code, c.message));
    EXPECT_THAT(f.taken, IsEmpty());
  }
}

TEST(AuthenticationConfigFollower, AClusterWithoutTheConfigMapIsNoError) {
  FollowerFixture f;
  f.http.Answer(kMap, Refused(404, "not found"));
  EXPECT_THAT(f.Load(), IsOk());
  EXPECT_THAT(f.taken, IsEmpty());
}

TEST(AuthenticationConfigFollower, WhatIsRefusedIsAnError) {
  FollowerFixture f;
  f.http.Answer(kMap, {.body = ConfigMap(Allowing("front"))});
  f.refuse = Error{ErrorCode::kInvalidArgument, "no certificate", ""};
  EXPECT_THAT(f.Load(), FailsWith(ErrorCode::kInvalidArgument,
                                  std::string(kWhat) + ": no certificate"));
}

TEST(AuthenticationConfigFollower, ItListsAndWatches) {
  FollowerFixture f;
  f.http.AnswerInTurn(kMaps,
                      {ListOf(ConfigMap(Allowing("a"))),
                       {.body = Event("BOOKMARK", ConfigMap(Allowing("x"))) +
                                Event("MODIFIED", ConfigMap(Allowing("b"))) +
                                Event("DELETED", ConfigMap(Allowing("y"))) +
                                Event("ADDED", ConfigMap(Allowing("c"))) +
                                Event("MODIFIED", ConfigMap(Allowing("c"))),
                        .open = true}});
  f.http.piece = 10;
  auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
  EXPECT_THAT(f.Allowed(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(f.reports, ElementsAre("", "", "", ""));
  ASSERT_THAT(f.http.requests, SizeIs(2));
  const std::string list =
      std::string("GET https://kube") + kMaps +
      "?fieldSelector=metadata.name%3Dextension-apiserver-authentication";
  EXPECT_EQ(Line(f.http.requests[0]), list);
  EXPECT_EQ(f.http.deadlines[0], TimePoint(seconds(10)));
  EXPECT_EQ(Line(f.http.requests[1]),
            list + "&watch=true&resourceVersion=1+7&timeoutSeconds=60");
  EXPECT_EQ(f.http.deadlines[1], TimePoint(seconds(65)));
  run.Cancel();
  f.clock.Settle();
  EXPECT_TRUE(run.Ended());
}

TEST(AuthenticationConfigFollower, ASilentWatchGivesWayToAnotherLook) {
  FollowerFixture f;
  const FakeReply open{.open = true};
  f.http.AnswerInTurn(
      kMaps, {ListOf(ConfigMap(Allowing("a"))), open,
              ListOf(ConfigMap(Allowing("b"))), open, ListOf(""), open});
  auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
  EXPECT_THAT(f.Allowed(), ElementsAre("a"));
  f.clock.Advance(seconds(64));
  EXPECT_THAT(f.Allowed(), ElementsAre("a"));
  f.clock.Advance(seconds(1));
  EXPECT_THAT(f.Allowed(), ElementsAre("a", "b"));
  // Deleted: what was taken stays, and that is in order.
  f.clock.Advance(seconds(65));
  EXPECT_THAT(f.http.requests, SizeIs(6));
  EXPECT_THAT(f.Allowed(), ElementsAre("a", "b"));
  EXPECT_THAT(f.reports, ElementsAre("", "", ""));
}

TEST(AuthenticationConfigFollower,
     FailuresAreToldAndTriedAgainMoreAndMoreSeldom) {
  FollowerFixture f;
  f.http.Answer(kMaps, Refused(403, "no"));
  auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
  EXPECT_THAT(f.http.requests, SizeIs(1));
  std::size_t looks = 1;
  for (const int pause : {1, 2, 4, 8, 16, 30, 30}) {
    SCOPED_TRACE(pause);
    f.clock.Advance(seconds(pause) - std::chrono::milliseconds(1));
    EXPECT_THAT(f.http.requests, SizeIs(looks));
    f.clock.Advance(std::chrono::milliseconds(1));
    EXPECT_THAT(f.http.requests, SizeIs(++looks));
  }
  EXPECT_THAT(f.reports, SizeIs(looks));
  EXPECT_EQ(f.reports[0],
            std::string(kReading) +
                "no; bind the Role extension-apiserver-authentication-reader "
                "of the namespace kube-system to the account that sextant asks "
                "with");
  // After a good look and a watch of its full time all begins anew.
  f.http.AnswerInTurn(kMaps, {ListOf(""), {.open = true}, Refused(403, "no")});
  f.clock.Advance(seconds(30));
  f.clock.Advance(seconds(65));
  looks += 3;
  EXPECT_THAT(f.http.requests, SizeIs(looks));
  f.clock.Advance(seconds(1));
  EXPECT_THAT(f.http.requests, SizeIs(looks + 1));
}

TEST(AuthenticationConfigFollower,
     AWatchThatEndsEarlyIsFollowedByAPauseAndALook) {
  struct Case {
    const char* text;
    FakeReply watch;
  };
  const Case cases[] = {
      {"at once", {}},
      {"refused", Refused(410, "too old resource version")},
      {"an error", {.body = Event("ERROR", R"({"message":"expired"})")}},
      {"no JSON", {.body = "?\n"}},
      {"no object", {.body = "{\"type\":\"ADDED\"}\n"}},
      {"broken", {.error = Error{ErrorCode::kUnavailable, "reset", ""}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    FollowerFixture f;
    f.http.AnswerInTurn(kMaps, {ListOf(ConfigMap(Allowing("a"))),
                                c.watch,
                                ListOf(ConfigMap(Allowing("b"))),
                                {.open = true}});
    auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
    EXPECT_THAT(f.http.requests, SizeIs(2));
    f.clock.Advance(seconds(1));
    EXPECT_THAT(f.http.requests, SizeIs(4));
    EXPECT_THAT(f.Allowed(), ElementsAre("a", "b"));
    EXPECT_THAT(f.reports, ElementsAre("", ""));
  }
}

TEST(AuthenticationConfigFollower, WhatCannotBeUsedLeavesWhatWasTaken) {
  FollowerFixture f;
  const std::string bad = ConfigMap({{"requestheader-allowed-names", "{"}});
  f.http.AnswerInTurn(kMaps, {ListOf(ConfigMap(Allowing("a"))),
                              {.body = Event("MODIFIED", bad), .open = true},
                              ListOf(bad),
                              {.open = true},
                              ListOf(ConfigMap(Allowing("a"))),
                              {.open = true}});
  auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
  f.clock.Advance(seconds(65));
  f.clock.Advance(seconds(65));
  EXPECT_THAT(f.Allowed(), ElementsAre("a"));
  const std::string complaint =
      std::string(kWhat) +
      ": requestheader-allowed-names: not valid JSON at byte 2";
  EXPECT_THAT(f.reports, ElementsAre("", complaint, complaint, ""));
}

TEST(AuthenticationConfigFollower, WhatWasRefusedIsOfferedAgain) {
  FollowerFixture f;
  f.http.AnswerInTurn(kMaps, {ListOf(ConfigMap(Allowing("a"))),
                              {.open = true},
                              ListOf(ConfigMap(Allowing("a"))),
                              {.open = true}});
  f.refuse = Error{ErrorCode::kInvalidArgument, "no certificate", ""};
  auto run = LaunchTask(f.loop, Finished(f.follower.Run()));
  EXPECT_THAT(f.taken, IsEmpty());
  f.refuse.reset();
  f.clock.Advance(seconds(65));
  EXPECT_THAT(f.Allowed(), ElementsAre("a"));
  EXPECT_THAT(f.reports,
              ElementsAre(std::string(kWhat) + ": no certificate", ""));
}

}  // namespace
}  // namespace sextant::kube
