#include "rule_outcomes.h"

namespace sextant::query {

void RuleOutcomes::Count(const std::string& rule, Cause outcome) {
  std::uint64_t*& counter = counters_[{rule, outcome}];
  if (counter == nullptr) {
    counter = &metrics_.Counter(
        "sextant_rule_requests_total",
        "Requests for which a rule had a series, by how they ended.",
        {{"rule", rule}, {"outcome", NameOf(outcome)}});
  }
  ++*counter;
}

}  // namespace sextant::query
