#include "sextant/app/command.h"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "sextant/app/version.h"
#include "sextant/base/text.h"
#include "sextant/config/flags.h"

namespace sextant::app {
namespace {

using Arguments = std::span<const std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;
  ExitCode (*run)(Arguments arguments, Streams streams);
};

constexpr Command kCommands[] = {
    {"serve", "answer the metrics APIs until stopped", RunServe},
    {"check", "say what is wrong or doubtful in files of rules", RunCheck},
    {"explain", "say why a metric has its value, or none", RunExplain},
    {"version", "print the program's version and its libraries'", RunVersion},
};

void PrintUsage(std::ostream& out) {
  out << "sextant answers Kubernetes' custom, external and resource metrics "
         "APIs "
         "from Prometheus.\n\n"
         "Usage:\n  sextant COMMAND [FLAGS]\n\nCommands:\n";
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(10 - command.name.size(), ' ')
        << command.summary << "\n";
  }
  out << "\nFlags without a command mean serve.  \"sextant COMMAND --help\" "
         "says more.\n";
}

ExitCode UnknownCommand(const std::string& name, Streams streams) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  streams.err << "sextant: unknown command \"" << name << "\"";
  if (const auto near = NearestWord(name, names)) {
    streams.err << "; did you mean \"" << *near << "\"?";
  }
  streams.err << "\nTry \"sextant --help\".\n";
  return ExitCode::kUsage;
}

}  // namespace

ExitCode RunProgram(Arguments arguments, Streams streams) {
  if (arguments.empty()) {
    PrintUsage(streams.err);
    return ExitCode::kUsage;
  }
  const std::string& first = arguments.front();
  const bool asks_for_help = first == "--help" || first == "-h";
  if (first == "help" || (asks_for_help && arguments.size() == 1)) {
    PrintUsage(streams.out);
    return ExitCode::kOk;
  }
  if (first == "--version") {
    streams.out << "sextant " << kVersion << "\n";
    return ExitCode::kOk;
  }
  // A container of prometheus-adapter may begin with the program's path.
  if (first.starts_with("-") || config::IsProgramPath(first)) {
    return RunServe(arguments, streams);
  }
  for (const Command& command : kCommands) {
    if (command.name == first) {
      return command.run(arguments.subspan(1), streams);
    }
  }
  return UnknownCommand(first, streams);
}

}  // namespace sextant::app
