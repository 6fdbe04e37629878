// The one place where a sample becomes a value, or does not (decision 5 of
// docs/ARCHITECTURE.md).  With scale-to-zero on, a wrong number switches a
// workload off.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/model/sample.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/trace.h"
#include "sextant/rules/rule.h"

namespace sextant::query {

struct Verdict {
  SampleState state = SampleState::kValue;
  std::optional<std::int64_t> milli;
};

// What a sample is worth by itself.  Pure.
Verdict Judge(const model::Sample& sample, config::NanPolicy nan);

// The samples in answers to a rule's queries: sextant_rule_samples_total{rule,
// state}, every state from the first answer on.  Loop only.
class SampleCounters {
 public:
  // `rule` is its path: "rules[3]".
  SampleCounters(obs::Metrics& metrics, const std::string& rule);
  void Count(SampleState state);

 private:
  std::array<std::uint64_t*, 11> counters_;
};

struct Value {
  TimePoint time;
  std::int64_t milli = 0;
};

// Where the objects of an answer are named.
struct ObjectLabels {
  std::string object;      // label that holds the object's name
  std::string namespace_;  // label that holds its namespace; empty: none
  std::string wanted_namespace;
};

// The values of an answer by the object's name.  Of several samples for one
// object the last is taken, as prometheus-adapter does; `several` is then set.
// `fates`, if there is one, gets what became of each sample, in their order.
// The names are those in the samples, and end with them.
std::map<std::string_view, Value> ValuesByObject(
    const std::vector<const model::Sample*>& samples,
    const ObjectLabels& labels, const std::vector<std::string>& wanted,
    config::NanPolicy nan, SampleCounters& counters, bool& several,
    std::vector<SampleState>* fates = nullptr);

}  // namespace sextant::query
