#include "sextant/kube/reviews.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "kube/fixture.h"
#include "support/result_matchers.h"

namespace sextant::kube {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTokenReviews[] = "/apis/authentication.k8s.io/v1/tokenreviews";
constexpr char kAccessReviews[] =
    "/apis/authorization.k8s.io/v1/subjectaccessreviews";

const model::Identity kUser{"u", "", {}, {}};

// A reply of the API server, with this status in its object.
FakeReply Reviewed(const std::string& kind, const std::string& status) {
  return {.status = 201,
          .body = R"({"kind":")" + kind + R"(","apiVersion":"a/v1",)" +
                  R"("metadata":{},"spec":{},"status":)" + status + "}\n"};
}

FakeReply Refused(int status, const std::string& message) {
  return {.status = status,
          .body = R"({"kind":"Status","message":")" + message + R"("})"};
}

struct TokenFixture : Fixture {
  using Answer = Result<std::optional<model::Identity>>;
  Answer Review(const std::string& text) {
    return *RunTask(loop, reviewer.Review(text, deadline));
  }
  ApiTokenReviewer reviewer{client, clock};
};

struct AccessFixture : Fixture {
  Result<Verdict> Review(const model::Identity& who,
                         const model::Action& action) {
    return *RunTask(loop, reviewer.Review(who, action, deadline));
  }
  ApiAccessReviewer reviewer{client, clock};
};

TEST(ApiTokenReviewer, ATokenIsSentAsClientGoSendsIt) {
  TokenFixture f;
  f.http.Answer(kTokenReviews, Reviewed("TokenReview", "{}"));
  ASSERT_THAT(f.Review("good"), IsOk());
  ASSERT_THAT(f.Review("a\"b<"), IsOk());
  ASSERT_THAT(f.http.requests, SizeIs(2));
  EXPECT_EQ(Line(f.http.requests[0]),
            "POST https://kube/apis/authentication.k8s.io/v1/tokenreviews");
  EXPECT_EQ(Header(f.http.requests[0], "Content-Type"), "application/json");
  EXPECT_EQ(f.http.requests[0].body,
            R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1",)"
            R"("metadata":{},"spec":{"token":"good"},"status":{"user":{}}})");
  EXPECT_THAT(f.http.requests[1].body,
              HasSubstr(R"("spec":{"token":"a\"b\u003c"})"));
  EXPECT_TRUE(f.http.requests[0].repeatable);
}

TEST(ApiTokenReviewer, ATokensOwnerIsTakenWhole) {
  TokenFixture f;
  f.http.Answer(
      kTokenReviews,
      Reviewed("TokenReview",
               R"({"authenticated":true,"user":{"username":"jane","uid":"u-7",)"
               R"("groups":["devs","ops"],"extra":{"acme.com/project":)"
               R"(["a","b"],"none":[]}},"audiences":["api"]})"));
  const auto owner = f.Review("good");
  ASSERT_THAT(owner, IsOk());
  ASSERT_TRUE(*owner);
  const model::Identity& who = **owner;
  EXPECT_EQ(who.user, "jane");
  EXPECT_EQ(who.uid, "u-7");
  EXPECT_THAT(who.groups, ElementsAre("devs", "ops"));
  EXPECT_THAT(who.extra,
              ElementsAre(std::pair("acme.com/project",
                                    std::vector<std::string>{"a", "b"}),
                          std::pair("none", std::vector<std::string>{})));
}

TEST(ApiTokenReviewer, OnlyAClearYesNamesSomebody) {
  struct Case {
    const char* text;
    FakeReply reply;
    const char* error;  // null: the token is not known
  };
  const Case cases[] = {
      {"no", Reviewed("TokenReview", R"({"authenticated":false})"), nullptr},
      {"left out",
       Reviewed(
           "TokenReview",
           R"({"user":{"username":"x"},"error":"[invalid bearer token]"})"),
       nullptr},
      {"a text",
       Reviewed("TokenReview",
                R"({"authenticated":"true","user":{"username":"x"}})"),
       nullptr},
      {"without a user", Reviewed("TokenReview", R"({"authenticated":true})"),
       "reviewing a token: the API server knows it, but does not name a user"},
      {"an empty name",
       Reviewed("TokenReview", R"({"authenticated":true,"user":{}})"),
       "reviewing a token: the API server knows it, but does not name a user"},
      {"another object",
       Reviewed("Status", R"({"authenticated":true,"user":{"username":"x"}})"),
       "reviewing a token: the API server's answer is no TokenReview"},
      {"no status",
       {.status = 201, .body = R"({"kind":"TokenReview"})"},
       "reviewing a token: the API server's answer is no TokenReview"},
      {"no JSON",
       {.status = 200, .body = "ok"},
       "reviewing a token: the API server's answer is no TokenReview"},
      {"a list",
       {.status = 200, .body = "[true]"},
       "reviewing a token: the API server's answer is no TokenReview"},
      {"nothing",
       {.status = 204},
       "reviewing a token: the API server's answer is no TokenReview"},
      {"a redirect",
       {.status = 302},
       "reviewing a token: the API server's answer is no TokenReview"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    TokenFixture f;
    f.http.Answer(kTokenReviews, c.reply);
    const auto owner = f.Review("good");
    if (c.error != nullptr) {
      EXPECT_THAT(owner, FailsWith(ErrorCode::kUnavailable, c.error));
    } else {
      ASSERT_THAT(owner, IsOk());
      EXPECT_FALSE(*owner);
    }
  }
}

TEST(ApiTokenReviewer, AReviewThatFailsIsAnErrorWithoutTheToken) {
  struct Case {
    const char* text;
    FakeReply reply;
    ErrorCode code;
    const char* message;
  };
  const Case cases[] = {
      {"no right", Refused(403, "tokenreviews is forbidden"),
       ErrorCode::kPermissionDenied,
       "reviewing a token: tokenreviews is forbidden; bind the ClusterRole "
       "system:auth-delegator to the account that sextant asks with"},
      {"we are nobody", Refused(401, "Unauthorized"),
       ErrorCode::kUnauthenticated, "reviewing a token: Unauthorized"},
      {"it quotes", Refused(400, "cannot read tok-123, sorry"),
       ErrorCode::kInvalidArgument,
       "reviewing a token: the API server answered 400"},
      {"the network",
       {.error =
            Error{ErrorCode::kTooLarge, "reading the reply: too large", ""}},
       ErrorCode::kTooLarge,
       "reviewing a token: reading the reply: too large"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    TokenFixture f;
    f.http.Answer(kTokenReviews, c.reply);
    EXPECT_THAT(f.Review("tok-123"), FailsWith(c.code, c.message));
    EXPECT_THAT(f.http.requests, SizeIs(1));
  }
}

TEST(ApiTokenReviewer, AReviewIsTriedFiveTimesWithinTenSeconds) {
  TokenFixture f;
  f.http.Answer(kTokenReviews, {.status = 500});
  auto review = LaunchTask(f.loop, f.reviewer.Review("good", f.deadline));
  f.clock.Advance(std::chrono::milliseconds(500));
  f.clock.Advance(std::chrono::milliseconds(750));
  f.clock.Advance(std::chrono::milliseconds(1125));
  EXPECT_FALSE(review.answer());
  f.clock.Advance(std::chrono::milliseconds(1688));
  ASSERT_TRUE(review.answer());
  EXPECT_THAT(*review.answer(),
              FailsWith(ErrorCode::kUnavailable,
                        "reviewing a token: the API server answered 500"));
  EXPECT_THAT(f.http.deadlines, ::testing::Each(TimePoint(seconds(10))));
  EXPECT_THAT(f.http.deadlines, SizeIs(5));
}

TEST(ApiTokenReviewer, TheCallersDeadlineCountsIfItIsEarlier) {
  TokenFixture f;
  f.http.Answer(kTokenReviews, Reviewed("TokenReview", "{}"));
  f.deadline = TimePoint(seconds(3));
  ASSERT_THAT(f.Review("good"), IsOk());
  EXPECT_THAT(f.http.deadlines, ElementsAre(TimePoint(seconds(3))));
}

// Section 7.4 of the wire specification.
TEST(ApiAccessReviewer, EachPathFormIsAskedAsClientGoAsksIt) {
  const model::Identity user{"u", "", {"system:authenticated"}, {}};
  const std::string of_user = R"("user":"u","groups":["system:authenticated"])";
  struct Case {
    const char* text;
    model::Identity who;
    model::Action action;
    std::string spec;
  };
  const std::string custom = "custom.metrics.k8s.io";
  const Case cases[] = {
      {"one object",
       user,
       {.verb = "get",
        .is_resource = true,
        .group = custom,
        .version = "v1beta1",
        .resource = "pods",
        .subresource = "m",
        .namespace_ = "default",
        .name = "web-0"},
       R"({"resourceAttributes":{"namespace":"default","verb":"get",)"
       R"("group":"custom.metrics.k8s.io","version":"v1beta1",)"
       R"("resource":"pods","subresource":"m","name":"web-0"},)" +
           of_user + "}"},
      {"cluster-scoped",
       user,
       {.verb = "get",
        .is_resource = true,
        .group = custom,
        .version = "v1beta2",
        .resource = "nodes",
        .subresource = "m",
        .name = "x"},
       R"({"resourceAttributes":{"verb":"get",)"
       R"("group":"custom.metrics.k8s.io","version":"v1beta2",)"
       R"("resource":"nodes","subresource":"m","name":"x"},)" +
           of_user + "}"},
      {"external",
       user,
       {.verb = "list",
        .is_resource = true,
        .group = "external.metrics.k8s.io",
        .version = "v1beta1",
        .resource = "m",
        .namespace_ = "default"},
       R"({"resourceAttributes":{"namespace":"default","verb":"list",)"
       R"("group":"external.metrics.k8s.io","version":"v1beta1",)"
       R"("resource":"m"},)" +
           of_user + "}"},
      {"no resource",
       user,
       {.verb = "get", .path = "/version"},
       R"({"nonResourceAttributes":{"path":"/version","verb":"get"},)" +
           of_user + "}"},
      {"everything of a user",
       {.user = "a\"b",
        .uid = "uid9",
        .groups = {"x", "y,z"},
        .extra = {{"scopes", {}}, {"acme.com/project", {"a", "b"}}}},
       {.verb = "get", .path = "/"},
       R"({"nonResourceAttributes":{"path":"/","verb":"get"},"user":"a\"b",)"
       R"("groups":["x","y,z"],"extra":{"acme.com/project":["a","b"],)"
       R"("scopes":[]},"uid":"uid9"})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    AccessFixture f;
    f.http.Answer(kAccessReviews,
                  Reviewed("SubjectAccessReview", R"({"allowed":true})"));
    ASSERT_THAT(f.Review(c.who, c.action), IsOk());
    ASSERT_THAT(f.http.requests, SizeIs(1));
    EXPECT_EQ(
        Line(f.http.requests[0]),
        "POST https://kube/apis/authorization.k8s.io/v1/subjectaccessreviews");
    EXPECT_EQ(
        f.http.requests[0].body,
        R"({"kind":"SubjectAccessReview",)"
        R"("apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":)" +
            c.spec + R"(,"status":{"allowed":false}})");
    EXPECT_EQ(f.http.deadlines[0], TimePoint(seconds(10)));
  }
}

TEST(ApiAccessReviewer, OnlyAClearYesAllows) {
  struct Case {
    const char* status;
    Verdict verdict;
  };
  const Case cases[] = {
      {R"({"allowed":true})", {true, false, ""}},
      {R"({"allowed":true,"reason":"RBAC: allowed by x"})",
       {true, false, "RBAC: allowed by x"}},
      {R"({"allowed":false})", {false, false, ""}},
      {R"({"allowed":false,"denied":true,"reason":"never"})",
       {false, true, "never"}},
      {R"({"allowed":true,"denied":true})", {false, true, ""}},
      {R"({"allowed":"true"})", {false, false, ""}},
      {R"({"allowed":1,"reason":2})", {false, false, ""}},
      {R"({})", {false, false, ""}},
      {R"({"allowed":false,"evaluationError":"webhook down"})",
       {false, false, ""}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.status);
    AccessFixture f;
    f.http.Answer(kAccessReviews, Reviewed("SubjectAccessReview", c.status));
    const Result<Verdict> verdict = f.Review(kUser, {.verb = "get"});
    ASSERT_THAT(verdict, IsOk());
    EXPECT_EQ(*verdict, c.verdict);
  }
}

TEST(ApiAccessReviewer, WhatIsNoReviewIsAnError) {
  struct Case {
    const char* text;
    FakeReply reply;
    ErrorCode code;
    const char* message;
  };
  const char kNone[] =
      "reviewing access: the API server's answer is no SubjectAccessReview";
  const Case cases[] = {
      {"no right", Refused(403, "subjectaccessreviews is forbidden"),
       ErrorCode::kPermissionDenied,
       "reviewing access: subjectaccessreviews is forbidden; bind the "
       "ClusterRole system:auth-delegator to the account that sextant asks "
       "with"},
      {"not valid", Refused(422, "at least one of user or group"),
       ErrorCode::kInvalidArgument,
       "reviewing access: at least one of user or group"},
      {"another object", Reviewed("TokenReview", R"({"allowed":true})"),
       ErrorCode::kUnavailable, kNone},
      {"no status",
       {.status = 201, .body = R"({"kind":"SubjectAccessReview"})"},
       ErrorCode::kUnavailable,
       kNone},
      {"no object", Reviewed("SubjectAccessReview", "true"),
       ErrorCode::kUnavailable, kNone},
      {"no JSON", {.body = "yes"}, ErrorCode::kUnavailable, kNone},
      {"the network",
       {.error = Error{ErrorCode::kDeadlineExceeded, "no time", ""}},
       ErrorCode::kDeadlineExceeded,
       "reviewing access: no time"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    AccessFixture f;
    f.http.Answer(kAccessReviews, c.reply);
    EXPECT_THAT(f.Review(kUser, {.verb = "get"}), FailsWith(c.code, c.message));
  }
}

}  // namespace
}  // namespace sextant::kube
