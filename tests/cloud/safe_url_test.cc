#include "cloud/safe_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant::cloud {
namespace {

using ::testing::HasSubstr;

TEST(SafeUrl, WantsTlsUnlessItStaysOnTheNode) {
  for (const char* text :
       {"https://sts.googleapis.com/v1/token", "http://127.0.0.1:8080/x",
        "http://localhost/x", "http://[::1]/x", "http://169.254.169.254/x",
        "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(SafeUrl(text, "token_url"), IsOk());
  }
  for (const char* text :
       {"http://sts.example", "http://127.example", "http://10.0.0.1",
        "http://169.254.1.1", "http://localhost.example"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(SafeUrl(text, "token_url"),
                FailsWith(ErrorCode::kInvalidArgument,
                          "token_url: secrets would go to " +
                              std::string(text).substr(7) +
                              " without TLS; write an https:// URL"));
  }
  EXPECT_THAT(SafeUrl("ftp://x", "token_url"),
              FailsWith(ErrorCode::kInvalidArgument, HasSubstr("token_url: ")));
}

TEST(TokenInFile, IsTrimmedAndOneLine) {
  const TempFolder folder;
  EXPECT_EQ(*TokenInFile(folder.Put("t", " a.b.c\r\n")), "a.b.c");
  EXPECT_EQ(*TokenInFile(folder.Put("t", "Bearer a\n")), "Bearer a");
  const std::string empty = folder.Put("t", "\n");
  EXPECT_THAT(TokenInFile(empty),
              FailsWith(ErrorCode::kUnavailable, empty + " is empty"));
  const std::string two = folder.Put("t", "a\nb");
  EXPECT_THAT(TokenInFile(two), FailsWith(ErrorCode::kUnavailable,
                                          two + " holds more than a token"));
  std::filesystem::remove(two);
  EXPECT_THAT(TokenInFile(two), FailsWith(ErrorCode::kUnavailable,
                                          HasSubstr("cannot read " + two)));
}

TEST(IsVisibleAscii, IsWhatAHeaderCanCarry) {
  EXPECT_TRUE(IsVisibleAscii("ya29.A-_~+/="));
  for (const char* text : {"", "a b", "a\n", "\x7f", "\xc3\xa4"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(IsVisibleAscii(text));
  }
}

}  // namespace
}  // namespace sextant::cloud
