#include "sextant/config/explain_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::config {
namespace {

using ::testing::HasSubstr;
using Mode = ExplainFlags::Mode;

TEST(ExplainFlags, AreReadForEachOfTheThreeForms) {
  const struct {
    std::vector<std::string> arguments;
    Mode mode;
  } kCases[] = {
      {{"--config=r.yaml", "--prometheus-url=http://p", "pods/*", "gpu", "-n",
        "shop"},
       Mode::kLive},
      {{"pods/*", "gpu", "-n=shop", "--config", "r.yaml", "--offline",
        "--series=s"},
       Mode::kOffline},
      {{"--server=https://h:6443", "--ca-file=ca.pem", "pods/* gpu",
        "--namespace=shop"},
       Mode::kServer},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.arguments.front());
    const auto flags = ParseExplainFlags(c.arguments);
    ASSERT_THAT(flags, IsOk());
    EXPECT_EQ(flags->mode, c.mode);
    EXPECT_EQ(flags->path,
              "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/gpu");
  }
}

TEST(ExplainFlags, TrustAnyServerIfTold) {
  for (const bool told : {false, true}) {
    std::vector<std::string> arguments = {"--server=https://h", "/apis/x"};
    if (told) arguments.emplace_back("--insecure-skip-tls-verify");
    const auto flags = ParseExplainFlags(arguments);
    ASSERT_THAT(flags, IsOk());
    EXPECT_EQ(flags->insecure, told);
  }
}

TEST(ExplainFlags, TakeAPathAsItStands) {
  const std::vector<std::string> arguments = {"--server=https://h",
                                              "/apis/x?labelSelector=a%3Db",
                                              "--output=json", "--color=never"};
  const auto flags = ParseExplainFlags(arguments);
  ASSERT_THAT(flags, IsOk());
  EXPECT_EQ(flags->path, "/apis/x?labelSelector=a%3Db");
  EXPECT_TRUE(flags->json);
  EXPECT_EQ(flags->color, "never");
}

TEST(ExplainFlags, SayWhatIsMissingOrTooMuch) {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } kCases[] = {
      {{"pods", "m"}, "no rules are given; write --config=FILE"},
      {{"--config=r", "pods", "m"}, "no backend is given"},
      {{"--config=r", "--offline", "pods", "m"}, "write --series=NAME too"},
      {{"--config=r", "--prometheus-url=http://p", "--series=s", "pods", "m"},
       "--series: is for --offline"},
      {{"--server=https://h", "--config=r", "pods", "m"},
       "--config: the server has its own"},
      {{"--server=https://h", "/apis/x", "-n", "d"},
       "a path says it all; leave it out"},
      {{"--config=r", "--token-file=t", "--offline", "--series=s", "pods", "m"},
       "of the backend it is --prometheus-token-file"},
      {{"--config=r", "--insecure-skip-tls-verify", "--offline", "--series=s",
        "pods", "m"},
       "--insecure-skip-tls-verify: is for --server"},
      {{"--server=https://h", "--insecure-skip-tls-verify", "--ca-file=c",
        "pods", "m"},
       "nothing is compared with it; leave one of them out"},
      {{"--sever=https://h", "pods", "m"}, "--server"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const auto flags = ParseExplainFlags(c.arguments);
    ASSERT_FALSE(flags);
    EXPECT_THAT(flags.error().message, HasSubstr(c.message));
  }
}

TEST(ExplainFlags, HelpShowsExamples) {
  const std::vector<std::string> arguments = {"--help"};
  EXPECT_TRUE(ParseExplainFlags(arguments)->help);
  EXPECT_THAT(ExplainHelpText(), HasSubstr("--offline --series="));
  EXPECT_THAT(ExplainHelpText(), HasSubstr("--prometheus-url"));
}

}  // namespace
}  // namespace sextant::config
