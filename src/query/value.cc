#include "value.h"

#include <cmath>
#include <set>

#include "sextant/model/quantity.h"

namespace sextant::query {
namespace {

// In the order of SampleState.
constexpr std::array<const char*, 11> kStateNames = {
    "value",         "nan_is_zero",     "nan",
    "infinite",      "overflow",        "histogram",
    "no_label",      "other_namespace", "overwritten",
    "not_asked_for", "negative_is_zero"};

}  // namespace

const char* NameOf(SampleState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

Verdict Judge(const model::Sample& sample, config::NanPolicy nan) {
  if (sample.native_histogram) return {SampleState::kHistogram, std::nullopt};
  if (std::isnan(sample.value)) {
    if (nan == config::NanPolicy::kNone) {
      return {SampleState::kNan, std::nullopt};
    }
    return {SampleState::kNanIsZero, 0};
  }
  if (std::isinf(sample.value)) return {SampleState::kInfinite, std::nullopt};
  const std::optional<std::int64_t> milli = model::ToMilli(sample.value);
  return {milli ? SampleState::kValue : SampleState::kOverflow, milli};
}

SampleCounters::SampleCounters(obs::Metrics& metrics, const std::string& rule) {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    counters_[i] = &metrics.Counter(
        "sextant_rule_samples_total",
        "Samples in answers to a rule's queries, by what became of them.",
        {{"rule", rule}, {"state", kStateNames[i]}});
  }
}

void SampleCounters::Count(SampleState state) {
  ++*counters_[static_cast<std::size_t>(state)];
}

std::map<std::string_view, Value> ValuesByObject(
    const std::vector<const model::Sample*>& samples,
    const ObjectLabels& labels, const std::vector<std::string>& wanted,
    config::NanPolicy nan, SampleCounters& counters, bool& several,
    std::vector<SampleState>* fates) {
  const auto note = [&](std::size_t sample, SampleState state) {
    counters.Count(state);
    if (fates == nullptr) return;
    fates->resize(samples.size());
    (*fates)[sample] = state;
  };
  // The last sample of each wanted object.
  std::map<std::string_view, std::size_t> last;
  const std::set<std::string_view> names(wanted.begin(), wanted.end());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const model::Labels& its_labels = samples[i]->labels;
    const auto object = its_labels.find(labels.object);
    if (object == its_labels.end() || object->second.empty()) {
      note(i, SampleState::kNoLabel);
      continue;
    }
    // Queries without matchers answer for the whole cluster.
    if (names.count(object->second) == 0) {
      note(i, SampleState::kNotAskedFor);
      continue;
    }
    // Objects of one name in two namespaces are two objects.
    const auto its_namespace = its_labels.find(labels.namespace_);
    if (its_namespace != its_labels.end() && !labels.wanted_namespace.empty() &&
        its_namespace->second != labels.wanted_namespace) {
      note(i, SampleState::kOtherNamespace);
      continue;
    }
    const auto [place, is_first] = last.emplace(object->second, i);
    if (is_first) continue;
    note(place->second, SampleState::kOverwritten);
    several = true;
    place->second = i;
  }
  std::map<std::string_view, Value> values;
  for (const auto& [name, i] : last) {
    const Verdict verdict = Judge(*samples[i], nan);
    note(i, verdict.state);
    if (verdict.milli) values[name] = {samples[i]->time, *verdict.milli};
  }
  return values;
}

}  // namespace sextant::query
