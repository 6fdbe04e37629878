#include "cloud/secret_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <initializer_list>
#include <string>

#include "cloud/token_reply.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const Error kRefused{ErrorCode::kUnavailable, "connection refused", ""};

struct Fixture {
  Fixture(std::initializer_list<FakeReply> replies) {
    client.clock = &clock;
    client.AnswerInTurn("/token", replies);
  }
  auto Launch(TimePoint deadline) {
    return LaunchTask(
        loop,
        AskForSecret(servers, client,
                     FormRequest(*net::Url::Parse("https://sts.example/token"),
                                 {{"secret", "Abc_secret"}, {"b", "1 2"}}),
                     deadline));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeHttpClient client;
  FakeHttpClient local;
  SecretServers servers{"no token", client, local, OAuthErrorIn, clock};
};

TEST(AskForSecret, PostsAForm) {
  Fixture f{{.body = "body"}};
  const auto asking = f.Launch(TimePoint::max());
  ASSERT_TRUE(asking.answer());
  EXPECT_EQ(**asking.answer(), "body");
  ASSERT_EQ(f.client.requests.size(), 1U);
  const net::ClientRequest& request = f.client.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.ToString(), "https://sts.example/token");
  EXPECT_EQ(request.headers.fields().size(), 1U);
  EXPECT_EQ(*request.headers.Find("Content-Type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body, "secret=Abc_secret&b=1+2");
}

TEST(AskForSecret, TriesAgainWhatMayPass) {
  for (const FakeReply& fault :
       {FakeReply{.status = 408}, FakeReply{.status = 429},
        FakeReply{.status = 500}, FakeReply{.status = 503},
        FakeReply{.error = kRefused}}) {
    SCOPED_TRACE(fault.status);
    Fixture f{fault, fault, fault, fault, {.body = "body"}};
    const auto asking = f.Launch(TimePoint(10s));
    for (const Duration pause : {250ms, 500ms, 1000ms, 2000ms}) {
      EXPECT_FALSE(asking.answer());
      f.clock.Advance(pause - 1ms);
      EXPECT_FALSE(asking.answer());
      f.clock.Advance(1ms);
    }
    ASSERT_TRUE(asking.answer());
    EXPECT_EQ(**asking.answer(), "body");
    EXPECT_EQ(f.client.requests.size(), 5U);
  }
}

TEST(AskForSecret, EndsAfterTheFifthAndBeforeTheDeadline) {
  Fixture f{{.status = 503}};
  const auto asking = f.Launch(TimePoint(10s));
  for (const Duration pause : {250ms, 500ms, 1000ms, 2000ms}) {
    f.clock.Advance(pause);
  }
  ASSERT_TRUE(asking.answer());
  EXPECT_THAT(*asking.answer(),
              FailsWith(ErrorCode::kUnavailable,
                        "no token: https://sts.example answers 503"));
  EXPECT_EQ(f.client.requests.size(), 5U);

  Fixture hurry{{.status = 503}};
  const auto hurried = hurry.Launch(TimePoint(250ms));
  ASSERT_TRUE(hurried.answer());
  EXPECT_EQ(hurry.client.requests.size(), 1U);
}

TEST(AskForSecret, SaysWhatWillNotPassAtOnceAndNoMore) {
  const struct {
    const char* what;
    FakeReply reply;
    const char* message;
  } cases[] = {
      {"a code",
       {.status = 400, .body = R"({"error":"invalid_grant","x":"Abc_secret"})"},
       "answers 400 (invalid_grant)"},
      {"the secret as a code",
       {.status = 400, .body = R"({"error":"Abc_secret"})"},
       "answers 400"},
      {"a redirect",
       {.status = 302, .headers = {{"Location", "https://evil.example/"}}},
       "answers 302"},
      {"404", {.status = 404, .body = "<html>Abc_secret"}, "answers 404"},
      {"too much", {.body = std::string(1 << 20, 'x')}, "cannot be asked"},
      {"what is no request",
       {.error = Error{ErrorCode::kInvalidArgument, "a bad header", ""}},
       "cannot be asked"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    Fixture f{c.reply};
    const auto asking = f.Launch(TimePoint(10s));
    ASSERT_TRUE(asking.answer());
    EXPECT_THAT(
        *asking.answer(),
        FailsWith(ErrorCode::kUnavailable,
                  std::string("no token: https://sts.example ") + c.message));
    EXPECT_THAT(asking.answer()->error().detail, Not(HasSubstr("Abc_secret")));
    EXPECT_EQ(f.client.requests.size(), 1U);
  }
}

TEST(AskForSecret, WaitsUntilTheDeadline) {
  Fixture f{{.open = true}};
  const auto asking = f.Launch(TimePoint(10s));
  f.clock.Advance(10s);
  ASSERT_TRUE(asking.answer());
  EXPECT_THAT(*asking.answer(),
              FailsWith(ErrorCode::kDeadlineExceeded,
                        "no token: https://sts.example did not answer in "
                        "time"));
}

TEST(SecretServers, OfTheNodeAreAskedWithoutAProxy) {
  Fixture f{FakeReply()};
  EXPECT_EQ(&f.servers.For(*net::Url::Parse("http://169.254.169.254/x")),
            &f.local);
  EXPECT_EQ(&f.servers.For(*net::Url::Parse("https://sts.example")), &f.client);
}

}  // namespace
}  // namespace sextant::cloud
