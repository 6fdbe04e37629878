#pragma once

#include <string>
#include <utility>

#include "sextant/config/problem.h"

namespace sextant::rules {

// Reports problems of one part of the file: "config.yaml", "rules[3]".
class FieldReporter {
 public:
  // All of them must outlive it.
  FieldReporter(const std::string& file, const std::string& path,
                config::Problems& problems)
      : file_(file), path_(path), problems_(problems) {}

  // `field` is below the path, "name.as"; empty for the part itself.
  void Error(config::Position at, const std::string& field, std::string message,
             std::string advice = {}) const {
    problems_.Error(file_, at, FieldPath(field), std::move(message),
                    std::move(advice));
  }
  // Is the naming of something that is not there no mistake?
  bool MayCome() const {
    return problems_.missing() == config::Problems::Missing::kMayCome;
  }
  // `id` is the finding's in docs/LINT.md.
  void Warning(config::Position at, const std::string& field, std::string id,
               std::string message, std::string advice = {}) const {
    problems_.Add({config::Problem::Severity::kWarning, file_, at,
                   FieldPath(field), std::move(message), std::move(advice),
                   std::move(id)});
  }
  void Note(config::Position at, const std::string& field, std::string id,
            std::string message, std::string advice = {}) const {
    problems_.Add({config::Problem::Severity::kNote, file_, at,
                   FieldPath(field), std::move(message), std::move(advice),
                   std::move(id)});
  }

 private:
  std::string FieldPath(const std::string& field) const {
    return field.empty() ? path_ : path_ + "." + field;
  }

  const std::string& file_;
  const std::string& path_;
  config::Problems& problems_;
};

}  // namespace sextant::rules
