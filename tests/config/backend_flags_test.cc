#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sextant/config/flags.h"
#include "support/golden.h"
#include "support/result_matchers.h"

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Arguments = std::vector<std::string>;

TEST(BackendFlags, HaveThePeersDefaults) {
  const Result<BackendArguments> parsed = ParseBackendFlags(Arguments{});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_FALSE(parsed->url_given);
  const BackendFlags& flags = parsed->flags;
  EXPECT_EQ(flags.url, "https://localhost");
  EXPECT_EQ(flags.dialect, "auto");
  EXPECT_EQ(flags.verb, BackendFlags::Verb::kGet);
  EXPECT_THAT(flags.headers, IsEmpty());
  EXPECT_EQ(flags.timeout, std::chrono::seconds(30));
  EXPECT_EQ(flags.ca_file, "");
  EXPECT_EQ(flags.client_cert_file, "");
  EXPECT_EQ(flags.client_key_file, "");
  EXPECT_EQ(flags.token_file, "");
  EXPECT_EQ(flags.kubeconfig, "");
  EXPECT_FALSE(flags.in_cluster_auth);
  EXPECT_EQ(flags.auth, BackendFlags::Auth::kNone);
  EXPECT_EQ(flags.sigv4_region, "");
  EXPECT_EQ(flags.sigv4_service_name, "aps");
  EXPECT_EQ(flags.sigv4_role_arn, "");
  EXPECT_EQ(flags.google_credentials_file, "");
  EXPECT_EQ(flags.azure_audience, "");
}

