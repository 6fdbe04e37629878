#include "stackdriver_selector.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::rules {
namespace {

using model::Requirement;
using Operator = Requirement::Operator;

constexpr std::string_view kReducer = "reducer";
constexpr std::string_view kResourceType = "resource.type";

// Keys, and how PromQL names the labels behind them.
struct Prefix {
  std::string_view key;
  std::string_view label;
  bool custom;  // also in the custom metrics API
};

constexpr std::array<Prefix, 4> kPrefixes = {{
    {"metric.labels.", "", true},
    {"resource.labels.", "", false},
    {"metadata.system_labels.", "metadata_system_", false},
    {"metadata.user_labels.", "metadata_user_", false},
}};

constexpr std::array<std::pair<std::string_view, Reducer>, 10> kReducers = {{
    {"REDUCE_MEAN", Reducer::kMean},
    {"REDUCE_MIN", Reducer::kMin},
    {"REDUCE_MAX", Reducer::kMax},
    {"REDUCE_SUM", Reducer::kSum},
    {"REDUCE_STDDEV", Reducer::kStddev},
    {"REDUCE_COUNT", Reducer::kCount},
    {"REDUCE_PERCENTILE_99", Reducer::kPercentile99},
    {"REDUCE_PERCENTILE_95", Reducer::kPercentile95},
    {"REDUCE_PERCENTILE_50", Reducer::kPercentile50},
    {"REDUCE_PERCENTILE_05", Reducer::kPercentile05},
}};

Error Refused(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), ""};
}

// Nothing: the key stands for no label that this API lets choose by.
std::optional<std::string> LabelOf(const std::string& key, StackdriverApi api) {
  if (key == kResourceType && api == StackdriverApi::kServices) {
    return kResourceTypeLabel;
  }
  for (const Prefix& prefix : kPrefixes) {
    if (!key.starts_with(prefix.key)) continue;
    if (api == StackdriverApi::kCustom && !prefix.custom) return std::nullopt;
    const std::string_view name =
        std::string_view(key).substr(prefix.key.size());
    if (name.empty()) return std::nullopt;
    return std::string(prefix.label) + std::string(name);
  }
  return std::nullopt;
}

Result<std::optional<Reducer>> ReadReducer(const Requirement& requirement) {
  if (requirement.op != Operator::kEquals) {
    return Refused(
        "reducer can only be given with =, as in "
        "reducer=REDUCE_SUM");
  }
  const std::string& name = requirement.values.front();
  if (name == "REDUCE_NONE") return std::optional<Reducer>();
  std::string known = "REDUCE_NONE";
  for (const auto& [text, reducer] : kReducers) {
    if (text == name) return std::optional<Reducer>(reducer);
    known += ", " + std::string(text);
  }
  // Those of truth values too: no series of Prometheus has any.
  return Refused("reducer " + GoQuote(name) + " is not supported; there are " +
                 known);
}

// All series have one type, and only Google's servers know a label for it.
Result<Done> CheckResourceType(const Requirement& requirement) {
  const std::string type = kPrometheusTarget;
  if (requirement.Fits(&type)) return Done{};
  return Refused(
      "resource.type: metrics of prometheus.googleapis.com have the "
      "type prometheus_target, which the selector leaves out");
}

Result<Done> CheckOperator(const Requirement& requirement) {
  switch (requirement.op) {
    case Operator::kEquals:
    case Operator::kNotEquals:
    case Operator::kIn:
    case Operator::kNotIn:
    case Operator::kExists:
      return Done{};
    case Operator::kNotExists:
      return Refused("operator DoesNotExist is not supported: " +
                     requirement.key);
    case Operator::kGreater:
    case Operator::kLess:
      break;
  }
  return Refused(
      "operators > and < are not supported, since PromQL compares "
      "no labels: " +
      requirement.key);
}

}  // namespace

Result<StackdriverConditions> ReadStackdriverSelector(
    const model::Selector& selector, StackdriverApi api) {
  StackdriverConditions conditions;
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.key == kReducer) {
      Result<std::optional<Reducer>> reducer = ReadReducer(requirement);
      if (!reducer) return std::move(reducer).error();
      conditions.reducer = *reducer;
      continue;
    }
    const bool is_type =
        api == StackdriverApi::kExternal && requirement.key == kResourceType;
    std::optional<std::string> label = LabelOf(requirement.key, api);
    if (!label && !is_type) {
      return Refused("Metric label: " + GoQuote(requirement.key) +
                     " is not allowed");
    }
    if (Result<Done> known = CheckOperator(requirement); !known)
      return known.error();
    if (is_type) {
      const Result<Done> fits = CheckResourceType(requirement);
      if (!fits) return fits.error();
      continue;
    }
    Requirement mapped = requirement;
    mapped.key = *std::move(label);
    conditions.requirements.push_back(std::move(mapped));
  }
  return conditions;
}

}  // namespace sextant::rules
