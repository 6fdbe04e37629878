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

TEST(ServeFlags, OfEveryGroupAreFilled) {
  const Arguments arguments = {
      "--standalone",
      "--config=c",
      "--prometheus-verb=POST",
      "--max-listed-metrics=7",
      "--request-timeout=5s",
      "--requestheader-username-headers=x,X-Remote-User",
      "--audit-log-maxage=3"};
  const Result<ServeCommand> command = ParseServeFlags(arguments);
  ASSERT_THAT(command, IsOk());
  const ServeFlags& flags = command->flags;
  EXPECT_EQ(flags.backend.verb, BackendFlags::Verb::kPost);
  EXPECT_EQ(flags.max_listed_metrics, 7U);
  EXPECT_EQ(flags.serving.request_timeout, std::chrono::seconds(5));
  EXPECT_THAT(flags.cluster.requestheader_username_headers,
              ::testing::ElementsAre("x", "X-Remote-User"));
  EXPECT_THAT(
      flags.warnings,
      ::testing::ElementsAre(
          "--audit-log-maxage does nothing: sextant writes no audit log",
          "--requestheader-username-headers does nothing: with "
          "--standalone no cluster is asked"));
}

// Of the charts of prometheus-community and kube-prometheus, and of manifests
// from before 0.11.
TEST(ServeFlags, ThePeersContainerArgumentsAreTakenAsTheyAre) {
  const Arguments arguments = {
      "/adapter",
      "--secure-port=6443",
      "--cert-dir=/tmp/cert",
      "--prometheus-url=http://prometheus.monitoring.svc:9090/",
      "--metrics-relist-interval=1m",
      "--v=4",
      "--config=/etc/adapter/config.yaml",
      "--logtostderr=true",
      "--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
      "TLS_RSA_WITH_AES_128_CBC_SHA"};
  const Result<ServeCommand> command = ParseServeFlags(arguments);
  ASSERT_THAT(command, IsOk());
  const ServeFlags& flags = command->flags;
  EXPECT_EQ(flags.serving.secure_port, 6443);
  EXPECT_EQ(flags.serving.cert_dir, "/tmp/cert");
  EXPECT_EQ(flags.config, "/etc/adapter/config.yaml");
  EXPECT_THAT(flags.warnings,
              ::testing::ElementsAre(
                  "--tls-cipher-suites: left out, because they lack forward "
                  "secrecy or are broken: TLS_RSA_WITH_AES_128_CBC_SHA"));
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
       "unknown flag: --prometheus_url; write --prometheus-url=URL\n"
       "unknown flag: --secure-prt; did you mean --secure-port?"},
      {{"--qqqqqqqq"}, "unknown flag: --qqqqqqqq; --help lists the flags"},
      {{"--tls-curve-preferences=23"},
       "--tls-curve-preferences is refused: the curves cannot be chosen, and "
       "without the list more of them than wanted would be served; leave it "
       "out"},
      {{"--client-ca-file=ca"},
       "--client-ca-file: with --standalone nobody is asked who they are, so "
       "it would keep nobody out; leave it or --standalone out"},
      {{"--standalone", "false"},
       "unexpected argument \"false\"; write --FLAG=false"},
      {{"serve"}, "unexpected argument \"serve\""},
      {{"--config="},
       "no metrics discovery configuration file specified; write "
       "--config=FILE"},
      {{"--config"}, "--config: its value is missing; write --config=FILE"},
      {{"--standalone=perhaps"},
       "--standalone: must be true or false, not \"perhaps\""},
      {{"--secure-port=65536"},
       "--secure-port: must be a number from 0 to 65535, not \"65536\""},
      {{"--secure-port=-1"},
       "--secure-port: must be a number from 0 to 65535, not \"-1\""},
      {{"--secure-port=6443x"},
       "--secure-port: must be a number from 0 to 65535, not \"6443x\""},
      {{"-v", "high"}, "-v: must be a number from 0 to 100, not \"high\""},
      {{"--metrics-relist-interval=10"},
       "--metrics-relist-interval: time: missing unit in duration \"10\"; "
       "write "
       "it like 30s, 5m or 1h30m"},
      {{"--metrics-relist-interval=0s"},
       "--metrics-relist-interval: must be more than 0s, not 0s"},
      {{"--metrics-relist-interval=-1m"},
       "--metrics-relist-interval: must be more than 0s, not -1m"},
      {{"--metrics-max-age=abc"},
       "--metrics-max-age: time: invalid duration \"abc\"; write it like 30s, "
       "5m or 1h30m"},
      {{"--metrics-max-age=5m"},
       "--metrics-max-age: max age must not be less than relist interval: 5m0s "
       "is less than --metrics-relist-interval=10m0s"},
      {{"--metrics-max-age=-1s"},
       "--metrics-max-age: must be at least 0s, not -1s"},
      {{"--tls-cert-file=a"},
       "--tls-cert-file: its key is missing; write --tls-private-key-file=FILE "
       "too"},
      {{"--tls-private-key-file=a"},
       "--tls-private-key-file: its certificate is missing; write "
       "--tls-cert-file=FILE too"},
      {{"--secure-port=x", "--tls-cert-file=a"},
       "--secure-port: must be a number from 0 to 65535, not \"x\"\n"
       "--tls-cert-file: its key is missing; write --tls-private-key-file=FILE "
       "too"},
      {{"--standalone=false", "--standalone-objects=o",
        "--standalone-resources=r"},
       "--standalone-resources: needs --standalone; write both\n"
       "--standalone-objects: needs --standalone; write both"},
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
            "--config=FILE");
}

TEST(ServeFlags, HelpNeedsNothingElse) {
  for (const std::string form : {"--help", "-h", "--help=true"}) {
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
