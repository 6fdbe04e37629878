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

Asking::Asking(Duration query_timeout, backend::Backends backends, Clock& clock,
               obs::Metrics& metrics)
    : query_timeout_(query_timeout),
      backends_(std::move(backends)),
      clock_(clock),
      warnings_(metrics.Counter("sextant_query_warnings_total",
                                "Warnings in answers of the backend.")),
      meter_(metrics) {}

Task<std::vector<Answer>> Asking::All(Self self, std::vector<RuleQuery> queries,
                                      TimePoint deadline) {
  auto answers = std::make_shared<std::vector<Answer>>(queries.size());
  std::function<Task<void>(std::size_t)> step = [self, queries, deadline,
                                                 answers](std::size_t i) {
    return One(self, queries[i], deadline, answers, i);
  };
  co_await ForEach(queries.size(), kQueriesAtOnce, std::move(step));
  co_return std::move(*answers);
}

Task<void> Asking::One(Self self, RuleQuery query, TimePoint deadline,
                       std::shared_ptr<std::vector<Answer>> answers,
                       std::size_t place) {
  if (self->clock_.Now() >= deadline) co_return;
  Task<Answer> asking =
      self->flights_.Do(query.backend + "\n" + query.promql,
                        [self, query] { return Fetch(self, query); });
  std::optional<Answer> answer =
      co_await Before(self->clock_, deadline, std::move(asking));
  if (answer) (*answers)[place] = std::move(*answer);
}

Task<Answer> Asking::Fetch(Self self, RuleQuery query) {
  // Also when nobody waits any more, which ends this: the slowest queries are
  // those.
  struct Timing {
    Asking& asking;
    const std::string& rule;
    const TimePoint start;
    Duration Took() const { return asking.clock_.Now() - start; }
    ~Timing() { asking.meter_.Queried(rule, Took()); }
  };
  const Timing timing{*self, query.rule, self->clock_.Now()};
  LogQuery(query.promql);
  Result<model::QueryResult> result =
      co_await self->backends_.Of(query.backend)
          .Query(query.promql, timing.start,
                 timing.start + self->query_timeout_);
  if (result) self->warnings_ += result->warnings.size();
  co_return std::make_shared<const BackendAnswer>(
      BackendAnswer{std::move(result), timing.Took()});
}

std::string About(const std::string& promql, const std::string& what) {
  std::string shown = promql.substr(0, kLongestLoggedQuery);
  if (shown.size() < promql.size()) shown += "...";
  return what + "; query: " + shown;
}

}  // namespace sextant::query
