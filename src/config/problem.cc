#include "sextant/config/problem.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sextant::config {

std::string Problem::ToString() const {
  std::string text = file;
  if (at.line > 0) {
    text += ":" + std::to_string(at.line);
    if (at.column > 0) text += ":" + std::to_string(at.column);
  }
  if (!text.empty()) text += ": ";
  if (severity == Severity::kWarning) text += "warning: ";
  if (severity == Severity::kNote) text += "note: ";
  if (!field.empty()) text += field + ": ";
  text += message;
  if (!advice.empty()) text += "; " + advice;
  return text;
}

void Problems::Error(std::string file, Position at, std::string field,
                     std::string message, std::string advice) {
  Add({Problem::Severity::kError, std::move(file), at, std::move(field),
       std::move(message), std::move(advice), ""});
}

void Problems::Warning(std::string file, Position at, std::string field,
                       std::string message, std::string advice) {
  Add({Problem::Severity::kWarning, std::move(file), at, std::move(field),
       std::move(message), std::move(advice), ""});
}

void Problems::Add(Problem problem) {
  std::size_t& count = counts_[static_cast<std::size_t>(problem.severity)];
  if (++count > kMost) return;
  problems_.push_back(std::move(problem));
}

std::vector<Problem> Problems::Sorted() const {
  // Problems arrive by module: what `rules` finds comes after what the reader
  // found, wherever it stands in the file.
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) {
                     return std::tie(a.at.line, a.at.column) <
                            std::tie(b.at.line, b.at.column);
                   });
  return sorted;
}

std::string Problems::ErrorText() const {
  std::string text;
  for (const Problem& problem : Sorted()) {
    if (problem.severity != Problem::Severity::kError) continue;
    if (!text.empty()) text += "\n";
    text += problem.ToString();
  }
  const std::size_t errors = Count(Problem::Severity::kError);
  if (errors > kMost) {
    text += "\nand " + std::to_string(errors - kMost) + " more";
  }
  return text;
}

}  // namespace sextant::config
