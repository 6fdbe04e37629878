#include "file_reports.h"

#include <utility>

#include "sextant/base/text.h"
#include "sextant/obs/log.h"

namespace sextant::app {

// Sets, as kinds come and go.
FileReports::FileReports(Clock& clock, obs::Metrics& metrics)
    : clock_(clock), metrics_(metrics) {
  const auto of_kinds = [this](double (*read)(const Kind&)) {
    return [this, read] {
      obs::Metrics::LabelledValues values;
      for (const auto& [name, kind] : kinds_) {
        values.push_back({{{"kind", name}}, read(kind)});
      }
      return values;
    };
  };
  metrics.GaugeSet("sextant_file_reload_failed",
                   "Are the files of this kind unusable as they are now?",
                   of_kinds([](const Kind& kind) {
                     return kind.problems.empty() ? 0.0 : 1.0;
                   }));
  metrics.GaugeSet("sextant_file_reload_last_success_timestamp_seconds",
                   "When files of this kind were last taken over.",
                   of_kinds([](const Kind& kind) {
                     return static_cast<double>(
                                kind.last_success.time_since_epoch().count()) /
                            1000;
                   }));
}

void FileReports::Add(const std::string& name) {
  Kind& kind = kinds_[name];
  kind.last_success = clock_.Now();
  kind.errors = &metrics_.Counter(
      "sextant_file_reload_errors_total",
      "Changed files that could not be used, by kind.", {{"kind", name}});
}

void FileReports::Failed(const std::string& name, const Error& error,
                         bool say_it_again) {
  const auto found = kinds_.find(name);
  if (found == kinds_.end()) return;
  Kind& kind = found->second;
  std::vector<std::string> problems = Split(error.message, '\n');
  if (problems == kind.problems && !say_it_again) return;
  kind.problems = std::move(problems);
  ++*kind.errors;
  for (const std::string& problem : kind.problems) {
    obs::Warn("the last good file is kept, the new one cannot be used",
              {{"kind", name}, {"problem", problem}});
  }
}

bool FileReports::Succeeded(const std::string& name, bool news) {
  const auto found = kinds_.find(name);
  if (found == kinds_.end()) return false;
  Kind& kind = found->second;
  const bool mended = !kind.problems.empty();
  kind.problems.clear();
  if (!news && !mended) return false;
  kind.last_success = clock_.Now();
  return true;
}

std::vector<std::string> FileReports::Notes() const {
  std::vector<std::string> notes;
  for (const auto& [name, kind] : kinds_) {
    for (const std::string& problem : kind.problems) {
      notes.push_back("[-]" + name +
                      " kept, the file cannot be used: " + problem);
    }
  }
  return notes;
}

}  // namespace sextant::app
