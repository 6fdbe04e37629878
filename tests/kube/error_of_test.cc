#include <gmock/gmock.h>

#include <string>

#include "sextant/base/text.h"
#include "sextant/kube/client.h"

namespace sextant::kube {
namespace {

std::string Status(const std::string& message, const std::string& reason) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" +
         message + R"(","reason":")" + reason + R"("})";
}

TEST(ErrorOf, TheStatusGivesTheCode) {
  struct Case {
    int status;
    ErrorCode code;
  };
  const Case cases[] = {
      {400, ErrorCode::kInvalidArgument},  {401, ErrorCode::kUnauthenticated},
      {403, ErrorCode::kPermissionDenied}, {404, ErrorCode::kNotFound},
      {405, ErrorCode::kMethodNotAllowed}, {406, ErrorCode::kNotAcceptable},
      {409, ErrorCode::kInvalidArgument},  {410, ErrorCode::kNotFound},
      {413, ErrorCode::kTooLarge},         {415, ErrorCode::kInvalidArgument},
      {422, ErrorCode::kInvalidArgument},  {429, ErrorCode::kTooManyRequests},
      {500, ErrorCode::kUnavailable},      {502, ErrorCode::kUnavailable},
      {503, ErrorCode::kUnavailable},      {504, ErrorCode::kDeadlineExceeded},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.status);
    const Error error = ErrorOf({c.status, Status("no", "No")}, "listing pods");
    EXPECT_EQ(error.code, c.code);
    EXPECT_EQ(error.message, "listing pods: no");
    EXPECT_EQ(error.detail,
              "status " + std::to_string(c.status) + " of the API server");
  }
}

TEST(ErrorOf, TheMessageIsThatOfTheApiServer) {
  struct Case {
    const char* text;
    std::string body;
    const char* message;
  };
  const Case cases[] = {
      {"who lacks which right",
       Status(
           R"(pods is forbidden: User \"system:serviceaccount:a:b\" cannot )"
           R"(list resource \"pods\" in API group \"\" at the cluster scope)",
           "Forbidden"),
       R"(listing pods: pods is forbidden: User "system:serviceaccount:a:b" )"
       R"(cannot list resource "pods" in API group "" at the cluster scope)"},
      {"only a reason", Status("", "Forbidden"), "listing pods: Forbidden"},
      {"nothing in it", Status("", ""),
       "listing pods: the API server answered 403"},
      {"no text", R"({"kind":"Status","message":7,"reason":[]})",
       "listing pods: the API server answered 403"},
      {"something else", R"({"kind":"Secret","message":"s3cret"})",
       "listing pods: the API server answered 403"},
      {"a list", "[]", "listing pods: the API server answered 403"},
      {"a page", "<html>no</html>",
       "listing pods: the API server answered 403"},
      {"nothing", "", "listing pods: the API server answered 403"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ErrorOf({403, c.body}, "listing pods").message, c.message);
  }
}

TEST(ErrorOf, ALongMessageIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 2000) text += "\xe2\x82\xac";
  const Error error = ErrorOf({403, Status(text, "")}, "x");
  EXPECT_THAT(error.message, ::testing::EndsWith("\xe2\x82\xac..."));
  EXPECT_TRUE(IsUtf8(error.message));
  EXPECT_EQ(error.message.size(), 3 + 1023 + 3);
}

}  // namespace
}  // namespace sextant::kube
