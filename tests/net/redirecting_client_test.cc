#include "sextant/net/redirecting_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::net {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint kDeadline{std::chrono::seconds(5)};

ClientRequest Asking(const std::string& url) {
  ClientRequest request;
  request.url = *Url::Parse(url);
  return request;
}

FakeReply LeadingTo(std::string location, int status = 302) {
  return {.status = status,
          .body = "moved",
          .headers = {{"Location", std::move(location)}}};
}

class RedirectingClientTest : public ::testing::Test {
 protected:
  Result<ClientResponse> Send(ClientRequest request,
                              RedirectingClient::Options options = {}) {
    RedirectingClient client(std::move(options), inner_);
    boost::asio::io_context loop;
    return *RunTask(
        loop, SendAndGather(client, std::move(request), kDeadline, 1 << 20));
  }

  std::vector<std::string> Asked() const {
    std::vector<std::string> asked;
    for (const ClientRequest& request : inner_.requests) {
      asked.push_back(request.method + " " + request.url.ToString());
    }
    return asked;
  }

  FakeHttpClient inner_;
};

TEST_F(RedirectingClientTest, ARedirectOnTheSameHostIsFollowed) {
  const struct {
    const char* from;
    const char* location;
    const char* to;
  } kCases[] = {
      {"http://prom:9090/old?a=b", "/new", "http://prom:9090/new"},
      {"http://prom:9090/old", "new?c=d#e", "http://prom:9090/new?c=d"},
      {"http://prom:9090/old", "http://PROM:9090/new", "http://prom:9090/new"},
      {"http://prom:9090/old", "//prom:9090/new", "http://prom:9090/new"},
      {"http://prom/old", "https://prom/new", "https://prom/new"},
      {"http://prom:9090/old", "https://prom:9090/new",
       "https://prom:9090/new"},
      {"https://[::1]/old", "https://[::1]:443/new", "https://[::1]/new"},
  };
  inner_.Answer("/new", {.body = "ok"});
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.from) + " to " + c.location);
    inner_.requests.clear();
    inner_.Answer("/old", LeadingTo(c.location));
    const Result<ClientResponse> reply = Send(Asking(c.from));
    ASSERT_THAT(reply, IsOk());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "ok");
    EXPECT_THAT(Asked(), ElementsAre(std::string("GET ") + c.from,
                                     std::string("GET ") + c.to));
  }
}

TEST_F(RedirectingClientTest, ARedirectElsewhereIsAnErrorThatNamesBothPlaces) {
  const struct {
    const char* from;
    const char* location;
    const char* places;
  } kCases[] = {
      {"http://me:secret@prom:9090/old?token=secret",
       "https://you:secret@login.test/in?back=secret",
       "http://prom:9090/old redirects to https://login.test/in"},
      {"http://prom/old", "http://prom:8080/new",
       "http://prom/old redirects to http://prom:8080/new"},
      {"http://prom:9090/old", "https://prom/new",
       "http://prom:9090/old redirects to https://prom/new"},
      {"https://prom:9090/old", "http://prom:9090/new",
       "https://prom:9090/old redirects to http://prom:9090/new"},
      {"http://prom/old", "//prom.test",
       "http://prom/old redirects to http://prom.test"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.location);
    inner_.requests.clear();
    inner_.Answer("/old", LeadingTo(c.location));
    EXPECT_THAT(
        Send(Asking(c.from)),
        FailsWith(ErrorCode::kUnavailable,
                  std::string(c.places) +
                      ": not followed, as credentials never leave the host; "
                      "write the final URL in --prometheus-url"));
    EXPECT_EQ(inner_.requests.size(), 1U);
  }
}

TEST_F(RedirectingClientTest, AnEndlessNameOfAPlaceIsCut) {
  inner_.Answer("/old", LeadingTo("http://other/" + std::string(1000, 'x')));
  EXPECT_THAT(
      Send(Asking("http://prom/old")),
      FailsWith(ErrorCode::kUnavailable,
                "http://prom/old redirects to http://other/" +
                    std::string(243, 'x') +
                    "...: not followed, as credentials never leave the host; "
                    "write the final URL in --prometheus-url"));
}

TEST_F(RedirectingClientTest, ALocationThatIsNoUrlIsAnError) {
  inner_.Answer("/old", LeadingTo("ftp://prom/new"));
  EXPECT_THAT(Send(Asking("http://prom/old")),
              FailsWith(ErrorCode::kUnavailable,
                        "the redirect of http://prom/old leads nowhere: not a "
                        "usable URL: its scheme must be http or https"));
}

