#include "idle_flags.h"

#include <algorithm>
#include <array>

#include "flag_value.h"
#include "sextant/base/time_text.h"

namespace sextant::config {

namespace {

using enum FlagFate;
using enum FlagKind;

constexpr std::string_view kNoAudit = "sextant writes no audit log";
constexpr std::string_view kToStderr = "the log goes to standard error";

constexpr Flag Audit(std::string_view name, FlagKind kind,
                     std::string_view value, std::string_view initial = "",
                     std::int64_t least = 0) {
  return {.name = name,
          .fate = kWarns,
          .kind = kind,
          .value = value,
          .least = least,
          .initial = initial,
          .help = kNoAudit};
}

// k8s.io/apiserver 0.30, pkg/server/options/audit.go.
constexpr Flag kAudit[] = {
    Audit("audit-policy-file", kText, "FILE"),

    Audit("audit-log-path", kText, "FILE"),
    Audit("audit-log-format", kChoice, "json|legacy", "json"),
    Audit("audit-log-version", kChoice, "audit.k8s.io/v1", "audit.k8s.io/v1"),
    Audit("audit-log-compress", kSwitch, ""),
    Audit("audit-log-maxage", kInteger, "DAYS", "0"),
    Audit("audit-log-maxbackup", kInteger, "COUNT", "0"),
    Audit("audit-log-maxsize", kInteger, "MEGABYTES", "0"),
    Audit("audit-log-mode", kChoice, "batch|blocking|blocking-strict",
          "blocking"),
    Audit("audit-log-batch-buffer-size", kInteger, "COUNT", "10000", 1),
    Audit("audit-log-batch-max-size", kInteger, "COUNT", "1", 1),
    Audit("audit-log-batch-max-wait", kDuration, "TIME", "0s"),
    Audit("audit-log-batch-throttle-enable", kSwitch, ""),
    Audit("audit-log-batch-throttle-qps", kNumber, "COUNT", "0"),
    Audit("audit-log-batch-throttle-burst", kInteger, "COUNT", "0"),
    Audit("audit-log-truncate-enabled", kSwitch, ""),
    Audit("audit-log-truncate-max-batch-size", kInteger, "BYTES", "10485760",
          1),
    Audit("audit-log-truncate-max-event-size", kInteger, "BYTES", "102400", 1),

    Audit("audit-webhook-config-file", kText, "FILE"),
    Audit("audit-webhook-version", kChoice, "audit.k8s.io/v1",
          "audit.k8s.io/v1"),
    Audit("audit-webhook-initial-backoff", kDuration, "TIME", "10s"),
    Audit("audit-webhook-batch-initial-backoff", kDuration, "TIME", "10s"),
    Audit("audit-webhook-mode", kChoice, "batch|blocking|blocking-strict",
          "batch"),
    Audit("audit-webhook-batch-buffer-size", kInteger, "COUNT", "10000", 1),
    Audit("audit-webhook-batch-max-size", kInteger, "COUNT", "400", 1),
    Audit("audit-webhook-batch-max-wait", kDuration, "TIME", "30s"),
    Audit("audit-webhook-batch-throttle-enable", kSwitch, "", "true"),
    Audit("audit-webhook-batch-throttle-qps", kNumber, "COUNT", "10"),
    Audit("audit-webhook-batch-throttle-burst", kInteger, "COUNT", "15"),
    Audit("audit-webhook-truncate-enabled", kSwitch, ""),
    Audit("audit-webhook-truncate-max-batch-size", kInteger, "BYTES",
          "10485760", 1),
    Audit("audit-webhook-truncate-max-event-size", kInteger, "BYTES", "102400",
          1),
};

constexpr Flag kMachinery[] = {
    {.name = "profiling",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = "there is no /debug/pprof/ here, so there is nothing to switch "
             "off"},
    {.name = "contention-profiling",
     .fate = kWarns,
     .kind = kSwitch,
     .help = "there is no /debug/pprof/ here"},
    {.name = "debug-socket-path",
     .fate = kWarns,
     .value = "FILE",
     .help = "there is no /debug/pprof/ here, and no socket without "
             "permissions"},
    {.name = "enable-priority-and-fairness",
     .fate = kWarns,
     .kind = kSwitch,
     .help = "the limit is --max-requests-inflight, whoever calls"},
    {.name = "vmodule",
     .fate = kWarns,
     .value = "PATTERN=LEVEL,...",
     .help = "the level of the log is one for all, -v"},
};

// Those of klog 2, also with underscores for dashes.
constexpr Flag kKlog[] = {
    {.name = "logtostderr",
     .fate = kWarns,
     .kind = kSwitch,
     .initial = "true",
     .help = kToStderr},
    {.name = "log-dir",
     .fate = kWarns,
     .value = "DIRECTORY",
     .help = kToStderr},
    {.name = "log-file", .fate = kWarns, .value = "FILE", .help = kToStderr},
    {.name = "log-backtrace-at",
     .fate = kWarns,
     .value = "FILE:LINE",
     .initial = ":0",
     .help = "log lines name no place in the source"},
    {.name = "logging-format",
     .fate = kWarns,
     .value = "FORMAT",
     .initial = "text",
     .help = "log lines are text, with fields name=value"},
    {.name = "alsologtostderr",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = kToStderr},
    {.name = "stderrthreshold",
     .fate = kIgnored,
     .value = "LEVEL",
     .help = kToStderr},
    {.name = "log-file-max-size",
     .fate = kIgnored,
     .value = "MEGABYTES",
     .help = kToStderr},
    {.name = "log-flush-frequency",
     .fate = kIgnored,
     .value = "TIME",
     .help = "each line is written at once"},
    {.name = "one-output",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = kToStderr},
    {.name = "add-dir-header",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = "log lines name no place in the source"},
    {.name = "skip-headers",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = "each line has its time and level"},
    {.name = "skip-log-headers",
     .fate = kIgnored,
     .kind = kSwitch,
     .help = kToStderr},
};

bool IsInitial(const Flag& flag, const std::string& text) {
  switch (flag.kind) {
    case kSwitch:
      return ReadSwitch(text) == ReadSwitch(flag.initial).value_or(false);
    case kDuration:
      return *ParseGoDuration(text) == *ParseGoDuration(flag.initial);
    case kInteger:
      return ReadInteger(text) == ReadInteger(flag.initial);
    case kNumber:
      return ReadNumber(text) == ReadNumber(flag.initial);
    case kText:
    case kChoice:
    case kList:
      break;
  }
  return text.empty() || text == flag.initial;
}

}  // namespace

std::span<const Flag> AuditFlagRows() { return kAudit; }
std::span<const Flag> MachineryFlagRows() { return kMachinery; }
std::span<const Flag> KlogFlagRows() { return kKlog; }

void WarnOfIdleFlags(const GivenFlags& given,
                     std::vector<std::string>& warnings) {
  for (const Flag* const flag : given.flags()) {
    if (flag->fate != kWarns || IsInitial(*flag, given.Text(flag->name))) {
      continue;
    }
    warnings.push_back(Dashed(*flag) +
                       " does nothing: " + std::string(flag->help));
  }
}

}  // namespace sextant::config
