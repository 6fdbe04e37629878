#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>
#include <utility>

#include "backend_set.h"
#include "check_report.h"
#include "command_loop.h"
#include "commands.h"
#include "findings.h"
#include "findings_report.h"
#include "sextant/base/file.h"
#include "sextant/config/check_flags.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/standalone.h"
#include "sextant/model/resource.h"
#include "sextant/obs/log.h"
#include "sextant/obs/metrics.h"
#include "sextant/rules/lint.h"
#include "sextant/rules/rule_set.h"
#include "terminal.h"

namespace sextant::app {
namespace {

constexpr std::size_t kMaxBytes = 8 * 1024 * 1024;

Result<std::string> ReadInput(const std::string& file) {
  if (file != "-") return ReadFile(file, kMaxBytes);
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  if (text.size() <= kMaxBytes) return text;
  return Error{ErrorCode::kTooLarge, "standard input is larger than 8 MiB", {}};
}

Result<std::shared_ptr<const model::ResourceTable>> ReadTable(
    const std::string& file) {
  model::ResourceTable table = model::ResourceTable::BuiltIn();
  if (!file.empty()) {
    Result<std::string> text = ReadFile(file, kMaxBytes);
    if (!text) return std::move(text).error().Within("--standalone-resources");
    auto more = config::ParseStandaloneResources(file, *text);
    if (!more) return std::move(more).error();
    table = table.With(*std::move(more));
  }
  return std::make_shared<const model::ResourceTable>(std::move(table));
}

// A file, and what the backend can be asked about if it has no errors.
struct ReadFileOfRules {
  struct Compiled {
    config::MetricsConfig config;
    std::shared_ptr<const rules::RuleSet> rules;
  };
  CheckedFile checked;
  std::vector<Compiled> compiled;
};

ReadFileOfRules::Compiled CheckConfig(
    const std::string& name, const std::string& text,
    const std::shared_ptr<const model::ResourceTable>& table,
    config::Problems& problems) {
  config::MetricsConfig parsed =
      config::ParseMetricsConfig(name, text, problems);
  auto rules = rules::CompileRules(parsed, table, problems);
  rules::Lint(parsed, table, problems);
  return {std::move(parsed), std::move(rules)};
}

ReadFileOfRules CheckFile(
    const std::string& file, std::string text,
    const std::shared_ptr<const model::ResourceTable>& table,
    config::Problems::Missing missing) {
  ReadFileOfRules read;
  read.checked.problems = config::Problems(missing);
  read.checked.name = file == "-" ? "stdin" : file;
  read.checked.text = std::move(text);
  CheckedFile& checked = read.checked;
  const auto embedded = config::FindEmbeddedConfigs(checked.text);
  for (const config::EmbeddedConfig& inside : embedded) {
    read.compiled.push_back(
        CheckConfig(checked.name, inside.text, table, checked.problems));
  }
  if (embedded.empty()) {
    read.compiled.push_back(
        CheckConfig(checked.name, checked.text, table, checked.problems));
  }
  for (const ReadFileOfRules::Compiled& part : read.compiled) {
    checked.stackdriver |= part.config.stackdriver.has_value();
  }
  return read;
}

Result<std::vector<ReadFileOfRules>> CheckFiles(
    const config::CheckFlags& flags) {
  const auto table = ReadTable(flags.standalone_resources);
  if (!table) return table.error();
  const auto missing = flags.for_cluster
                           ? config::Problems::Missing::kMayCome
                           : config::Problems::Missing::kIsAMistake;
  std::vector<ReadFileOfRules> files;
  for (const std::string& file : flags.files) {
    Result<std::string> text = ReadInput(file);
    if (!text) return std::move(text).error();
    files.push_back(CheckFile(file, *std::move(text), *table, missing));
  }
  return files;
}

Task<void> Ask(RuleProbe& probe, std::vector<RuleFinding>& findings) {
  findings = co_await probe.Run();
}

// Asks the backend about every file without errors, and says what it is taken
// for.  False if the user broke it off.
Result<bool> AskBackend(const config::CheckFlags& flags,
                        std::vector<ReadFileOfRules>& files,
                        AskedBackend& asked, std::ostream& err) {
  // What the log would say, the report says.
  obs::SetLevel(obs::Level::kError);
  CommandLoop loop(err);
  for (auto& [checked, compiled] : files) {
    if (checked.problems.HasErrors()) continue;
    std::vector<RuleFinding>& all = checked.findings.emplace();
    for (const ReadFileOfRules::Compiled& part : compiled) {
      obs::Metrics metrics;
      const auto backends =
          BackendSet::Build(*flags.backend, part.config.backends,
                            EnvironmentVariable, loop.clock(), metrics);
      if (!backends) return backends.error();
      RuleProbe probe({flags.max_age, config::kLongestBackendTimeout},
                      part.rules, (*backends)->backends(), loop.clock());
      std::vector<RuleFinding> findings;
      const auto doing = [&probe, &backends] {
        return "asking " + (*backends)->InWords() + ": " + probe.Progress();
      };
      if (!loop.Run(doing, Ask(probe, findings))) return false;
      backend::Recognition taken =
          (*backends)->backends().Of(config::kDefaultBackend).recognised();
      if (!taken.why.empty()) asked = std::move(taken);
      AddProblems(findings, part.config, checked.problems);
      std::move(findings.begin(), findings.end(), std::back_inserter(all));
    }
  }
  return true;
}

bool IsWrong(const CheckedFile& file, bool strict) {
  using Severity = config::Problem::Severity;
  return file.problems.HasErrors() ||
         (strict && file.problems.Count(Severity::kWarning) > 0);
}

}  // namespace

ExitCode RunCheck(std::span<const std::string> arguments, Streams streams) {
  const Result<config::CheckFlags> flags = config::ParseCheckFlags(arguments);
  if (!flags) {
    streams.err << "sextant check: " << flags.error().message
                << "\nTry \"sextant check --help\".\n";
    return ExitCode::kUsage;
  }
  if (flags->help) {
    streams.out << config::CheckHelpText();
    return ExitCode::kOk;
  }
  for (const std::string& warning : flags->warnings) {
    streams.err << "sextant check: warning: " << warning << "\n";
  }
  const auto fail = [&streams](const Error& error) {
    streams.err << "sextant check: " << error.message << "\n";
    return ExitCode::kFailure;
  };
  Result<std::vector<ReadFileOfRules>> read = CheckFiles(*flags);
  if (!read) return fail(read.error());
  AskedBackend backend;
  if (flags->backend) {
    const Result<bool> asked = AskBackend(*flags, *read, backend, streams.err);
    if (!asked) return fail(asked.error());
    if (!*asked) {
      streams.err << "sextant check: broken off\n";
      return ExitCode::kInterrupted;
    }
  }
  std::vector<CheckedFile> files;
  bool wrong = false;
  for (ReadFileOfRules& file : *read) {
    wrong |= IsWrong(file.checked, flags->strict);
    files.push_back(std::move(file.checked));
  }
  if (flags->json) {
    streams.out << CheckJson(files, backend);
  } else {
    const ColorChoice choice =
        ParseColorChoice(flags->color).value_or(ColorChoice::kAuto);
    const Painter paint(WantsColor(choice, LookAt(streams.out)));
    streams.out << CheckText(files, backend, paint);
  }
  return wrong ? ExitCode::kFailure : ExitCode::kOk;
}

}  // namespace sextant::app
