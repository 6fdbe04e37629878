#include "app/cloud_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::app {
namespace {

using ::testing::HasSubstr;

std::string Keys(const char* name) {
  const std::string variable = name;
  return variable == "AWS_ACCESS_KEY_ID"       ? "AKID"
         : variable == "AWS_SECRET_ACCESS_KEY" ? "secret"
                                               : "";
}

TEST(CloudCredentials, AreNoneUnlessAFlagSaysWhose) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  const auto built =
      CloudCredentials::Build({}, *net::Url::Parse("https://h"), Keys, clock);
  ASSERT_THAT(built, IsOk());
  EXPECT_EQ(*built, nullptr);
}

TEST(CloudCredentials, SignForTheRegionAndServiceOfTheFlags) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  config::BackendFlags flags;
  flags.auth = config::BackendFlags::Auth::kAws;
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("the region is not known")));
  flags.sigv4_region = "eu-west-1";
  flags.sigv4_role_arn = "no role";
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("--sigv4-role-arn: is no role")));
  flags.sigv4_role_arn.clear();
  flags.sigv4_service_name = "monitoring";
  const auto built = CloudCredentials::Build(
      flags, *net::Url::Parse("https://h"), Keys, clock);
  ASSERT_THAT(built, IsOk());
  net::ClientRequest request;
  request.url = *net::Url::Parse("https://h/api");
  ASSERT_THAT(*RunTask(loop, (*built)->signer().Sign(request, clock.Now(),
                                                     TimePoint::max())),
              IsOk());
  EXPECT_THAT(*request.headers.Find("Authorization"),
              HasSubstr("Credential=AKID/19700101/eu-west-1/monitoring/aws4_"
                        "request, "));
  (*built)->CloseIdle();
}

TEST(CloudCredentials, ReadTheFileOfTheFlags) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  config::BackendFlags flags;
  flags.auth = config::BackendFlags::Auth::kGoogle;
  flags.google_credentials_file = "/nowhere/f.json";
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("--google-credentials-file: cannot read "
                                  "/nowhere/f.json")));
  flags.google_credentials_file.clear();
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              IsOk());
}

TEST(CloudCredentials, AreThoseOfAzureByItsVariables) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  config::BackendFlags flags;
  flags.auth = config::BackendFlags::Auth::kAzure;
  flags.azure_audience = "not an audience";
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("--azure-audience must be a URL")));
  flags.azure_audience.clear();
  EXPECT_THAT(CloudCredentials::Build(flags, *net::Url::Parse("https://h"),
                                      Keys, clock),
              IsOk());
}

TEST(CloudCredentials, AreToldInWords) {
  using enum config::BackendFlags::Auth;
  EXPECT_EQ(CloudCredentials::InWords(kNone), "");
  EXPECT_EQ(CloudCredentials::InWords(kAws), "a signature with AWS keys");
  EXPECT_EQ(CloudCredentials::InWords(kGoogle), "a token of Google");
  EXPECT_EQ(CloudCredentials::InWords(kAzure), "a token of Azure");
}

}  // namespace
}  // namespace sextant::app
