#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace sextant::config {

// A place in a file; both count from 1, 0 means unknown.
struct Position {
  int line = 0;
  int column = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

// A value as the file has it, and where.
template <typename T>
struct Located {
  T value{};
  Position at;
};

// Something wrong, or doubtful, in a file that the user wrote.
struct Problem {
  // kError: it cannot be used.  kWarning: it does not do what was meant, most
  // likely.  kNote: worth a look; said by `sextant check` only.
  enum class Severity { kError, kWarning, kNote };
  Severity severity = Severity::kError;
  std::string file;
  Position at;
  std::string field;    // "rules[3].name.as"; empty: the file as a whole
  std::string message;  // what is wrong
  std::string advice;   // what to write instead; may be empty
  // For programs, and to find it in docs/LINT.md: "no-group-by".  Errors, which
  // are about the form of the file, have none.
  std::string id;

  // "config.yaml:12:5: rules[3].name.as: what is wrong; what to do"
  std::string ToString() const;
};

// All of them at once: nobody likes to mend a file one mistake at a time.  Of a
// file that is wrong throughout the first hundred of each severity are kept,
// the rest is counted.
class Problems {
 public:
  // What the naming of something that is not there is: a mistake, or, in a
  // cluster that may get it later, a warning.
  enum class Missing { kIsAMistake, kMayCome };

  Problems() = default;
  explicit Problems(Missing missing) : missing_(missing) {}

  Missing missing() const { return missing_; }

  void Error(std::string file, Position at, std::string field,
             std::string message, std::string advice = {});
  void Warning(std::string file, Position at, std::string field,
               std::string message, std::string advice = {});
  void Add(Problem problem);

  bool HasErrors() const { return Count(Problem::Severity::kError) > 0; }
  // Those that are not kept included.
  std::size_t Count(Problem::Severity severity) const {
    return counts_[static_cast<std::size_t>(severity)];
  }
  const std::vector<Problem>& all() const { return problems_; }
  // The same in the order of the file.
  std::vector<Problem> Sorted() const;

  // The errors, one a line, in the order of the file.
  std::string ErrorText() const;

 private:
  static constexpr std::size_t kMost = 100;  // of each severity

  Missing missing_ = Missing::kIsAMistake;
  std::vector<Problem> problems_;
  std::array<std::size_t, 3> counts_{};  // by severity
};

}  // namespace sextant::config
