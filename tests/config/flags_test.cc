#include "sextant/config/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/golden.h"
#include "support/result_matchers.h"

namespace sextant::config {
namespace {

using Arguments = std::vector<std::string>;

std::string ErrorOf(const Arguments& arguments) {
  const Result<ServeCommand> command = ParseServeFlags(arguments);
  return command ? "" : command.error().message;
}

TEST(ServeFlags, HaveThePeersDefaults) {
  const Arguments arguments = {"--standalone", "--config", "c.yaml"};
  const Result<ServeCommand> command = ParseServeFlags(arguments);
  ASSERT_THAT(command, IsOk());
  EXPECT_FALSE(command->help);
  const ServeFlags& flags = command->flags;
  EXPECT_EQ(flags.config, "c.yaml");
  EXPECT_EQ(flags.backend.url, "https://localhost");
  EXPECT_EQ(flags.metrics_relist_interval, std::chrono::minutes(10));
  EXPECT_EQ(flags.metrics_max_age, std::chrono::minutes(10));
  // The peer's is 0.0.0.0, which --standalone does not serve.
  EXPECT_EQ(flags.serving.bind_address, "127.0.0.1");
  EXPECT_EQ(flags.serving.secure_port, 443);
  EXPECT_EQ(flags.serving.tls_cert_file, "");
  EXPECT_EQ(flags.serving.tls_private_key_file, "");
  EXPECT_TRUE(flags.standalone);
  EXPECT_EQ(flags.standalone_resources, "");
  EXPECT_EQ(flags.standalone_objects, "");
  EXPECT_EQ(flags.verbosity, 0);
}

TEST(ServeFlags, AreReadInBothForms) {
  const Arguments with_equals = {"--standalone=true",
                                 "--config=c",
                                 "--prometheus-url=http://p:9090/a=b",
                                 "--metrics-relist-interval=1m",
                                 "--metrics-max-age=1h30m",
                                 "--bind-address=::1",
                                 "--secure-port=0",
                                 "--tls-cert-file=t.crt",
                                 "--tls-private-key-file=t.key",
                                 "--standalone-resources=r",
                                 "--standalone-objects=o",
                                 "--v=4"};
  const Arguments with_blanks = {"--standalone",
                                 "--config",
                                 "c",
                                 "--prometheus-url",
                                 "http://p:9090/a=b",
                                 "--metrics-relist-interval",
                                 "1m",
                                 "--metrics-max-age",
                                 "1h30m",
                                 "--bind-address",
                                 "::1",
                                 "--secure-port",
                                 "0",
                                 "--tls-cert-file",
                                 "t.crt",
                                 "--tls-private-key-file",
                                 "t.key",
                                 "--standalone-resources",
                                 "r",
                                 "--standalone-objects",
                                 "o",
                                 "-v",
                                 "4"};
  for (const Arguments& arguments : {with_equals, with_blanks}) {
    SCOPED_TRACE(arguments[1]);
    const Result<ServeCommand> command = ParseServeFlags(arguments);
    ASSERT_THAT(command, IsOk());
    const ServeFlags& flags = command->flags;
    EXPECT_TRUE(flags.standalone);
    EXPECT_EQ(flags.config, "c");
    EXPECT_EQ(flags.backend.url, "http://p:9090/a=b");
    EXPECT_EQ(flags.metrics_relist_interval, std::chrono::minutes(1));
    EXPECT_EQ(flags.metrics_max_age, std::chrono::minutes(90));
    EXPECT_EQ(flags.serving.bind_address, "::1");
    EXPECT_EQ(flags.serving.secure_port, 0);
    EXPECT_EQ(flags.serving.tls_cert_file, "t.crt");
    EXPECT_EQ(flags.serving.tls_private_key_file, "t.key");
    EXPECT_EQ(flags.standalone_resources, "r");
    EXPECT_EQ(flags.standalone_objects, "o");
    EXPECT_EQ(flags.verbosity, 4);
  }
}

TEST(ServeFlags, TakeVerbosityInEveryForm) {
  for (const Arguments& form : std::vector<Arguments>{
           {"-v", "6"}, {"-v=6"}, {"-v6"}, {"--v=6"}, {"--v", "6"}}) {
    SCOPED_TRACE(form[0]);
    Arguments arguments = {"--standalone", "--config=c"};
    arguments.insert(arguments.end(), form.begin(), form.end());
    const Result<ServeCommand> command = ParseServeFlags(arguments);
    ASSERT_THAT(command, IsOk());
    EXPECT_EQ(command->flags.verbosity, 6);
  }
}

TEST(ServeFlags, OfOneGivenTwiceTheLastCounts) {
  const Arguments arguments = {"--standalone=false", "--standalone",
                               "--config=a", "--config=b"};
  const Result<ServeCommand> command = ParseServeFlags(arguments);
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(command->flags.config, "b");
}

TEST(ServeFlags, ServeLoopbackAddressesOnlyWhenStandalone) {
  for (const std::string address :
       {"127.0.0.1", "127.255.0.7", "::1", "localhost", "LOCALHOST"}) {
    SCOPED_TRACE(address);
    EXPECT_EQ(
        ErrorOf({"--standalone", "--config=c", "--bind-address=" + address}),
        "");
  }
  for (const std::string address :
       {"0.0.0.0", "::", "10.0.0.1", "127.0.0.256", "127.0.0", "127.0.0.1.2",
        "127.0.0.1:80", "127.0.0.-1", "localhost.example.com", "::1%lo"}) {
    SCOPED_TRACE(address);
    EXPECT_EQ(
        ErrorOf({"--standalone", "--config=c", "--bind-address=" + address}),
        "--bind-address: with --standalone nobody is asked who they are, so "
        "only a loopback address is served, not \"" +
            address + "\"; write --bind-address=127.0.0.1 or leave it out");
  }
}

TEST(ServeFlags, SayWhatIsWrong) {
  const struct {
    Arguments arguments;  // after --standalone --config=c
    std::string want;
  } cases[] = {
      {{"--confg=x"}, "unknown flag: --confg; did you mean --config?"},
      {{"--prometheus_url=x", "--secure-prt", "1"},
       "unknown flag: --prometheus_url; did you mean --prometheus-url?\n"
       "unknown flag: --secure-prt; did you mean --secure-port?\n"
       "unexpected argument \"1\""},
      {{"--qqqqqqqq"},
       "unknown flag: --qqqqqqqq; sextant serve --help lists the flags"},
      {{"--cert-dir=/tmp"},
       "unknown flag: --cert-dir; prometheus-adapter has it, sextant does not "
       "yet: leave it out"},
      {{"--standalone", "false"},
       "unexpected argument \"false\"; write --FLAG=false"},
      {{"serve"}, "unexpected argument \"serve\""},
      {{"--config="},
       "--config: has no value after the =; write one, or leave the flag out"},
      {{"--secure-port=65536"},
       "--secure-port: must be a number from 0 to 65535, not \"65536\"; 0 "
       "picks a free port"},
      {{"--secure-port=-1"},
       "--secure-port: must be a number from 0 to 65535, not \"-1\"; 0 picks a "
       "free port"},
      {{"--secure-port=6443x"},
       "--secure-port: must be a number from 0 to 65535, not \"6443x\"; 0 "
       "picks a free port"},
      {{"-v", "high"}, "-v: must be a number from 0 to 100, not \"high\""},
      {{"--metrics-relist-interval=10"},
       "--metrics-relist-interval: time: missing unit in duration \"10\"; "
       "write "
       "it like 30s, 5m or 1h30m"},
      {{"--metrics-relist-interval=0s"},
       "--metrics-relist-interval: must be more than 0s"},
      {{"--metrics-relist-interval=-1m"},
       "--metrics-relist-interval: must be more than 0s"},
      {{"--metrics-max-age=abc"},
       "--metrics-max-age: time: invalid duration \"abc\"; write it like 30s, "
       "5m or 1h30m"},
      {{"--metrics-max-age=5m"},
       "--metrics-max-age: max age must not be less than relist interval: 5m0s "
       "is less than --metrics-relist-interval=10m0s"},
      {{"--metrics-max-age=-1s"},
       "--metrics-max-age: max age must not be less than relist interval: -1s "
       "is less than --metrics-relist-interval=10m0s"},
      {{"--tls-cert-file=a"},
       "--tls-cert-file: its key is missing; write --tls-private-key-file=FILE "
       "too"},
      {{"--tls-private-key-file=a"},
       "--tls-private-key-file: its certificate is missing; write "
       "--tls-cert-file=FILE too"},
      {{"--secure-port=x", "--tls-cert-file=a"},
       "--secure-port: must be a number from 0 to 65535, not \"x\"; 0 picks a "
       "free port\n"
       "--tls-cert-file: its key is missing; write --tls-private-key-file=FILE "
       "too"},
      {{"--standalone=false"},
       "sextant cannot work with a Kubernetes cluster yet; write --standalone "
       "to serve without one"},
      {{"--standalone=false", "--standalone-objects=o",
        "--standalone-resources=r"},
       "--standalone-resources: needs --standalone; write both\n"
       "--standalone-objects: needs --standalone; write both\n"
       "sextant cannot work with a Kubernetes cluster yet; write --standalone "
       "to serve without one"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(::testing::PrintToString(c.arguments));
    Arguments arguments = {"--standalone", "--config=c"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    EXPECT_THAT(ParseServeFlags(arguments),
                FailsWith(ErrorCode::kInvalidArgument, c.want));
  }
}

TEST(ServeFlags, NeedAConfiguration) {
  EXPECT_EQ(ErrorOf({"--standalone"}),
            "no metrics discovery configuration file specified; write "
            "--config=FILE");
  EXPECT_EQ(ErrorOf({}),
            "no metrics discovery configuration file specified; write "
            "--config=FILE\n"
            "sextant cannot work with a Kubernetes cluster yet; write "
            "--standalone to serve without one");
}

TEST(ServeFlags, AValueMustFollowAFlagThatNeedsOne) {
  EXPECT_THAT(ErrorOf({"--standalone", "--config"}),
              ::testing::HasSubstr("--config"));
  EXPECT_THAT(ErrorOf({"--standalone=perhaps", "--config=c"}),
              ::testing::HasSubstr("perhaps"));
}

TEST(ServeFlags, HelpNeedsNothingElse) {
  for (const std::string form : {"--help", "-h"}) {
    SCOPED_TRACE(form);
    const Arguments arguments = {form};
    const Result<ServeCommand> command = ParseServeFlags(arguments);
    ASSERT_THAT(command, IsOk());
    EXPECT_TRUE(command->help);
  }
}

TEST(ServeHelpText, IsTheGoldenOne) {
  ExpectGolden("config/serve_help.txt", ServeHelpText());
}

}  // namespace
}  // namespace sextant::config
