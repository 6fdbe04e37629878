#pragma once

#include <set>
#include <string>
#include <utility>

namespace sextant::promql {

// The labels that samples can carry: these, or all but these.
class LabelSet {
 public:
  static LabelSet All() { return {{}, true}; }
  static LabelSet Only(std::set<std::string> names) {
    return {std::move(names), false};
  }

  bool Has(const std::string& label) const {
    return (names_.count(label) > 0) != all_but_;
  }
  bool empty() const { return names_.empty() && !all_but_; }

  LabelSet With(const LabelSet& other) const;    // either
  LabelSet Within(const LabelSet& other) const;  // both
  LabelSet Without(const std::set<std::string>& names) const;

 private:
  LabelSet(std::set<std::string> names, bool all_but)
      : names_(std::move(names)), all_but_(all_but) {}

  std::set<std::string> names_;
  bool all_but_;
};

}  // namespace sextant::promql
