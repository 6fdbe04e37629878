#include "api/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/hex.h"

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
          .ToResponse(ReadAccept({}));
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
    const net::Response response =
        StatusOf({c.code, "x", ""}).ToResponse(ReadAccept({}));
    SCOPED_TRACE(response.status);
    const std::string* retry_after = response.headers.Find("Retry-After");
    ASSERT_EQ(retry_after != nullptr, c.retry_after != nullptr);
    if (c.retry_after == nullptr) continue;
    EXPECT_EQ(*retry_after, c.retry_after);
  }
}

TEST(Status, ListsWhatIsWrongWithWhichField) {
  const Status status{422, "Invalid", "no",
                      StatusDetails{"",
                                    "meta.k8s.io",
                                    "ListOptions",
                                    {{"A", "first", "f"}, {"B", "second", "g"}},
                                    0}};
  EXPECT_EQ(status.ToJson(),
            std::string(kStatusStart) +
                R"("message":"no","reason":"Invalid","details":{"group":)"
                R"("meta.k8s.io","kind":"ListOptions","causes":[{"reason":"A",)"
                R"("message":"first","field":"f"},{"reason":"B","message":)"
                R"("second","field":"g"}]},"code":422})"
                "\n");
}

// Fields of k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, in order:
// Status{metadata{selfLink, resourceVersion, continue}, status, message,
// reason, details{name, group, kind, causes{reason, message, field},
// retryAfterSeconds, uid}, code}.
TEST(Status, WritesTheSameAsProtobuf) {
  const std::string envelope =
      "6b387300"
      "0a0c0a0276311206537461747573";
  const std::string no_metadata = "0a060a0012001a00";
  const std::string failure = "12074661696c757265";
  const std::string end = "1a002200";
  const struct {
    Status status;
    std::string hex;
  } kCases[] = {
      {{403, "F", "no", std::nullopt},
       envelope + "121b" + no_metadata + failure + "1a026e6f" + "220146" +
           "309303" + end},
      {{404, "N", "no", StatusDetails{"w", "g", "p", {}, 0}},
       envelope + "122a" + no_metadata + failure + "1a026e6f" + "22014e" +
           "2a0d"
           "0a0177"
           "120167"
           "1a0170"
           "2800"
           "3200" +
           "309403" + end},
      {{429, "T", "m", StatusDetails{"", "", "", {{"r", "c", "f"}}, 1}},
       envelope + "1231" + no_metadata + failure + "1a016d" + "220154" +
           "2a15"
           "0a00"
           "1200"
           "1a00"
           "2209"
           "0a0172"
           "120163"
           "1a0166"
           "2801"
           "3200" +
           "30ad03" + end},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.status.code);
    EXPECT_EQ(Hex(c.status.ToProtobuf()), c.hex);
  }
}

TEST(Status, IsProtobufOnlyForWhoTakesNoJson) {
  const struct {
    int code;
    const char* accept;
    const char* type;
  } kCases[] = {
      {404, "application/vnd.kubernetes.protobuf",
       "application/vnd.kubernetes.protobuf"},
      {404, "application/vnd.kubernetes.protobuf, text/html;q=0.9",
       "application/vnd.kubernetes.protobuf"},
      {404, "application/vnd.kubernetes.protobuf, */*", "application/json"},
      {404, "application/vnd.kubernetes.protobuf,application/json",
       "application/json"},
      {404, "application/json", "application/json"},
      {404, "text/html", "application/json"},
      {404, "*/*", "application/json"},
      {406, "application/vnd.kubernetes.protobuf", "application/json"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.accept);
    const Status status{c.code, "x", "y", std::nullopt};
    const net::Response response =
        status.ToResponse(ReadAccept({std::string(c.accept)}));
    EXPECT_EQ(response.status, c.code);
    EXPECT_EQ(*response.headers.Find("Content-Type"), c.type);
    EXPECT_EQ(*response.body, c.type == std::string("application/json")
                                  ? status.ToJson()
                                  : status.ToProtobuf());
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
