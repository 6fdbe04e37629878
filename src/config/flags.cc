#include "sextant/config/flags.h"

#include "backend_flags.h"
#include "cluster_flags.h"
#include "complaints.h"
#include "flag_help.h"
#include "flag_table.h"
#include "flag_value.h"
#include "given_flags.h"
#include "idle_flags.h"
#include "program_flags.h"
#include "serving_flags.h"
#include "unknown_argument.h"

namespace sextant::config {

namespace {

void RefuseFlags(const GivenFlags& given, Complaints& complaints) {
  for (const Flag* const flag : given.flags()) {
    if (flag->fate != FlagFate::kRefused) continue;
    complaints.Add(Dashed(*flag) + " is refused: " + std::string(flag->help) +
                   "; leave it out");
  }
}

ServeFlags ReadServeFlags(const GivenFlags& given, Complaints& complaints) {
  ServeFlags flags;
  std::vector<std::string>& warnings = flags.warnings;
  RefuseFlags(given, complaints);
  ReadProgramFlags(given, flags, complaints);
  ReadBackendFlags(given, flags.backend, warnings, complaints);
  ReadServingFlags(given, flags.standalone, flags.serving, warnings,
                   complaints);
  ReadClusterFlags(given, flags.cluster, warnings, complaints);
  WarnOfIdleFlags(given, warnings);
  if (flags.standalone) RefuseClusterFlags(given, warnings, complaints);
  return flags;
}

}  // namespace

bool IsProgramPath(std::string_view argument) {
  return argument.ends_with("/adapter") || argument.ends_with("/sextant");
}

Result<ServeCommand> ParseServeFlags(std::span<const std::string> arguments) {
  if (!arguments.empty() && IsProgramPath(arguments.front())) {
    arguments = arguments.subspan(1);
  }
  Complaints complaints;
  std::vector<std::string> unknown;
  GivenFlags given =
      GivenFlags::Take(arguments, FlagTable(), unknown, complaints);
  if (ReadSwitch(given.Text("help")) == true) {
    return ServeCommand{.flags = {}, .help = true};
  }
  ComplainOfUnknown(unknown, FlagTable(), complaints);
  // The rest would be about what was meant otherwise.
  if (!complaints.empty()) return complaints.ToError();

  given.CheckValues(complaints);
  ServeCommand command;
  command.flags = ReadServeFlags(given, complaints);
  if (!complaints.empty()) return complaints.ToError();
  return command;
}

Result<BackendArguments> ParseBackendFlags(
    std::span<const std::string> arguments) {
  const FlagGroup group{"Backend", BackendFlagRows()};
  BackendArguments parsed;
  Complaints complaints;
  GivenFlags given = GivenFlags::Take(arguments, std::span(&group, 1),
                                      parsed.rest, complaints);
  given.CheckValues(complaints);
  ReadBackendFlags(given, parsed.flags, parsed.warnings, complaints);
  if (!complaints.empty()) return complaints.ToError();
  parsed.url_given = given.Has("prometheus-url");
  return parsed;
}

std::string BackendHelpText() { return HelpOf({"Backend", BackendFlagRows()}); }

}  // namespace sextant::config
