#include "usage.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sextant::query {
namespace {

std::string_view LabelOf(const model::Sample& sample,
                         const std::string& label) {
  const auto found = sample.labels.find(label);
  return found == sample.labels.end() ? std::string_view()
                                      : std::string_view(found->second);
}

// Whose sample it is; nothing, and why, if it is nobody's that was asked for.
std::optional<SampleState> WhyNobodys(
    const model::Sample& sample, const ObjectLabels& labels,
    const std::set<std::string_view>& wanted) {
  const std::string_view object = LabelOf(sample, labels.object);
  if (object.empty()) return SampleState::kNoLabel;
  if (wanted.count(object) == 0) return SampleState::kNotAskedFor;
  const std::string_view namespace_ = LabelOf(sample, labels.namespace_);
  if (!namespace_.empty() && !labels.wanted_namespace.empty() &&
      namespace_ != labels.wanted_namespace) {
    return SampleState::kOtherNamespace;
  }
  return std::nullopt;
}

}  // namespace

Verdict JudgeUsage(const model::Sample& sample) {
  const Verdict verdict = Judge(sample, config::NanPolicy::kZero);
  if (verdict.milli && sample.value < 0) {
    return {SampleState::kNegativeIsZero, 0};
  }
  return verdict;
}

void AddSamples(const std::vector<model::Sample>& samples, rules::Measured what,
                const MeasureLabels& labels,
                const std::vector<std::string>& wanted,
                SampleCounters& counters, bool& several, Measure& measure,
                std::vector<SampleState>* fates) {
  const std::set<std::string_view> names(wanted.begin(), wanted.end());
  const bool pods = what == rules::Measured::kPods;
  std::vector<SampleState> states;
  states.reserve(samples.size());
  // The place of the sample that counts.
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> seen;
  for (const model::Sample& sample : samples) {
    const std::optional<SampleState> nobodys =
        WhyNobodys(sample, labels.object, names);
    if (nobodys) {
      states.push_back(*nobodys);
      continue;
    }
    const std::string_view object = LabelOf(sample, labels.object.object);
    const std::string_view container =
        pods ? LabelOf(sample, labels.container) : std::string_view();
    const auto [counts, first] =
        seen.try_emplace({object, container}, states.size());
    several = several || !first;
    if (!first && !pods) {
      states.push_back(SampleState::kOverwritten);
      continue;
    }
    if (!first) {
      states[counts->second] = SampleState::kOverwritten;
      counts->second = states.size();
    }
    const Verdict verdict = JudgeUsage(sample);
    states.push_back(verdict.state);
    if (!verdict.milli) {
      measure[object].erase(container);
      continue;
    }
    measure[object][container] = {sample.time, *verdict.milli};
  }
  for (const SampleState state : states) counters.Count(state);
  if (fates != nullptr) {
    fates->insert(fates->end(), states.begin(), states.end());
  }
}

std::optional<ResourceUsage> Combine(const model::ObjectMetadata& object,
                                     const Measure& cpu,
                                     const Measure& memory) {
  const auto its_cpu = cpu.find(object.ref.name);
  const auto its_memory = memory.find(object.ref.name);
  if (its_cpu == cpu.end() || its_cpu->second.empty()) return std::nullopt;
  if (its_memory == memory.end() || its_memory->second.empty()) {
    return std::nullopt;
  }
  ResourceUsage usage;
  usage.object = object;
  usage.time = TimePoint::max();
  std::map<std::string_view, Usage> containers;
  for (const auto& [container, value] : its_cpu->second) {
    containers[container].cpu_milli = value.milli;
    usage.time = std::min(usage.time, value.time);
  }
  for (const auto& [container, value] : its_memory->second) {
    containers[container].memory_milli = value.milli;
    usage.time = std::min(usage.time, value.time);
  }
  for (auto& [name, one] : containers) {
    one.container = name;
    usage.usages.push_back(std::move(one));
  }
  return usage;
}

}  // namespace sextant::query
