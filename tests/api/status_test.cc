#include "api/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sextant::api {
namespace {

constexpr char kStatusStart[] =
    R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)";

TEST(Status, GivesEachErrorItsHttpFace) {
  const struct {
    Error error;
    std::string rest;  // after kStatusStart
  } kCases[] = {
      {{ErrorCode::kInvalidArgument, "no", ""},
       R"("message":"no","reason":"BadRequest","code":400})"},
      {{ErrorCode::kUnauthenticated, "Unauthorized", ""},
       R"("message":"Unauthorized","reason":"Unauthorized","code":401})"},
      {{ErrorCode::kPermissionDenied, "pods is forbidden", ""},
       R"("message":"pods is forbidden","reason":"Forbidden","code":403})"},
      {{ErrorCode::kNotFound,
        "the server could not find the metric nf1 for pods", ""},
       R"("message":"the server could not find the metric nf1 for pods",)"
       R"("reason":"NotFound","code":404})"},
      {{ErrorCode::kMethodNotAllowed, "no", ""},
       R"("message":"no","reason":"MethodNotAllowed","details":{},"code":405})"},
      {{ErrorCode::kNotAcceptable, "406: Not Acceptable", ""},
       R"("message":"406: Not Acceptable","reason":"NotAcceptable",)"
       R"("details":{},"code":406})"},
      {{ErrorCode::kNotAcceptable, "only JSON", ""},
       R"("message":"only JSON","reason":"NotAcceptable","code":406})"},
      {{ErrorCode::kTooLarge, "too large", ""},
       R"("message":"too large","reason":"RequestEntityTooLarge","code":413})"},
      {{ErrorCode::kTooManyRequests, "slow down", ""},
       R"("message":"slow down","reason":"TooManyRequests",)"
       R"("details":{"retryAfterSeconds":1},"code":429})"},
      {{ErrorCode::kInternal, "plain", ""},
       R"("message":"plain","reason":"InternalError","code":500})"},
      {{ErrorCode::kInternal,
        "Internal error occurred: unable to fetch metrics", ""},
       R"("message":"Internal error occurred: unable to fetch metrics",)"
       R"("reason":"InternalError",)"
       R"("details":{"causes":[{"message":"unable to fetch metrics"}]},)"
       R"("code":500})"},
      {{ErrorCode::kUnavailable, "backend down", ""},
       R"("message":"backend down","reason":"ServiceUnavailable","code":503})"},
      {{ErrorCode::kDeadlineExceeded,
        "Timeout: request did not complete within the allotted timeout", ""},
       R"("message":"Timeout: request did not complete within the allotted )"
       R"(timeout","reason":"Timeout","details":{},"code":504})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.rest);
    EXPECT_EQ(StatusOf(c.error).ToJson(), kStatusStart + c.rest + "\n");
  }
}

TEST(Status, SaysWhatARefusalIsAbout) {
  const struct {
    model::Refusal refusal;
    std::string rest;
  } kCases[] = {
      {{{ErrorCode::kPermissionDenied, "no", ""}, "web-0", "pods", "g"},
       R"("message":"no","reason":"Forbidden","details":{"name":"web-0",)"
       R"("group":"g","kind":"pods"},"code":403})"},
      {{{ErrorCode::kPermissionDenied, "no", ""}, "", "m", "g"},
       R"("message":"no","reason":"Forbidden","details":{"group":"g",)"
       R"("kind":"m"},"code":403})"},
      {{{ErrorCode::kPermissionDenied, "no", ""}, "", "", ""},
       R"("message":"no","reason":"Forbidden","details":{},"code":403})"},
      {{{ErrorCode::kUnauthenticated, "Unauthorized", ""}, "", "", ""},
       R"("message":"Unauthorized","reason":"Unauthorized","code":401})"},
      {{{ErrorCode::kInternal, "Internal Server Error: \"/\": no", ""},
        "",
        "",
        ""},
       R"("message":"Internal Server Error: \"/\": no",)"
       R"("reason":"InternalError","code":500})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.rest);
    EXPECT_EQ(StatusOfRefusal(c.refusal).ToJson(),
              kStatusStart + c.rest + "\n");
  }
}

TEST(Status, NeverShowsTheDetailOfAnError) {
  const net::Response response =
      StatusOf({ErrorCode::kInternal, "no", "http://10.0.0.1 refused"})
          .ToResponse();
  EXPECT_EQ(response.body->find("10.0.0.1"), std::string::npos);
}

TEST(Status, EscapesTheMessage) {
  const std::string message = "found '\"', <b>\n\xff";
  const auto json = nlohmann::json::parse(BadRequest(message).ToJson());
  EXPECT_EQ(json["message"], "found '\"', <b>\n\xEF\xBF\xBD");
}

// Checklist of the wire, 59 and 60: a Retry-After on 5xx makes client-go sleep.
TEST(Status, SendsRetryAfterWith429Only) {
  const struct {
    ErrorCode code;
    const char* retry_after;
  } kCases[] = {{ErrorCode::kTooManyRequests, "1"},
                {ErrorCode::kInternal, nullptr},
                {ErrorCode::kUnavailable, nullptr},
                {ErrorCode::kDeadlineExceeded, nullptr}};
  for (const auto& c : kCases) {
    const net::Response response = StatusOf({c.code, "x", ""}).ToResponse();
    SCOPED_TRACE(response.status);
    const std::string* retry_after = response.headers.Find("Retry-After");
    ASSERT_EQ(retry_after != nullptr, c.retry_after != nullptr);
    if (c.retry_after == nullptr) continue;
    EXPECT_EQ(*retry_after, c.retry_after);
  }
}

TEST(Status, NamesTheObjectThatIsNotThere) {
  EXPECT_EQ(NoSuchObject("", "pods", "web-0").ToJson(),
            std::string(kStatusStart) +
                R"("message":"pods \"web-0\" not found","reason":"NotFound",)"
                R"("details":{"name":"web-0","kind":"pods"},"code":404})"
                "\n");
  EXPECT_EQ(NoSuchObject("metrics.k8s.io", "podmetrics", "a/b").ToJson(),
            std::string(kStatusStart) +
                R"("message":"podmetrics.metrics.k8s.io \"a/b\" not found",)"
                R"("reason":"NotFound","details":{"name":"a/b",)"
                R"("group":"metrics.k8s.io","kind":"podmetrics"},"code":404})"
                "\n");
}

TEST(Status, HasTheFrameworksGenericRefusals) {
  EXPECT_EQ(
      NoSuchResource().ToJson(),
      std::string(kStatusStart) +
          R"("message":"the server could not find the requested resource",)"
          R"("reason":"NotFound","details":{},"code":404})"
          "\n");
  EXPECT_EQ(NoSuchMethod().ToJson(),
            std::string(kStatusStart) +
                R"("message":"the server does not allow this method on the )"
                R"(requested resource","reason":"MethodNotAllowed",)"
                R"("details":{},"code":405})"
                "\n");
  EXPECT_EQ(CannotWatch("*", "external.metrics.k8s.io").ToJson(),
            std::string(kStatusStart) +
                R"("message":"watch is not supported on resources of kind )"
                R"(\"*.external.metrics.k8s.io\"",)"
                R"("reason":"MethodNotAllowed",)"
                R"("details":{"group":"external.metrics.k8s.io","kind":"*"},)"
                R"("code":405})"
                "\n");
}

}  // namespace
}  // namespace sextant::api
