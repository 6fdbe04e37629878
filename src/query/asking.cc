#include "asking.h"

#include <functional>
#include <optional>
#include <utility>

#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::query {
namespace {

constexpr std::size_t kQueriesAtOnce = 4;
constexpr std::size_t kLongestLoggedQuery = 400;

void LogQuery(const std::string& promql) {
  if (!obs::Enabled(obs::Level::kDebug)) return;
  obs::Debug("query", {{"promql", promql}});
}

}  // namespace

Asking::Asking(Duration query_timeout, backend::Backend& backend, Clock& clock,
               obs::Metrics& metrics)
    : query_timeout_(query_timeout),
      backend_(backend),
      clock_(clock),
      warnings_(metrics.Counter("sextant_query_warnings_total",
                                "Warnings in answers of the backend.")) {}

Task<std::vector<Answer>> Asking::All(Self self,
                                      std::vector<std::string> queries,
                                      TimePoint deadline) {
  auto answers = std::make_shared<std::vector<Answer>>(queries.size());
  std::function<Task<void>(std::size_t)> step = [self, queries, deadline,
                                                 answers](std::size_t i) {
    return One(self, queries[i], deadline, answers, i);
  };
  co_await ForEach(queries.size(), kQueriesAtOnce, std::move(step));
  co_return std::move(*answers);
}

Task<void> Asking::One(Self self, std::string promql, TimePoint deadline,
                       std::shared_ptr<std::vector<Answer>> answers,
                       std::size_t place) {
  if (self->clock_.Now() >= deadline) co_return;
  Task<Answer> asking =
      self->flights_.Do(promql, [self, promql] { return Fetch(self, promql); });
  std::optional<Answer> answer =
      co_await Before(self->clock_, deadline, std::move(asking));
  if (answer) (*answers)[place] = std::move(*answer);
}

Task<Answer> Asking::Fetch(Self self, std::string promql) {
  const TimePoint now = self->clock_.Now();
  LogQuery(promql);
  Result<model::QueryResult> result =
      co_await self->backend_.Query(promql, now, now + self->query_timeout_);
  if (result) self->warnings_ += result->warnings.size();
  co_return std::make_shared<const Result<model::QueryResult>>(
      std::move(result));
}

std::string About(const std::string& promql, const std::string& what) {
  std::string shown = promql.substr(0, kLongestLoggedQuery);
  if (shown.size() < promql.size()) shown += "...";
  return what + "; query: " + shown;
}

}  // namespace sextant::query
