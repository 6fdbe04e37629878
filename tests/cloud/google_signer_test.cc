#include "sextant/cloud/google_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run_task.h"
#include "support/temp_folder.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string UserFile(const std::string& token_uri) {
  return R"({"type":"authorized_user","client_id":"c","client_secret":"s",)"
         R"("refresh_token":"r","token_uri":"https://t.example)" +
         token_uri + "\"}";
}
std::string Reply(const std::string& token) {
  return R"({"access_token":")" + token + R"(","expires_in":3600})";
}

class GoogleSignerTest : public ::testing::Test {
 protected:
  GoogleSignerTest() {
    options_.url = *net::Url::Parse("https://monitoring.googleapis.com/v1");
    for (const char* token : {"flag", "variable", "home"}) {
      outside_.Answer("/" + std::string(token), {.body = Reply(token)});
    }
    local_.Answer(kMetadata, {.body = Reply("metadata")});
  }

  Result<std::unique_ptr<net::RequestSigner>> Make() {
    return MakeGoogleSigner(
        options_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::string() : found->second;
        },
        outside_, local_, clock_);
  }

  std::string Sign(net::RequestSigner& signer) {
    request_ = {};
    request_.url = options_.url;
    const Result<Done> done = *RunTask(
        loop_, signer.Sign(request_, clock_.Now(), clock_.Now() + 60s));
    return done ? *request_.headers.Find("Authorization")
                : done.error().message;
  }
  std::string Proof() {
    const auto signer = Make();
    return signer ? Sign(**signer) : signer.error().message;
  }

  static constexpr char kMetadata[] =
      "/computeMetadata/v1/instance/service-accounts/default/token";

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  FakeHttpClient outside_;
  FakeHttpClient local_;
  TempFolder folder_;
  std::map<std::string, std::string> variables_;
  GoogleOptions options_;
  net::ClientRequest request_;
};

TEST_F(GoogleSignerTest, LooksInFourPlacesInOrder) {
  EXPECT_EQ(Proof(), "Bearer metadata");
  EXPECT_EQ(local_.requests[0].url.Authority(), "169.254.169.254");
  variables_["GCE_METADATA_HOST"] = "metadata.example:8080";
  EXPECT_EQ(Proof(), "Bearer metadata");
  EXPECT_EQ(local_.requests[1].url.Authority(), "metadata.example:8080");
  EXPECT_THAT(outside_.requests, IsEmpty());

  variables_["HOME"] = folder_.path();
  EXPECT_EQ(Proof(), "Bearer metadata");
  std::filesystem::create_directories(folder_.path() + "/.config/gcloud");
  folder_.Put(".config/gcloud/application_default_credentials.json",
              UserFile("/home"));
  EXPECT_EQ(Proof(), "Bearer home");
  variables_["GOOGLE_APPLICATION_CREDENTIALS"] =
      folder_.Put("variable.json", UserFile("/variable"));
  EXPECT_EQ(Proof(), "Bearer variable");
  options_.credentials_file = folder_.Put("flag.json", UserFile("/flag"));
  EXPECT_EQ(Proof(), "Bearer flag");
  EXPECT_EQ(local_.requests.size(), 3U);
}

TEST_F(GoogleSignerTest, ReadsTheFileAgainWhenItRenews) {
  options_.credentials_file = folder_.Put("f.json", UserFile("/flag"));
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  EXPECT_THAT(outside_.requests, IsEmpty());
  EXPECT_EQ(Sign(**signer), "Bearer flag");
  folder_.Put("f.json", UserFile("/variable"));
  clock_.Advance(1h - 225s - 1ms);
  EXPECT_EQ(Sign(**signer), "Bearer flag");
  clock_.Advance(1ms);
  EXPECT_EQ(Sign(**signer), "Bearer variable");
  EXPECT_EQ(outside_.requests.size(), 2U);
  // A file that is bad now does not take away the token that there is.
  folder_.Put("f.json", "{");
  clock_.Advance(1h - 100s);
  EXPECT_EQ(Sign(**signer), "Bearer variable");
  clock_.Advance(100s);
  EXPECT_THAT(Sign(**signer),
              HasSubstr("no Google token for the backend: " +
                        options_.credentials_file + ": not valid JSON"));
}

TEST_F(GoogleSignerTest, SaysWhoPaysByTheEnvironment) {
  variables_["GOOGLE_CLOUD_QUOTA_PROJECT"] = "payer";
  EXPECT_EQ(Proof(), "Bearer metadata");
  EXPECT_EQ(*request_.headers.Find("X-Goog-User-Project"), "payer");
}

TEST_F(GoogleSignerTest, AFileThatIsNamedMustBeGood) {
  const std::string missing = folder_.path() + "/missing.json";
  options_.credentials_file = missing;
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                HasSubstr("--google-credentials-file: cannot "
                                          "read " +
                                          missing)));
  options_.credentials_file.clear();
  variables_["GOOGLE_APPLICATION_CREDENTIALS"] = missing;
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                HasSubstr("GOOGLE_APPLICATION_CREDENTIALS: "
                                          "cannot read " +
                                          missing)));
  folder_.Put("missing.json", "{}");
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                HasSubstr("GOOGLE_APPLICATION_CREDENTIALS: " +
                                          missing + ": type: must be ")));
}

TEST_F(GoogleSignerTest, SaysWhatElseCannotBeUsed) {
  variables_["GCE_METADATA_HOST"] = "a b";
  EXPECT_THAT(Make(), FailsWith(ErrorCode::kInvalidArgument,
                                HasSubstr("GCE_METADATA_HOST: ")));
  variables_.clear();
  variables_["GOOGLE_CLOUD_QUOTA_PROJECT"] = "a\r\nX: y";
  EXPECT_THAT(Make(),
              FailsWith(ErrorCode::kInvalidArgument,
                        "GOOGLE_CLOUD_QUOTA_PROJECT is no project; write its "
                        "ID"));
  options_.url = *net::Url::Parse("http://prometheus.example");
  EXPECT_THAT(Make(),
              FailsWith(ErrorCode::kInvalidArgument,
                        "--backend-auth=google: secrets would go to "
                        "prometheus.example without TLS; write an https:// "
                        "URL"));
}

}  // namespace
}  // namespace sextant::cloud
