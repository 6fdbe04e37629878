#include "config/idle_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/flag_table.h"

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Arguments = std::vector<std::string>;

std::vector<std::string> WarningsOf(const Arguments& arguments) {
  Complaints complaints;
  std::vector<std::string> rest;
  GivenFlags given = GivenFlags::Take(arguments, FlagTable(), rest, complaints);
  given.CheckValues(complaints);
  EXPECT_THAT(rest, IsEmpty());
  EXPECT_EQ(complaints.ToError().message, "");
  std::vector<std::string> warnings;
  WarnOfIdleFlags(given, warnings);
  return warnings;
}

TEST(IdleFlags, WarnOnceEach) {
  const struct {
    std::string argument;
    std::string want;
  } cases[] = {
      {"--audit-policy-file=p",
       "--audit-policy-file does nothing: sextant writes no audit log"},
      {"--audit-webhook-batch-throttle-enable=false",
       "--audit-webhook-batch-throttle-enable does nothing: sextant writes no "
       "audit log"},
      {"--contention-profiling",
       "--contention-profiling does nothing: there is no /debug/pprof/ here"},
      {"--debug-socket-path=/s",
       "--debug-socket-path does nothing: there is no /debug/pprof/ here, and "
       "no socket without permissions"},
      {"--enable-priority-and-fairness",
       "--enable-priority-and-fairness does nothing: the limit is "
       "--max-requests-inflight, whoever calls"},
      {"--vmodule=a=4",
       "--vmodule does nothing: the level of the log is one for all, -v"},
      {"--client-qps=50",
       "--client-qps does nothing: sextant watches the API server, so there is "
       "nothing to throttle"},
      {"--discovery-interval=1m",
       "--discovery-interval does nothing: sextant watches the API server, so "
       "new resources are known without it"},
      {"--logtostderr=false",
       "--logtostderr does nothing: the log goes to standard error"},
      {"--log_file=/var/log/adapter.log",
       "--log-file does nothing: the log goes to standard error"},
      {"--logging-format=json",
       "--logging-format does nothing: log lines are text, with fields "
       "name=value"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.argument);
    EXPECT_THAT(WarningsOf({c.argument, c.argument}), ElementsAre(c.want));
  }
}

TEST(IdleFlags, WithThePeersDefaultAreNotWorthAWarning) {
  EXPECT_THAT(
      WarningsOf({"--audit-policy-file=", "--audit-log-format=json",
                  "--audit-log-compress=false", "--audit-log-maxage=0",
                  "--audit-log-batch-max-wait=0s",
                  "--audit-webhook-batch-throttle-enable",
                  "--audit-webhook-batch-throttle-qps=10.0",
                  "--audit-webhook-initial-backoff=10000ms", "--profiling",
                  "--profiling=false", "--contention-profiling=false",
                  "--enable-priority-and-fairness=false", "--client-qps=5",
                  "--client-burst=10", "--discovery-interval=0s",
                  "--logging-format=text", "--vmodule="}),
      IsEmpty());
}

TEST(IdleFlags, OfKlogAreToleratedInBothSpellings) {
  EXPECT_THAT(
      WarningsOf({"--logtostderr", "--logtostderr=true", "--alsologtostderr",
                  "--stderrthreshold=INFO", "--log-file-max-size=1800",
                  "--log_file_max_size=1800", "--log_backtrace_at=:0",
                  "--log-flush-frequency=5s", "--skip_headers",
                  "--skip-headers", "--skip_log_headers", "--add_dir_header",
                  "--one_output", "--log_dir=", "--log-dir="}),
      IsEmpty());
}

TEST(IdleFlags, AreCheckedLikeTheOthers) {
  const struct {
    std::string argument;
    std::string want;
  } cases[] = {
      {"--audit-log-format=txt",
       "--audit-log-format: must be json or legacy, not \"txt\""},
      {"--audit-log-mode=fast",
       "--audit-log-mode: must be batch or blocking or blocking-strict, not "
       "\"fast\""},
      {"--audit-log-maxsize=-1",
       "--audit-log-maxsize: must be a whole number of at least 0, not \"-1\""},
      {"--audit-log-batch-buffer-size=0",
       "--audit-log-batch-buffer-size: must be a whole number of at least 1, "
       "not \"0\""},
      {"--audit-log-version=audit.k8s.io/v1beta1",
       "--audit-log-version: must be audit.k8s.io/v1, not "
       "\"audit.k8s.io/v1beta1\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.argument);
    Complaints complaints;
    std::vector<std::string> rest;
    GivenFlags given =
        GivenFlags::Take(Arguments{c.argument}, FlagTable(), rest, complaints);
    given.CheckValues(complaints);
    EXPECT_EQ(complaints.ToError().message, c.want);
  }
}

}  // namespace
}  // namespace sextant::config
