#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "sextant/obs/metrics.h"
#include "sextant/query/trace.h"

namespace sextant::query {

// How the requests ended for which a rule had a series:
// sextant_rule_requests_total{rule, outcome}, the outcome in the words of
// Cause.  Loop only.
class RuleOutcomes {
 public:
  // `metrics` must outlive this object.
  explicit RuleOutcomes(obs::Metrics& metrics) : metrics_(metrics) {}

  // `rule` is its path, of which there are few: "rules[3]".
  void Count(const std::string& rule, Cause outcome);

 private:
  obs::Metrics& metrics_;
  std::map<std::pair<std::string, Cause>, std::uint64_t*> counters_;
};

}  // namespace sextant::query
