#include "catalogue_reader.h"

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "sextant/backend/every_series.h"
#include "sextant/base/spawn.h"
#include "sextant/promql/for_metric.h"
#include "sextant/promql/selector.h"

namespace sextant::catalog {
namespace {

constexpr std::size_t kAtOnce = 4;

// The list is long and changes little; Google says that a new metric may take
// ten minutes to be in it.
constexpr std::chrono::minutes kListIsGood{10};
constexpr std::chrono::minutes kLabelsAreGood{10};
constexpr std::chrono::minutes kNothingIsGood{1};  // no series of the metric

bool MayTake(const RuleGroup& group, const std::string& name) {
  if (!rules::MaySelect(group.front()->series_query(), name)) return false;
  for (const auto& rule : group) {
    if (rule->Accepts(name)) return true;
  }
  return false;
}

}  // namespace

CatalogueReader::CatalogueReader(Options options, backend::Backend& backend,
                                 Clock& clock)
    : options_(options), backend_(backend), clock_(clock) {}

backend::SeriesMatch CatalogueReader::Match(std::string selector) const {
  const TimePoint now = clock_.Now();
  return {std::move(selector), now - options_.max_age, now};
}

Task<Result<CatalogueReader::Names>> CatalogueReader::AskForNames() {
  const std::uint64_t before = forgotten_;
  const std::string metric_name = "__name__";
  backend::SeriesMatch match = Match(backend::kEverySeries);
  Result<std::vector<std::string>> names = co_await backend_.LabelValues(
      metric_name, std::move(match), clock_.Now() + options_.request_timeout);
  if (!names) co_return std::move(names).error();
  auto read =
      std::make_shared<const std::vector<std::string>>(*std::move(names));
  if (before == forgotten_) {
    names_ = read;
    names_until_ = clock_.Now() + kListIsGood;
  }
  co_return read;
}

void CatalogueReader::Forget() {
  ++forgotten_;
  names_.reset();
  labels_.clear();
}

Task<Result<CatalogueReader::Names>> CatalogueReader::AllNames() {
  if (names_ && clock_.Now() < names_until_) co_return names_;
  co_return co_await reading_.Do(0, [this] { return AskForNames(); });
}

Task<Result<std::vector<std::string>>> CatalogueReader::NamesFor(
    RuleGroup group) {
  const std::string& query = group.front()->series_query();
  const auto selector = promql::SeriesSelector::Parse(query);
  if (!selector) {
    co_return Error{ErrorCode::kInvalidArgument,
                    "the backend takes only exact names of metrics, and the "
                    "seriesQuery is no selector that sextant can take apart; "
                    "write name{label=\"value\"}",
                    ""};
  }
  std::vector<std::string> picked;
  if (selector->metric_name()) {
    const std::string name = *selector->metric_name();
    if (MayTake(group, name)) picked.push_back(name);
    co_return picked;
  }
  const Result<Names> all = co_await AllNames();
  if (!all) co_return all.error();
  for (const std::string& name : **all) {
    if (MayTake(group, name)) picked.push_back(name);
  }
  if (picked.size() > kMostNames) {
    co_return Error{
        ErrorCode::kInvalidArgument,
        "the seriesQuery fits " + std::to_string(picked.size()) +
            " names of metrics, and this backend must be asked about each; "
            "write a pattern of __name__ that fits " +
            std::to_string(kMostNames) + " at most",
        ""};
  }
  co_return picked;
}

Task<Result<std::vector<std::string>>> CatalogueReader::Labels(
    std::string selector, bool again) {
  const auto known = labels_.find(selector);
  if (!again && known != labels_.end() && clock_.Now() < known->second.until) {
    co_return known->second.labels;
  }
  const std::uint64_t before = forgotten_;
  backend::SeriesMatch match = Match(selector);
  Result<std::vector<std::string>> labels = co_await backend_.LabelNames(
      std::move(match), clock_.Now() + options_.request_timeout);
  if (!labels) co_return std::move(labels).error();
  const TimePoint now = clock_.Now();
  const Duration good =
      labels->empty() ? Duration(kNothingIsGood) : Duration(kLabelsAreGood);
  if (before == forgotten_) labels_[selector] = {*labels, now + good};
  co_return *std::move(labels);
}

struct CatalogueReader::Reading {
  std::vector<std::string> names;
  std::vector<std::string> selectors;  // of each name
  LabelsByName labels;
  std::optional<Error> error;  // the first
};

Task<void> CatalogueReader::ReadOne(CatalogueReader* self,
                                    std::shared_ptr<Reading> reading,
                                    bool again, std::size_t place) {
  if (reading->error) co_return;
  Result<std::vector<std::string>> labels =
      co_await self->Labels(reading->selectors[place], again);
  if (!labels) {
    if (!reading->error) reading->error = std::move(labels).error();
  } else if (!labels->empty()) {
    reading->labels[reading->names[place]] = *std::move(labels);
  }
}

Task<Result<LabelsByName>> CatalogueReader::Read(RuleGroup group, bool again) {
  const Result<std::vector<std::string>> names = co_await NamesFor(group);
  if (!names) co_return names.error();
  // What is not asked for any more is forgotten.
  std::erase_if(labels_, [this](const auto& entry) {
    return clock_.Now() >= entry.second.until;
  });
  auto reading = std::make_shared<Reading>();
  reading->names = *names;
  const auto selector =
      promql::SeriesSelector::Parse(group.front()->series_query());
  for (const std::string& name : *names) {
    reading->selectors.push_back(promql::ForMetric(*selector, name));
  }
  // One name is cheap to ask about, and somebody waits for it to appear.
  again |= names->size() == 1;
  std::function<Task<void>(std::size_t)> step = [this, reading,
                                                 again](std::size_t i) {
    return ReadOne(this, reading, again, i);
  };
  co_await ForEach(names->size(), kAtOnce, std::move(step));
  if (reading->error) co_return *reading->error;
  co_return std::move(reading->labels);
}

}  // namespace sextant::catalog