TEST_F(RedirectingClientTest, WhatIsSentOnDependsOnTheStatus) {
  const struct {
    int status;
    const char* method;
    const char* sent;
    const char* body;
  } kCases[] = {
      {301, "POST", "GET", ""},     {302, "POST", "GET", ""},
      {303, "POST", "GET", ""},     {307, "POST", "POST", "a=b"},
      {308, "POST", "POST", "a=b"}, {301, "HEAD", "HEAD", ""},
      {303, "PUT", "GET", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::to_string(c.status) + " " + c.method);
    inner_.requests.clear();
    inner_.Answer("/old", LeadingTo("/new", c.status));
    ClientRequest request = Asking("http://me:secret@prom/old");
    request.method = c.method;
    request.headers = {{"Authorization", "Bearer x"},
                       {"content-type", "application/x-www-form-urlencoded"}};
    request.body = "a=b";
    ASSERT_THAT(Send(std::move(request)), IsOk());
    ASSERT_EQ(inner_.requests.size(), 2U);
    const ClientRequest& sent = inner_.requests.back();
    EXPECT_EQ(sent.method, c.sent);
    EXPECT_EQ(sent.body, c.body);
    EXPECT_EQ(sent.url.user_info, "me:secret");
    EXPECT_NE(sent.headers.Find("Authorization"), nullptr);
    EXPECT_EQ(sent.headers.Find("Content-Type") != nullptr, *c.body != '\0');
  }
}

TEST_F(RedirectingClientTest, UserInfoOfALocationIsIgnored) {
  inner_.Answer("/old", LeadingTo("http://you:other@prom/new"));
  ASSERT_THAT(Send(Asking("http://me:secret@prom/old")), IsOk());
  EXPECT_EQ(inner_.requests.back().url.user_info, "me:secret");
}

TEST_F(RedirectingClientTest, OnlyARepeatableRequestIsSentAgainAsItWas) {
  ClientRequest request = Asking("http://prom/old");
  request.method = "POST";
  request.repeatable = false;
  inner_.Answer("/old", LeadingTo("/new", 307));
  EXPECT_THAT(Send(request),
              FailsWith(ErrorCode::kUnavailable,
                        "http://prom/old redirects to http://prom/new: not "
                        "followed, as the request must not be sent twice; "
                        "write the final URL in --prometheus-url"));
  inner_.Answer("/old", LeadingTo("/new", 303));
  EXPECT_THAT(Send(request), IsOk());
}

TEST_F(RedirectingClientTest, OtherRepliesPassThrough) {
  for (const int status : {200, 300, 304, 305, 404, 500}) {
    SCOPED_TRACE(status);
    inner_.Answer("/old", LeadingTo("/new", status));
    const Result<ClientResponse> reply = Send(Asking("http://prom/old"));
    ASSERT_THAT(reply, IsOk());
    EXPECT_EQ(reply->status, status);
    EXPECT_EQ(reply->body, "moved");
  }
  inner_.Answer("/old", {.status = 302, .body = "but not where to"});
  const Result<ClientResponse> reply = Send(Asking("http://prom/old"));
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->body, "but not where to");
}

TEST_F(RedirectingClientTest, ALoopEndsAfterTenRedirectsWithinOneDeadline) {
  inner_.Answer("/a", LeadingTo("/b"));
  inner_.Answer("/b", LeadingTo("/a"));
  EXPECT_THAT(Send(Asking("http://prom/a")),
              FailsWith(ErrorCode::kUnavailable,
                        "http://prom/a redirects to http://prom/b: not "
                        "followed, after 10 redirects; write the final URL in "
                        "--prometheus-url"));
  EXPECT_EQ(inner_.requests.size(), 11U);
  EXPECT_THAT(inner_.deadlines, Each(kDeadline));
}

TEST_F(RedirectingClientTest, ALongBodyOfARedirectIsNotReadToItsEnd) {
  FakeReply redirect = LeadingTo("/new");
  redirect.body = "12345678";
  // Reading on would meet this.
  redirect.error = Error{ErrorCode::kUnavailable, "read to its end", ""};
  inner_.Answer("/old", redirect);
  inner_.Answer("/new", {.body = "ok"});
  inner_.piece = 2;
  RedirectingClient::Options options;
  options.max_body_bytes = 7;
  const Result<ClientResponse> reply = Send(Asking("http://prom/old"), options);
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->body, "ok");

  options.max_body_bytes = 8;
  EXPECT_THAT(Send(Asking("http://prom/old"), options),
              FailsWith(ErrorCode::kUnavailable, "read to its end"));
}

}  // namespace
}  // namespace sextant::net
