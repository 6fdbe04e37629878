#include "plan.h"

#include <utility>

#include "sextant/promql/split.h"

namespace sextant::query {
namespace {

// Halves the names until the texts fit; queries come out in the names' order.
Result<std::vector<std::string>> Split(const rules::Rule& rule,
                                       const rules::QueryInput& whole,
                                       std::size_t max_bytes) {
  std::vector<std::string> queries;
  std::vector<std::vector<std::string>> to_do = {whole.names};  // last first
  rules::QueryInput part = whole;
  while (!to_do.empty()) {
    part.names = std::move(to_do.back());
    to_do.pop_back();
    Result<std::string> query = rule.BuildQuery(part);
    if (!query) return std::move(query).error();
    if (query->size() <= max_bytes || part.names.size() < 2) {
      queries.push_back(std::move(*query));
      continue;
    }
    const auto middle =
        part.names.begin() + static_cast<std::ptrdiff_t>(part.names.size() / 2);
    to_do.emplace_back(middle, part.names.end());
    to_do.emplace_back(part.names.begin(), middle);
  }
  return queries;
}

}  // namespace

Result<std::vector<std::string>> PlanQueries(const rules::Rule& rule,
                                             const rules::QueryInput& input,
                                             std::size_t max_bytes) {
  Result<std::string> whole = rule.BuildQuery(input);
  if (!whole) return std::move(whole).error();
  const auto may_be_split = [&] {
    if (input.resource == nullptr) return false;
    const Result<std::string> label = rule.LabelForResource(*input.resource);
    return label && promql::CanSplitBy(*whole, *label);
  };
  if (whole->size() > max_bytes && input.names.size() > 1 && may_be_split()) {
    return Split(rule, input, max_bytes);
  }
  std::vector<std::string> queries;
  queries.push_back(std::move(*whole));
  return queries;
}

}  // namespace sextant::query
