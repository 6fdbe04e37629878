#include "plan.h"

#include <utility>

#include "sextant/promql/split.h"

namespace sextant::query {
namespace {

// Halves the names until the texts fit; queries come out in the names' order.
Result<std::vector<std::string>> Split(const QueryOfNames& build,
                                       const std::vector<std::string>& names,
                                       std::size_t max_bytes) {
  std::vector<std::string> queries;
  std::vector<std::vector<std::string>> to_do = {names};  // last first
  while (!to_do.empty()) {
    const std::vector<std::string> part = std::move(to_do.back());
    to_do.pop_back();
    Result<std::string> query = build(part);
    if (!query) return std::move(query).error();
    if (query->size() <= max_bytes || part.size() < 2) {
      queries.push_back(std::move(*query));
      continue;
    }
    const auto middle =
        part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
    to_do.emplace_back(middle, part.end());
    to_do.emplace_back(part.begin(), middle);
  }
  return queries;
}

}  // namespace

Result<std::vector<std::string>> PlanQueries(
    const QueryOfNames& build, const std::vector<std::string>& names,
    const std::string& label, std::size_t max_bytes) {
  Result<std::string> whole = build(names);
  if (!whole) return std::move(whole).error();
  if (whole->size() > max_bytes && names.size() > 1 && !label.empty() &&
      promql::CanSplitBy(*whole, label)) {
    return Split(build, names, max_bytes);
  }
  std::vector<std::string> queries;
  queries.push_back(std::move(*whole));
  return queries;
}

Result<std::vector<std::string>> PlanQueries(const rules::Rule& rule,
                                             const rules::QueryInput& input,
                                             std::size_t max_bytes) {
  std::string label;
  if (input.resource != nullptr) {
    const Result<std::string> its = rule.LabelForResource(*input.resource);
    if (its) label = *its;
  }
  rules::QueryInput part = input;
  return PlanQueries(
      [&rule, &part](const std::vector<std::string>& names) {
        part.names = names;
        return rule.BuildQuery(part);
      },
      input.names, label, max_bytes);
}

}  // namespace sextant::query
