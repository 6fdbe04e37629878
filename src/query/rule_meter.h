#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "sextant/base/clock.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/trace.h"
#include "value.h"

namespace sextant::query {

// What is counted of each rule.  `rule` is always its path, of which there are
// few: "rules[3]", "resourceRules.cpu".  Loop only.
class RuleMeter {
 public:
  // `metrics` must outlive this object.
  explicit RuleMeter(obs::Metrics& metrics) : metrics_(metrics) {}

  // A request for which the rule had a series ended so:
  // sextant_rule_requests_total{rule, outcome}.
  void Ended(const std::string& rule, Cause outcome);
  // With an answer of so many samples, which gave so many values.
  void Answered(const std::string& rule, std::size_t values,
                std::size_t samples);

  // A query of the rule has ended, well or badly, after this time at the
  // backend: sextant_rule_query_duration_seconds{rule}.
  void Queried(const std::string& rule, Duration took);

  // Where the samples of its answers are counted.  Good for the life of this
  // object.
  SampleCounters& Samples(const std::string& rule);

 private:
  obs::Metrics& metrics_;
  std::map<std::pair<std::string, Cause>, std::uint64_t*> endings_;
  std::map<std::string, obs::Histogram*> times_;
  std::map<std::string, SampleCounters> samples_;
};

}  // namespace sextant::query
