#include "program_flags.h"

#include <string>

#include "sextant/base/time_text.h"

namespace sextant::config {

namespace {

using enum FlagKind;

constexpr Flag kConfiguration[] = {
    {.name = "config",
     .value = "FILE",
     .help = "The rules, in the format of prometheus-adapter (needed)"},
    {.name = "metrics-relist-interval",
     .kind = kDuration,
     .value = "TIME",
     .least = 1,
     .initial = "10m0s",
     .help = "How often to look for new metrics"},
    {.name = "metrics-max-age",
     .kind = kDuration,
     .value = "TIME",
     .initial = "the interval",
     .help = "How far back to look for them, not less than the interval"},
    {.name = "max-listed-metrics",
     .kind = kInteger,
     .value = "COUNT",
     .most = std::numeric_limits<std::int32_t>::max(),
     .initial = "all",
     .help = "How many metrics discovery lists at most; those that are not "
             "listed are served all the same",
     .note = "Not a flag of the peer."},
};

constexpr Flag kStandalone[] = {
    {.name = "standalone",
     .kind = kSwitch,
     .help = "Work without a cluster; callers are not asked who they are, so "
             "only a loopback address is served (127.0.0.0/8, ::1, localhost)",
     .note = "Not a flag of the peer."},
    {.name = "standalone-resources",
     .value = "FILE",
     .help = "More resources than the built-in ones: what kubectl get --raw "
             "/apis/GROUP/VERSION prints",
     .note = "Not a flag of the peer."},
    {.name = "standalone-objects",
     .value = "FILE",
     .initial = "the objects whose metrics the backend has; label selectors "
                "are refused",
     .help = "The objects and their labels: what kubectl get ... -o json or "
             "-o yaml prints",
     .note = "Not a flag of the peer."},
};

constexpr Flag kLogging[] = {
    {.name = "v",
     .letter = "v",
     .kind = kInteger,
     .value = "LEVEL",
     .most = 100,
     .initial = "0",
     .help = "How much to log; 4 and more log each request"},
    {.name = "help",
     .letter = "h",
     .kind = kSwitch,
     .help = "Print this and end"},
};

void ReadTimes(const GivenFlags& given, ServeFlags& flags,
               Complaints& complaints) {
  given.Read("metrics-relist-interval", flags.metrics_relist_interval);
  given.Read("metrics-max-age", flags.metrics_max_age);
  // As the peer has it.
  if (flags.metrics_max_age == Duration::zero()) {
    flags.metrics_max_age = flags.metrics_relist_interval;
  }
  if (flags.metrics_max_age < flags.metrics_relist_interval) {
    complaints.Add(
        "--metrics-max-age: max age must not be less than relist interval: " +
        FormatGoDuration(flags.metrics_max_age) +
        " is less than --metrics-relist-interval=" +
        FormatGoDuration(flags.metrics_relist_interval));
  }
}

}  // namespace

std::span<const Flag> ConfigurationFlagRows() { return kConfiguration; }
std::span<const Flag> StandaloneFlagRows() { return kStandalone; }
std::span<const Flag> LoggingFlagRows() { return kLogging; }

void ReadProgramFlags(const GivenFlags& given, ServeFlags& flags,
                      Complaints& complaints) {
  given.Read("config", flags.config);
  if (flags.config.empty()) {
    complaints.Add(
        "no metrics discovery configuration file specified; write "
        "--config=FILE");
  }
  ReadTimes(given, flags, complaints);
  if (given.Has("max-listed-metrics")) {
    given.ReadInteger("max-listed-metrics", flags.max_listed_metrics.emplace());
  }
  given.ReadInteger("v", flags.verbosity);

  given.Read("standalone", flags.standalone);
  given.Read("standalone-resources", flags.standalone_resources);
  given.Read("standalone-objects", flags.standalone_objects);
  if (flags.standalone) return;
  if (!flags.standalone_resources.empty()) {
    complaints.Add("--standalone-resources: needs --standalone; write both");
  }
  if (!flags.standalone_objects.empty()) {
    complaints.Add("--standalone-objects: needs --standalone; write both");
  }
}

}  // namespace sextant::config
