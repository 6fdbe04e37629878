// A signer of Amazon's, the environment, servers and time around it.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <string>

#include "sextant/base/time_text.h"
#include "sextant/cloud/aws_signer.h"
#include "sextant/cloud/sigv4.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant::cloud {

using namespace std::chrono_literals;

const char kUrl[] = "https://aps-workspaces.eu-west-1.amazonaws.com/w";

class AwsSignerTest : public ::testing::Test {
 protected:
  AwsSignerTest() {
    options_.url = *net::Url::Parse(kUrl);
    outside_.clock = &clock_;
    local_.clock = &clock_;
  }

  Result<std::unique_ptr<net::RequestSigner>> Make() {
    return MakeAwsSigner(
        options_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::string() : found->second;
        },
        outside_, local_, clock_);
  }

  void UseRole() {
    token_file_ = folder_.Put("token", "first.web.token\n");
    variables_ = {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                  {"AWS_WEB_IDENTITY_TOKEN_FILE", token_file_}};
  }
  void UseAgent(const std::string& url) {
    token_file_ = folder_.Put("token", "agent-token\n");
    variables_ = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file_}};
  }

  std::string StsReply(const std::string& id) {
    return "<R><Credentials><AccessKeyId>" + id +
           "</AccessKeyId><SecretAccessKey>very-secret</SecretAccessKey>"
           "<SessionToken>session</SessionToken><Expiration>" +
           FormatRfc3339(clock_.Now() + 1h) + "</Expiration></Credentials></R>";
  }

  // Time passes for what is tried again.
  Result<Done> Sign(net::RequestSigner& signer) {
    request_ = {};
    request_.url = options_.url;
    const auto signing = LaunchTask(
        loop_, signer.Sign(request_, clock_.Now(), clock_.Now() + 60s));
    for (int i = 0; i < 40 && !signing.answer(); ++i) clock_.Advance(250ms);
    return *signing.answer();
  }
  // What is sent but for what SignV4 adds.
  static std::string Sent(const net::ClientRequest& request) {
    std::string text = request.method + " " + request.url.ToString() + "\n";
    for (const auto& [name, value] : request.headers.fields()) {
      text += name + ": " + value + "\n";
    }
    return text + "\n" + request.body;
  }
  std::string AgentReply(const std::string& id) {
    return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + id +
           R"(","SecretAccessKey":"very-secret","Token":"session",)" +
           R"("Expiration":")" + FormatRfc3339(clock_.Now() + 1h) + "\"}";
  }
  std::string Proof() { return *request_.headers.Find("Authorization"); }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
  FakeHttpClient outside_;
  FakeHttpClient local_;
  TempFolder folder_;
  std::string token_file_;
  std::map<std::string, std::string> variables_;
  AwsOptions options_;
  net::ClientRequest request_;
};

}  // namespace sextant::cloud
