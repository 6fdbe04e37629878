#include "sextant/kube/client.h"

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kube/fixture.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const Error kRefused{ErrorCode::kUnavailable,
                     "connecting to https://kube: connection refused", ""};

TEST(Client, ARequestCarriesTokenAgentAndMediaTypes) {
  Client::Options options = At("https://kube:6443");
  options.user_agent = "sextant/v1 (linux/amd64)";
  Fixture f(options);
  f.http.Answer("/api/v1/pods", {.body = "{}"});
  f.http.Answer("/apis/x", {.status = 201, .body = "made"});

  const auto got = RunTask(
      f.loop,
      f.client.Send({.path = "/api/v1/pods?limit=5&x=%20"}, f.deadline));
  ASSERT_THAT(*got, IsOk());
  EXPECT_EQ((*got)->status, 200);
  EXPECT_EQ((*got)->body, "{}");
  const auto made = RunTask(f.loop, f.client.Send({.method = "POST",
                                                   .path = "/apis/x",
                                                   .accept = "a/b;as=Table",
                                                   .body = R"({"a":1})",
                                                   .repeatable = false},
                                                  f.deadline));
  ASSERT_THAT(*made, IsOk());
  EXPECT_EQ((*made)->status, 201);
  EXPECT_EQ((*made)->body, "made");

  ASSERT_THAT(f.http.requests, SizeIs(2));
  const net::ClientRequest& get = f.http.requests[0];
  EXPECT_EQ(Line(get), "GET https://kube:6443/api/v1/pods?limit=5&x=%20");
  EXPECT_THAT(get.headers.fields(),
              ElementsAre(std::pair("Accept", "application/json"),
                          std::pair("User-Agent", "sextant/v1 (linux/amd64)"),
                          std::pair("Authorization", "Bearer secret-1")));
  EXPECT_EQ(get.body, "");
  EXPECT_TRUE(get.repeatable);
  const net::ClientRequest& post = f.http.requests[1];
  EXPECT_EQ(Line(post), "POST https://kube:6443/apis/x");
  EXPECT_THAT(post.headers.fields(),
              ElementsAre(std::pair("Accept", "a/b;as=Table"),
                          std::pair("User-Agent", "sextant/v1 (linux/amd64)"),
                          std::pair("Authorization", "Bearer secret-1"),
                          std::pair("Content-Type", "application/json")));
  EXPECT_EQ(post.body, R"({"a":1})");
  EXPECT_FALSE(post.repeatable);
  EXPECT_THAT(f.http.deadlines, ElementsAre(f.deadline, f.deadline));
}

TEST(Client, ThePathOfTheServersUrlComesFirst) {
  struct Case {
    const char* server;
    const char* wanted;
  };
  const Case cases[] = {
      {"https://kube", "GET https://kube/version"},
      {"https://kube/", "GET https://kube/version"},
      {"https://rancher/k8s/clusters/c-1",
       "GET https://rancher/k8s/clusters/c-1/version"},
      {"https://rancher/k8s//?x=y", "GET https://rancher/k8s/version"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.server);
    Fixture f(At(c.server));
    ASSERT_TRUE(
        RunTask(f.loop, f.client.Send({.path = "/version"}, f.deadline)));
    EXPECT_EQ(Line(f.http.requests[0]), c.wanted);
  }
}

TEST(Client, ATokenWinsOverTheUserOfTheUrl) {
  struct Case {
    const char* token;
    const char* authorization;
    const char* user_info;  // which the HttpClient makes a header of
  };
  const Case cases[] = {{"t", "Bearer t", ""}, {"", "(none)", "user:password"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.authorization);
    Fixture f(At("https://user:password@kube"));
    f.token = c.token;
    ASSERT_TRUE(RunTask(f.loop, f.client.Send({.path = "/"}, f.deadline)));
    EXPECT_EQ(Header(f.http.requests[0], "Authorization"), c.authorization);
    EXPECT_EQ(f.http.requests[0].url.user_info, c.user_info);
  }
}

TEST(Client, WhatFailsIsTriedAgainWithTheTokenOfThatMoment) {
  Fixture f;
  f.http.AnswerInTurn("/x", {{.error = kRefused},
                             {.status = 500, .body = "later"},
                             {.body = "good"}});
  auto call = LaunchTask(f.loop, f.client.Send({.path = "/x"}, f.deadline));
  EXPECT_THAT(f.http.requests, SizeIs(1));
  f.clock.Advance(milliseconds(499));
  EXPECT_THAT(f.http.requests, SizeIs(1));
  f.token = "secret-2";
  f.clock.Advance(milliseconds(1));
  EXPECT_THAT(f.http.requests, SizeIs(2));
  EXPECT_FALSE(call.answer());
  f.clock.Advance(milliseconds(750));
  ASSERT_TRUE(call.answer());
  ASSERT_THAT(*call.answer(), IsOk());
  EXPECT_EQ((*call.answer())->body, "good");
  ASSERT_THAT(f.http.requests, SizeIs(3));
  EXPECT_EQ(Header(f.http.requests[0], "Authorization"), "Bearer secret-1");
  EXPECT_EQ(Header(f.http.requests[1], "Authorization"), "Bearer secret-2");
}

