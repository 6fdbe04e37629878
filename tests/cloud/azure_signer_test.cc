#include "sextant/cloud/azure_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
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
using ::testing::Not;

const char kMetadataPath[] = "/metadata/identity/oauth2/token";
const char kTokenPath[] = "/tenant-1/oauth2/v2.0/token";

std::string Reply(const std::string& token) {
  return R"({"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,)"
         R"("access_token":")" +
         token + "\"}";
}

class AzureSignerTest : public ::testing::Test {
 protected:
  AzureSignerTest() {
    options_.url =
        *net::Url::Parse("https://w-1.westeurope.prometheus.monitor.azure.com");
  }

  void UseSecret() {
    variables_ = {{"AZURE_TENANT_ID", "tenant-1"},
                  {"AZURE_CLIENT_ID", "client-1"},
                  {"AZURE_CLIENT_SECRET", "very~secret&"}};
  }
  void UseFederation() {
    file_ = folder_.Put("token", "first.very-secret.token\n");
    variables_ = {{"AZURE_TENANT_ID", "tenant-1"},
                  {"AZURE_CLIENT_ID", "client-1"},
                  {"AZURE_AUTHORITY_HOST", "https://login.example/"},
                  {"AZURE_FEDERATED_TOKEN_FILE", file_}};
  }

  Result<std::unique_ptr<net::RequestSigner>> Make() {
    return MakeAzureSigner(
        options_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::string() : found->second;
        },
        outside_, local_, clock_);
  }

  // The proof of a request, or what went wrong.
  std::string Sign(net::RequestSigner& signer) {
    net::ClientRequest request;
    request.url = options_.url;
    const Result<Done> done =
        *RunTask(loop_, signer.Sign(request, clock_.Now(), clock_.Now() + 60s));
    EXPECT_TRUE(done || done.error().code == ErrorCode::kUnavailable);
    return done ? *request.headers.Find("Authorization")
                : done.error().message + done.error().detail;
  }

  // A request as it is written, without what the connection adds.
  static std::string Sent(const net::ClientRequest& request) {
    std::string text = request.method + " " + request.url.ToString() + "\n";
    for (const auto& [name, value] : request.headers.fields()) {
      text += name + ": " + value + "\n";
    }
    return text + "\n" + request.body;
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  FakeHttpClient outside_;
  FakeHttpClient local_;
  TempFolder folder_;
  std::string file_;
  std::map<std::string, std::string> variables_;
  AzureOptions options_;
};

TEST_F(AzureSignerTest, AnApplicationShowsItsSecret) {
  UseSecret();
  variables_["AZURE_FEDERATED_TOKEN_FILE"] = "/not/read";
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.Answer(kTokenPath, {.body = Reply("eyJ.1")});
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  ASSERT_EQ(outside_.requests.size(), 1U);
  EXPECT_EQ(Sent(outside_.requests[0]),
            "POST https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token"
            "\nContent-Type: application/x-www-form-urlencoded\n\n"
            "grant_type=client_credentials&client_id=client-1&client_secret="
            "very~secret%26&scope=https%3A%2F%2Fprometheus.monitor.azure.com%2F"
            ".default");
  EXPECT_THAT(local_.requests, IsEmpty());
}

TEST_F(AzureSignerTest, AServiceAccountsTokenIsReadForEachExchange) {
  UseFederation();
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  outside_.Answer(kTokenPath, {.body = Reply("eyJ.1")});
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  const auto want = [](const std::string& token) {
    return "POST https://login.example/tenant-1/oauth2/v2.0/token\n"
           "Content-Type: application/x-www-form-urlencoded\n\n"
           "grant_type=client_credentials&client_id=client-1&"
           "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
           "assertion-type%3Ajwt-bearer&client_assertion=" +
           token +
           "&scope=https%3A%2F%2Fprometheus.monitor.azure.com%2F.default";
  };
  EXPECT_EQ(Sent(outside_.requests[0]), want("first.very-secret.token"));

  // Kubernetes has written another one since; ours ends soon.
  folder_.Put("token", "second.very-secret.token");
  outside_.Answer(kTokenPath, {.body = Reply("eyJ.2")});
  clock_.Advance(3599s - 5min - 1ms);
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  clock_.Advance(1ms);
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.2");
  EXPECT_EQ(Sent(outside_.requests[1]), want("second.very-secret.token"));
}

TEST_F(AzureSignerTest, TheNodeHasAnIdentity) {
  auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  // It writes numbers as texts.
  local_.Answer(kMetadataPath,
                {.body = R"({"access_token":"eyJ.1","expires_in":"86399",)"
                         R"("expires_on":"1767409444","client_id":"c",)"
                         R"("token_type":"Bearer"})"});
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  const std::string want =
      "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version="
      "2018-02-01&resource=https%3A%2F%2Fprometheus.monitor.azure.com";
  EXPECT_EQ(Sent(local_.requests[0]), want + "\nMetadata: true\n\n");
  variables_["AZURE_CLIENT_ID"] = "client-1";
  signer = Make();
  ASSERT_THAT(signer, IsOk());
  EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
  EXPECT_EQ(Sent(local_.requests[1]),
            want + "&client_id=client-1\nMetadata: true\n\n");
  EXPECT_THAT(outside_.requests, IsEmpty());
}

