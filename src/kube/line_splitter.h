#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::kube {

// Makes lines of the pieces of a stream; a watch sends one event on each.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Hands each line that `piece` ends to `take`, without its newline.  Stops at
  // the first error of `take`; kTooLarge: a line is longer than `max_bytes`.
  Result<Done> Put(std::string_view piece,
                   const std::function<Result<Done>(std::string_view)>& take) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end);
      if (part.size() > max_bytes_ - line_.size()) {
        return Error{
            ErrorCode::kTooLarge,
            "an event is larger than " + std::to_string(max_bytes_) + " bytes",
            ""};
      }
      line_ += part;
      if (end == std::string_view::npos) return Done{};
      piece.remove_prefix(end + 1);
      // Empty again before `take` runs, which may be the end of everything.
      std::string line;
      line.swap(line_);
      if (line.empty()) continue;
      if (Result<Done> taken = take(line); !taken) return taken;
    }
    return Done{};
  }

 private:
  const std::size_t max_bytes_;
  std::string line_;
};

}  // namespace sextant::kube
