#pragma once

#include <string>

namespace sextant::promql {

// `pod=~"a|b"` of a selector.
struct Matcher {
  std::string label;
  std::string op;     // "=", "!=", "=~", "!~"
  std::string value;  // what the string stands for

  friend bool operator==(const Matcher&, const Matcher&) = default;
};

}  // namespace sextant::promql
