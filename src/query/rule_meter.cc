#include "rule_meter.h"

#include <chrono>

namespace sextant::query {

void RuleMeter::Ended(const std::string& rule, Cause outcome) {
  std::uint64_t*& counter = endings_[{rule, outcome}];
  if (counter == nullptr) {
    counter = &metrics_.Counter(
        "sextant_rule_requests_total",
        "Requests for which a rule had a series, by how they ended.",
        {{"rule", rule}, {"outcome", NameOf(outcome)}});
  }
  ++*counter;
}

void RuleMeter::Answered(const std::string& rule, std::size_t values,
                         std::size_t samples) {
  if (values > 0) return Ended(rule, Cause::kValue);
  Ended(rule, samples == 0 ? Cause::kNoSample : Cause::kNoValue);
}

void RuleMeter::Queried(const std::string& rule, Duration took) {
  obs::Histogram*& times = times_[rule];
  if (times == nullptr) {
    // Few, since there may be hundreds of rules.
    times = &metrics_.Histogram(
        "sextant_rule_query_duration_seconds",
        "How long queries of a rule took at the backend, failures included.",
        {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
        {{"rule", rule}});
  }
  times->Observe(std::chrono::duration<double>(took).count());
}

SampleCounters& RuleMeter::Samples(const std::string& rule) {
  return samples_.try_emplace(rule, metrics_, rule).first->second;
}

}  // namespace sextant::query
