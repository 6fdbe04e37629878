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
  if (!field.empty()) text += field + ": ";
  text += message;
  if (!advice.empty()) text += "; " + advice;
  return text;
}

void Problems::Error(std::string file, Position at, std::string field,
                     std::string message, std::string advice) {
  Add({Problem::Severity::kError, std::move(file), at, std::move(field),
       std::move(message), std::move(advice)});
}

void Problems::Warning(std::string file, Position at, std::string field,
                       std::string message, std::string advice) {
  Add({Problem::Severity::kWarning, std::move(file), at, std::move(field),
       std::move(message), std::move(advice)});
}

void Problems::Add(Problem problem) {
  std::size_t& count =
      problem.severity == Problem::Severity::kError ? errors_ : warnings_;
  ++count;
  if (count > kMost) return;
  problems_.push_back(std::move(problem));
}

std::string Problems::ErrorText() const {
  std::vector<const Problem*> errors;
  for (const Problem& problem : problems_) {
    if (problem.severity == Problem::Severity::kError) {
      errors.push_back(&problem);
    }
  }
  // Problems arrive by module: what `rules` finds comes after what the reader
  // found, wherever it stands in the file.
  std::stable_sort(errors.begin(), errors.end(),
                   [](const Problem* a, const Problem* b) {
                     return std::tie(a->at.line, a->at.column) <
                            std::tie(b->at.line, b->at.column);
                   });
  std::string text;
  for (const Problem* error : errors) {
    if (!text.empty()) text += "\n";
    text += error->ToString();
  }
  if (errors_ > kMost) {
    text += "\nand " + std::to_string(errors_ - kMost) + " more";
  }
  return text;
}

}  // namespace sextant::config