TEST(BackendFlags, OneSaysWhoseCredentialsAreSent) {
  const Result<BackendArguments> parsed = ParseBackendFlags(
      Arguments{"--backend-auth=aws", "--sigv4-region=eu-west-1",
                "--sigv4-service-name=monitoring", "--sigv4-role-arn=arn:r"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->flags.auth, BackendFlags::Auth::kAws);
  EXPECT_EQ(parsed->flags.sigv4_region, "eu-west-1");
  EXPECT_EQ(parsed->flags.sigv4_service_name, "monitoring");
  EXPECT_EQ(parsed->flags.sigv4_role_arn, "arn:r");
  EXPECT_THAT(parsed->warnings, IsEmpty());
}

TEST(BackendFlags, OrThoseOfGoogleOrAzure) {
  const Result<BackendArguments> azure = ParseBackendFlags(
      Arguments{"--backend-auth=azure", "--azure-audience=https://a"});
  ASSERT_THAT(azure, IsOk());
  EXPECT_EQ(azure->flags.auth, BackendFlags::Auth::kAzure);
  EXPECT_EQ(azure->flags.azure_audience, "https://a");
  EXPECT_THAT(azure->warnings, IsEmpty());
  const Result<BackendArguments> parsed = ParseBackendFlags(
      Arguments{"--backend-auth=google", "--google-credentials-file=f"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->flags.auth, BackendFlags::Auth::kGoogle);
  EXPECT_EQ(parsed->flags.google_credentials_file, "f");
  EXPECT_THAT(parsed->warnings, IsEmpty());
}

TEST(BackendFlags, WarnOfSettingsOfACloudThatIsNotAsked) {
  const struct {
    Arguments arguments;
    const char* warning;
  } cases[] = {
      {{"--sigv4-region=eu-west-1"},
       "--sigv4-region does nothing without --backend-auth=aws"},
      {{"--backend-auth=google", "--sigv4-service-name=monitoring"},
       "--sigv4-service-name does nothing without --backend-auth=aws"},
      {{"--backend-auth=aws", "--google-credentials-file=f"},
       "--google-credentials-file does nothing without --backend-auth=google"},
      {{"--sigv4-role-arn=arn:r"},
       "--sigv4-role-arn does nothing without --backend-auth=aws"},
      {{"--azure-audience=https://a"},
       "--azure-audience does nothing without --backend-auth=azure"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.warning);
    const Result<BackendArguments> parsed = ParseBackendFlags(c.arguments);
    ASSERT_THAT(parsed, IsOk());
    EXPECT_THAT(parsed->warnings, ElementsAre(c.warning));
  }
}

TEST(BackendFlags, AreTakenOutOfTheOtherArguments) {
  const Result<BackendArguments> parsed = ParseBackendFlags(
      Arguments{"FILE", "--prometheus-url", "http://p:9090/a=b", "--output",
                "json", "--backend=mimir", "--prometheus-verb=POST", "-v4",
                "--prometheus-timeout=1m30s", "--prometheus-ca-file=ca",
                "--prometheus-client-tls-cert-file=crt",
                "--prometheus-client-tls-key-file", "key",
                "--prometheus-token-file=token", "--prometheus-auth-config=k",
                "--prometheus-auth-incluster=false", "--", "--prometheus-url"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_TRUE(parsed->url_given);
  const BackendFlags& flags = parsed->flags;
  EXPECT_EQ(flags.url, "http://p:9090/a=b");
  EXPECT_EQ(flags.dialect, "mimir");
  EXPECT_EQ(flags.verb, BackendFlags::Verb::kPost);
  EXPECT_EQ(flags.timeout, std::chrono::seconds(90));
  EXPECT_EQ(flags.ca_file, "ca");
  EXPECT_EQ(flags.client_cert_file, "crt");
  EXPECT_EQ(flags.client_key_file, "key");
  EXPECT_EQ(flags.token_file, "token");
  EXPECT_EQ(flags.kubeconfig, "k");
  EXPECT_FALSE(flags.in_cluster_auth);
  EXPECT_THAT(parsed->rest, ElementsAre("FILE", "--output", "json", "-v4", "--",
                                        "--prometheus-url"));
  EXPECT_THAT(parsed->warnings, IsEmpty());
}

TEST(BackendFlags, HeadersAreSplitAtTheFirstEqualsSign) {
  const Result<BackendArguments> parsed = ParseBackendFlags(
      Arguments{"--prometheus-header=X-Scope-OrgID=a,b", "--prometheus-header",
                "foo", "--prometheus-header=Foo=baz=23",
                "--prometheus-header=HOST=h", "--prometheus-header=x="});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->flags.headers,
              ElementsAre(Pair("X-Scope-OrgID", "a,b"), Pair("foo", ""),
                          Pair("Foo", "baz=23"), Pair("x", "")));
  EXPECT_THAT(
      parsed->warnings,
      ElementsAre(
          "--prometheus-header: HOST is left out: the connection decides it"));
}

TEST(BackendFlags, SayWhatIsWrong) {
  const std::string no_name =
      "--prometheus-header: what stands before the \"=\" is not the name of a "
      "header; write NAME=VALUE, not NAME: VALUE";
  const struct {
    Arguments arguments;
    std::string want;
  } cases[] = {
      {{"--prometheus-url="},
       "--prometheus-url: must not be empty; write --prometheus-url=URL"},
      {{"--prometheus-url"},
       "--prometheus-url: its value is missing; write --prometheus-url=URL"},
      {{"--prometheus-url", "--prometheus-verb=GET"},
       "--prometheus-url: its value is missing; write --prometheus-url=URL"},
      {{"--backend=vm"},
       "--backend: must be auto or prometheus or victoriametrics or thanos or "
       "mimir or "
       "amazon or google or azure, not \"vm\""},
      {{"--prometheus-verb=get"},
       "--prometheus-verb: unsupported Prometheus HTTP verb \"get\"; supported "
       "verbs: \"GET\" and \"POST\""},
      {{"--prometheus-verb="},
       "--prometheus-verb: unsupported Prometheus HTTP verb \"\"; supported "
       "verbs: \"GET\" and \"POST\""},
      {{"--prometheus-header==x"}, no_name},
      {{"--prometheus-header="}, no_name},
      // Not repeated: it may be a secret.
      {{"--prometheus-header=Authorization: Bearer abc="}, no_name},
      {{"--prometheus-header=Bearer abc"}, no_name},
      {{"--prometheus-header=X-A=a\r\nX-B: b"},
       "--prometheus-header: the value of X-A has a line break or another "
       "control character"},
      {{"--prometheus-timeout=0"},
       "--prometheus-timeout: must be more than 0s, not 0"},
      {{"--prometheus-timeout=30"},
       "--prometheus-timeout: time: missing unit in duration \"30\"; write it "
       "like 30s, 5m or 1h30m"},
      {{"--prometheus-client-tls-cert-file=a"},
       "--prometheus-client-tls-cert-file: its key is missing; write "
       "--prometheus-client-tls-key-file=FILE too"},
      {{"--prometheus-client-tls-key-file=a"},
       "--prometheus-client-tls-key-file: its certificate is missing; write "
       "--prometheus-client-tls-cert-file=FILE too"},
      {{"--prometheus-auth-incluster=yes"},
       "--prometheus-auth-incluster: must be true or false, not \"yes\""},
      {{"--prometheus-auth-incluster", "--prometheus-auth-config=k"},
       "may not use both in-cluster auth and an explicit kubeconfig at the "
       "same time; leave out --prometheus-auth-incluster or "
       "--prometheus-auth-config"},
  };
  // No more than one proof of who asks.
  const auto too = [](const std::string& other) {
    return "--backend-auth=aws: " + other +
           " says too who asks; leave out one of them";
  };
  const struct {
    const char* argument;
    const char* name;
  } others[] = {
      {"--prometheus-token-file=t", "--prometheus-token-file"},
      {"--prometheus-auth-config=k", "--prometheus-auth-config"},
      {"--prometheus-auth-incluster", "--prometheus-auth-incluster"},
      {"--prometheus-header=authorization=secret",
       "--prometheus-header=Authorization"},
      {"--prometheus-url=https://u:secret@h/a", "the user of --prometheus-url"},
  };
  for (const auto& other : others) {
    SCOPED_TRACE(other.name);
    EXPECT_THAT(
        ParseBackendFlags(Arguments{"--backend-auth=aws", other.argument}),
        FailsWith(ErrorCode::kInvalidArgument, too(other.name)));
  }
  EXPECT_THAT(ParseBackendFlags(Arguments{"--backend-auth=aws",
                                          "--prometheus-url=https://h/@"}),
              IsOk());
  EXPECT_THAT(ParseBackendFlags(Arguments{"--backend-auth=google",
                                          "--prometheus-token-file=t"}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "--backend-auth=google: --prometheus-token-file says "
                        "too who asks; leave out one of them"));

  for (const auto& c : cases) {
    SCOPED_TRACE(::testing::PrintToString(c.arguments));
    EXPECT_THAT(ParseBackendFlags(c.arguments),
                FailsWith(ErrorCode::kInvalidArgument, c.want));
  }
}

TEST(BackendHelpText, IsTheGoldenOne) {
  ExpectGolden("config/backend_help.txt", BackendHelpText());
}

}  // namespace
}  // namespace sextant::config
