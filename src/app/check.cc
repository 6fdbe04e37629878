#include <iostream>
#include <iterator>
#include <memory>
#include <utility>

#include "check_report.h"
#include "commands.h"
#include "sextant/base/file.h"
#include "sextant/config/check_flags.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/standalone.h"
#include "sextant/model/resource.h"
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

void CheckConfig(const std::string& name, const std::string& text,
                 const std::shared_ptr<const model::ResourceTable>& table,
                 config::Problems& problems) {
  const config::MetricsConfig parsed =
      config::ParseMetricsConfig(name, text, problems);
  rules::CompileRules(parsed, table, problems);
  rules::Lint(parsed, table, problems);
}

CheckedFile CheckFile(
    const std::string& file, std::string text,
    const std::shared_ptr<const model::ResourceTable>& table) {
  CheckedFile checked{file == "-" ? "stdin" : file, std::move(text), {}};
  const auto embedded = config::FindEmbeddedConfigs(checked.text);
  for (const config::EmbeddedConfig& inside : embedded) {
    CheckConfig(checked.name, inside.text, table, checked.problems);
  }
  if (embedded.empty()) {
    CheckConfig(checked.name, checked.text, table, checked.problems);
  }
  return checked;
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
  const auto table = ReadTable(flags->standalone_resources);
  if (!table) {
    streams.err << "sextant check: " << table.error().message << "\n";
    return ExitCode::kFailure;
  }
  std::vector<CheckedFile> files;
  bool wrong = false;
  for (const std::string& file : flags->files) {
    Result<std::string> text = ReadInput(file);
    if (!text) {
      streams.err << "sextant check: " << text.error().message << "\n";
      return ExitCode::kFailure;
    }
    files.push_back(CheckFile(file, *std::move(text), *table));
    wrong |= IsWrong(files.back(), flags->strict);
  }
  if (flags->json) {
    streams.out << CheckJson(files);
  } else {
    const ColorChoice choice =
        ParseColorChoice(flags->color).value_or(ColorChoice::kAuto);
    const Painter paint(WantsColor(choice, LookAt(streams.out)));
    streams.out << CheckText(files, paint);
  }
  return wrong ? ExitCode::kFailure : ExitCode::kOk;
}

}  // namespace sextant::app