TEST_F(AzureSignerTest, EachCloudHasAnAudienceAndAnAuthority) {
  const struct {
    const char* url;
    const char* audience;
    const char* authority;
    const char* scope;
  } cases[] = {
      {"https://w.prometheus.monitor.azure.com", "",
       "https://login.microsoftonline.com",
       "&scope=https%3A%2F%2Fprometheus.monitor.azure.com%2F.default"},
      {"https://w.usgovvirginia.prometheus.monitor.azure.us", "",
       "https://login.microsoftonline.us",
       "&scope=https%3A%2F%2Fprometheus.monitor.azure.us%2F.default"},
      {"https://w.chinanorth3.prometheus.monitor.azure.cn", "",
       "https://login.chinacloudapi.cn",
       "&scope=https%3A%2F%2Fprometheus.monitor.azure.cn%2F.default"},
      {"https://gateway.example", "https://other.example",
       "https://login.microsoftonline.com",
       "&scope=https%3A%2F%2Fother.example%2F.default"},
      {"https://gateway.example", "https://other.example/.default",
       "https://login.microsoftonline.com",
       "&scope=https%3A%2F%2Fother.example%2F.default"},
  };
  UseSecret();
  outside_.Answer(kTokenPath, {.body = Reply("eyJ.1")});
  for (const auto& c : cases) {
    SCOPED_TRACE(c.url);
    options_.url = *net::Url::Parse(c.url);
    options_.audience = c.audience;
    const auto signer = Make();
    ASSERT_THAT(signer, IsOk());
    EXPECT_EQ(Sign(**signer), "Bearer eyJ.1");
    const net::ClientRequest& request = outside_.requests.back();
    EXPECT_EQ(request.url.ToString(), std::string(c.authority) + kTokenPath);
    EXPECT_THAT(request.body, ::testing::EndsWith(c.scope));
  }
}

TEST_F(AzureSignerTest, ServersThatFailAreNamedAndTheirAnswersAreNot) {
  const struct {
    const char* what;
    FakeReply reply;
    const char* message;
  } cases[] = {
      {"a code of Entra",
       {.status = 400,
        .body = R"({"error":"invalid_client","error_codes":[7000215],)"
                R"("error_description":"first.very-secret.token"})"},
       "answers 400 (AADSTS7000215)"},
      {"HTML",
       {.body = "<html>first.very-secret.token"},
       "answers something else than a token"},
      {"a token of the past",
       {.body = R"({"access_token":"very-secret","expires_in":"-1"})"},
       "answers a token that has ended"},
      {"a redirect", {.status = 302}, "answers 302"},
  };
  UseFederation();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto signer = Make();
    ASSERT_THAT(signer, IsOk());
    outside_.Answer(kTokenPath, c.reply);
    EXPECT_EQ(Sign(**signer), std::string("no Azure token for the backend: "
                                          "https://login.example ") +
                                  c.message);
  }
  folder_.Put("token", "");
  EXPECT_EQ(Sign(**Make()),
            "no Azure token for the backend: " + file_ + " is empty");
}

TEST_F(AzureSignerTest, WithoutAnIdentityItSaysWhatToSet) {
  const auto signer = Make();
  ASSERT_THAT(signer, IsOk());
  local_.Answer(kMetadataPath,
                {.status = 400, .body = R"({"error":"invalid_request"})"});
  EXPECT_EQ(Sign(**signer),
            "no Azure token for the backend: http://169.254.169.254 answers "
            "400 (invalid_request); it is the metadata of an Azure machine: "
            "with workload identity label the pod "
            "azure.workload.identity/use=true, elsewhere set AZURE_TENANT_ID, "
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET");
}

TEST_F(AzureSignerTest, SaysWhatTheEnvironmentLacks) {
  const struct {
    const char* what;
    std::map<std::string, std::string> variables;
    const char* url;
    const char* message;
  } cases[] = {
      {"a secret alone",
       {{"AZURE_CLIENT_SECRET", "very-secret"}, {"AZURE_CLIENT_ID", "c"}},
       "https://h",
       "--backend-auth=azure: AZURE_CLIENT_SECRET is set and AZURE_TENANT_ID "
       "is not; set both"},
      {"a file alone",
       {{"AZURE_FEDERATED_TOKEN_FILE", "/t"}, {"AZURE_TENANT_ID", "t"}},
       "https://h",
       "--backend-auth=azure: AZURE_FEDERATED_TOKEN_FILE is set and "
       "AZURE_CLIENT_ID is not; set both"},
      {"an authority without TLS",
       {{"AZURE_CLIENT_SECRET", "very-secret"},
        {"AZURE_CLIENT_ID", "c"},
        {"AZURE_TENANT_ID", "t"},
        {"AZURE_AUTHORITY_HOST", "http://login.example"}},
       "https://h",
       "AZURE_AUTHORITY_HOST: secrets would go to login.example without TLS; "
       "write an https:// URL"},
      {"a backend without TLS",
       {},
       "http://prometheus.example",
       "--backend-auth=azure: secrets would go to prometheus.example without "
       "TLS; write an https:// URL"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    variables_ = c.variables;
    options_.url = *net::Url::Parse(c.url);
    const auto signer = Make();
    ASSERT_THAT(signer, FailsWith(ErrorCode::kInvalidArgument, c.message));
    EXPECT_THAT(signer.error().message, Not(HasSubstr("very-secret")));
  }
}

// A tenant is a part of a path, and no more.
TEST_F(AzureSignerTest, ATenantLeadsNowhereElse) {
  UseSecret();
  variables_["AZURE_TENANT_ID"] = "../x?y#z";
  outside_.Answer("/..%2Fx%3Fy%23z/oauth2/v2.0/token", {.body = Reply("t")});
  EXPECT_EQ(Sign(**Make()), "Bearer t");
}

}  // namespace
}  // namespace sextant::cloud
