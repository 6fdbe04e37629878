#pragma once

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
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;
  Position at;
  std::string field;    // "rules[3].name.as"; empty: the file as a whole
  std::string message;  // what is wrong
  std::string advice;   // what to write instead; may be empty

  // "config.yaml:12:5: rules[3].name.as: what is wrong; what to do"
  std::string ToString() const;
};

// All of them at once: nobody likes to mend a file one mistake at a time.  Of a
// file that is wrong throughout the first hundred errors and the first hundred
// warnings are kept, the rest is counted.
class Problems {
 public:
  void Error(std::string file, Position at, std::string field,
             std::string message, std::string advice = {});
  void Warning(std::string file, Position at, std::string field,
               std::string message, std::string advice = {});

  bool HasErrors() const { return errors_ > 0; }
  const std::vector<Problem>& all() const { return problems_; }

  // The errors, one a line, in the order of the file.
  std::string ErrorText() const;

 private:
  static constexpr std::size_t kMost = 100;  // of each severity

  void Add(Problem problem);

  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace sextant::config