TEST(Client, AfterFiveAttemptsTheLastOutcomeIsTheAnswer) {
  Client::Options options = At("https://kube");
  std::vector<double> jitter = {0, 0.5, 0, 0.25, 0.1};
  std::size_t drawn = 0;
  options.jitter = [&] { return jitter[drawn++]; };
  Fixture f(options);
  f.http.AnswerInTurn("/x", {{.error = kRefused}, {.status = 504}});
  auto call = LaunchTask(f.loop, f.client.Send({.path = "/x"}, f.deadline));
  for (const int pause : {500, 825, 1125, 1772}) {
    SCOPED_TRACE(pause);
    const std::size_t before = f.http.requests.size();
    f.clock.Advance(milliseconds(pause - 1));
    EXPECT_THAT(f.http.requests, SizeIs(before));
    f.clock.Advance(milliseconds(1));
    EXPECT_THAT(f.http.requests, SizeIs(before + 1));
  }
  ASSERT_TRUE(call.answer());
  ASSERT_THAT(*call.answer(), IsOk());
  EXPECT_EQ((*call.answer())->status, 504);
  EXPECT_THAT(f.http.requests, SizeIs(5));
}

TEST(Client, NoPauseReachesTheDeadline) {
  struct Case {
    const char* text;
    FakeReply reply;
    int deadline_ms;
    std::size_t requests;
  };
  const Case cases[] = {
      {"no time for one more", {.error = kRefused}, 500, 1},
      {"time for one more", {.error = kRefused}, 501, 2},
      {"the server wishes too long a pause",
       {.status = 429, .headers = {{"Retry-After", "30"}}},
       30000,
       1},
      {"the server's wish fits",
       {.status = 429, .headers = {{"Retry-After", "30"}}},
       30001,
       2},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Fixture f;
    f.http.Answer("/x", c.reply);
    const auto call = LaunchTask(
        f.loop,
        f.client.Send({.path = "/x"}, TimePoint(milliseconds(c.deadline_ms))));
    f.clock.Advance(milliseconds(c.deadline_ms - 1));
    EXPECT_TRUE(call.answer());
    EXPECT_THAT(f.http.requests, SizeIs(c.requests));
  }
}

TEST(Client, WhatIsNotRepeatableIsSentOnce) {
  Fixture f;
  f.http.Answer("/x", {.error = kRefused});
  const auto got = RunTask(
      f.loop,
      f.client.Send({.method = "POST", .path = "/x", .repeatable = false},
                    f.deadline));
  ASSERT_TRUE(got);
  EXPECT_THAT(*got, FailsWith(ErrorCode::kUnavailable, kRefused.message));
}

TEST(Client, ACancelledPauseSendsNothingMore) {
  Fixture f;
  f.http.Answer("/x", {.error = kRefused});
  auto call = LaunchTask(f.loop, f.client.Send({.path = "/x"}, f.deadline));
  call.Cancel();
  f.clock.Advance(seconds(30));
  EXPECT_TRUE(call.Ended());
  EXPECT_FALSE(call.answer());
  EXPECT_THAT(f.http.requests, SizeIs(1));
}

TEST(Client, AReplyIsBounded) {
  Client::Options options = At("https://kube");
  options.max_reply_bytes = 4;
  for (const int status : {200, 403}) {
    SCOPED_TRACE(status);
    Fixture f(options);
    f.http.Answer("/x", {.status = status, .body = "12345"});
    const auto got = RunTask(f.loop, f.client.Send({.path = "/x"}, f.deadline));
    EXPECT_THAT(*got, FailsWith(ErrorCode::kTooLarge,
                                "the reply of https://kube/x is larger than 4 "
                                "bytes"));
  }
}

TEST(Client, AStreamGoesPieceByPieceAndIsNotBounded) {
  Client::Options options = At("https://kube");
  options.max_reply_bytes = 4;
  Fixture f(options);
  f.http.piece = 3;
  f.http.Answer("/x", {.body = "12345678"});
  std::vector<std::string> pieces;
  const auto got = RunTask(f.loop, f.client.Stream({.path = "/x?watch=1"},
                                                   f.deadline, [&](auto piece) {
                                                     pieces.emplace_back(piece);
                                                     return Done{};
                                                   }));
  ASSERT_THAT(*got, IsOk());
  EXPECT_EQ((*got)->status, 200);
  EXPECT_EQ((*got)->body, "");
  EXPECT_THAT(pieces, ElementsAre("123", "456", "78"));
  EXPECT_EQ(Line(f.http.requests[0]), "GET https://kube/x?watch=1");
}

TEST(Client, AStreamThatIsRefusedIsGathered) {
  Fixture f;
  f.http.piece = 2;
  f.http.Answer("/x", {.status = 410, .body = "gone"});
  const auto got =
      RunTask(f.loop, f.client.Stream({.path = "/x"}, f.deadline, [](auto) {
        ADD_FAILURE() << "what is no 200 came to the sink";
        return Done{};
      }));
  ASSERT_THAT(*got, IsOk());
  EXPECT_EQ((*got)->status, 410);
  EXPECT_EQ((*got)->body, "gone");
}

TEST(Client, AStreamIsSentOnceAndEndsWithItsError) {
  struct Case {
    const char* text;
    FakeReply reply;
    Error wanted;
  };
  const Error unreadable{ErrorCode::kUnavailable, "no JSON", ""};
  const Error large{ErrorCode::kTooLarge,
                    "the reply of https://kube/x is larger than 4 bytes", ""};
  const Case cases[] = {
      {"the network", {.body = "a", .error = kRefused}, kRefused},
      {"the sink", {.body = "b"}, unreadable},
      {"a long refusal", {.status = 403, .body = "12345"}, large},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Client::Options options = At("https://kube");
    options.max_reply_bytes = 4;
    Fixture f(options);
    f.http.Answer("/x", c.reply);
    const auto got = RunTask(
        f.loop, f.client.Stream({.path = "/x"}, f.deadline,
                                [&](std::string_view piece) -> Result<Done> {
                                  if (piece == "b") return unreadable;
                                  return Done{};
                                }));
    EXPECT_THAT(*got, FailsWith(c.wanted.code, c.wanted.message));
    EXPECT_THAT(f.http.requests, SizeIs(1));
  }
}

}  // namespace
}  // namespace sextant::kube
