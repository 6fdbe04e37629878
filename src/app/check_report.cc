#include "check_report.h"

#include <nlohmann/json.hpp>

#include "findings_report.h"
#include "sextant/base/text.h"

namespace sextant::app {
namespace {

using Severity = config::Problem::Severity;

// Of longer lines, in which nobody finds a mark, only the message is shown.
constexpr std::size_t kLongestLine = 200;

std::string Word(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      break;
  }
  return "note";
}

std::string Painted(Severity severity, const Painter& paint) {
  const std::string word = Word(severity) + ":";
  if (severity == Severity::kError) return paint.Red(word);
  if (severity == Severity::kWarning) return paint.Yellow(word);
  return paint.Cyan(word);
}

std::string Excerpt(const std::vector<std::string>& lines, config::Position at,
                    const Painter& paint) {
  const auto index = static_cast<std::size_t>(at.line) - 1;
  if (at.line < 1 || at.column < 1 || index >= lines.size()) return "";
  const std::string& line = lines[index];
  const auto column = static_cast<std::size_t>(at.column) - 1;
  if (line.size() > kLongestLine || column > line.size()) return "";
  // A tab stays one, so that the mark stands below what it marks.
  std::string mark;
  for (std::size_t i = 0; i < column; ++i) {
    const bool follows = (static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80U;
    if (!follows) mark += line[i] == '\t' ? '\t' : ' ';
  }
  std::string shown;
  for (const char c : line) {
    const bool control = static_cast<unsigned char>(c) < ' ' && c != '\t';
    shown += control ? ' ' : c;
  }
  return "  " + shown + "\n  " + mark + paint.Green("^") + "\n";
}

std::string ProblemText(const config::Problem& problem,
                        const std::vector<std::string>& lines,
                        const Painter& paint) {
  std::string place = problem.file;
  if (problem.at.line > 0) {
    place += ":" + std::to_string(problem.at.line);
    if (problem.at.column > 0) place += ":" + std::to_string(problem.at.column);
  }
  std::string text =
      paint.Bold(place + ":") + " " + Painted(problem.severity, paint) + " ";
  if (!problem.field.empty()) text += problem.field + ": ";
  text += Harmless(problem.message);
  if (!problem.advice.empty()) text += "; " + Harmless(problem.advice);
  if (!problem.id.empty()) text += " " + paint.Dim("[" + problem.id + "]");
  return text + "\n" + Excerpt(lines, problem.at, paint);
}

std::size_t CountAll(const std::vector<CheckedFile>& files, Severity severity) {
  std::size_t count = 0;
  for (const CheckedFile& file : files) count += file.problems.Count(severity);
  return count;
}

std::string Several(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace

std::string CheckText(const std::vector<CheckedFile>& files,
                      const AskedBackend& asked, const Painter& paint) {
  std::string text;
  std::size_t shown = 0;
  for (const CheckedFile& file : files) {
    const std::vector<std::string> lines = Split(file.text, '\n');
    for (const config::Problem& problem : file.problems.Sorted()) {
      text += ProblemText(problem, lines, paint);
      ++shown;
    }
  }
  const std::size_t errors = CountAll(files, Severity::kError);
  const std::size_t warnings = CountAll(files, Severity::kWarning);
  const std::size_t notes = CountAll(files, Severity::kNote);
  if (errors + warnings + notes > shown) {
    text +=
        "and " + std::to_string(errors + warnings + notes - shown) + " more\n";
  }
  if (asked) {
    text += "The backend is taken for " + std::string(asked->dialect->title) +
            ", as " + Harmless(asked->why) + ".\n";
  }
  for (const CheckedFile& file : files) {
    if (!file.findings) continue;
    text += paint.Bold("What the rules of " + file.name + " find now:") + "\n" +
            FindingsText(*file.findings, paint);
    if (!file.stackdriver) continue;
    text += "  " + paint.Bold("stackdriver") +
            "  every series, as prometheus.googleapis.com|NAME|KIND\n";
  }
  return text + Several(files.size(), "file") + ": " +
         Several(errors, "error") + ", " + Several(warnings, "warning") + ", " +
         Several(notes, "note") + "\n";
}

std::string CheckJson(const std::vector<CheckedFile>& files,
                      const AskedBackend& asked) {
  using Json = nlohmann::ordered_json;
  Json document;
  if (asked) {
    document["backend"] = {{"dialect", asked->dialect->name},
                           {"title", asked->dialect->title},
                           {"why", asked->why}};
  }
  document["files"] = Json::array();
  for (const CheckedFile& file : files) {
    Json problems = Json::array();
    for (const config::Problem& problem : file.problems.Sorted()) {
      problems.push_back({{"severity", Word(problem.severity)},
                          {"id", problem.id},
                          {"line", problem.at.line},
                          {"column", problem.at.column},
                          {"field", problem.field},
                          {"message", problem.message},
                          {"advice", problem.advice}});
    }
    Json entry = {{"file", file.name}, {"problems", std::move(problems)}};
    if (file.findings) entry["rules"] = FindingsJson(*file.findings);
    if (file.stackdriver) entry["stackdriver"] = true;
    document["files"].push_back(std::move(entry));
  }
  document["errors"] = CountAll(files, Severity::kError);
  document["warnings"] = CountAll(files, Severity::kWarning);
  document["notes"] = CountAll(files, Severity::kNote);
  // The file may hold bytes that are not UTF-8, and messages quote it.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sextant::app
