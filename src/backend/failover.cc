#include <utility>

#include "several.h"
#include "sextant/backend/failure.h"

namespace sextant::backend {

Recognition RecognisedOf(const std::vector<Member>& members) {
  for (const Member& member : members) {
    Recognition recognised = member.backend->recognised();
    if (recognised.dialect->discovery == Discovery::kCatalogue) {
      return recognised;
    }
  }
  return members.front().backend->recognised();
}

FailoverBackend::FailoverBackend(std::string name, std::vector<Member> members,
                                 Clock& clock, obs::Metrics& metrics)
    : members_(std::move(members)),
      clock_(clock),
      failovers_(metrics.Counter(
          "sextant_backend_failovers_total",
          "Questions that the next backend of a failover was asked, as one "
          "before it failed.",
          {{"backend", name}})) {}

Recognition FailoverBackend::recognised() const {
  return RecognisedOf(members_);
}

Task<Result<std::vector<std::string>>> FailoverBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  return Ask<std::vector<std::string>>(
      deadline,
      [label, match = std::move(match)](Backend& member, TimePoint limit) {
        return member.LabelValues(label, match, limit);
      });
}

Task<Result<std::vector<std::string>>> FailoverBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  return Ask<std::vector<std::string>>(
      deadline, [match = std::move(match)](Backend& member, TimePoint limit) {
        return member.LabelNames(match, limit);
      });
}

Task<Result<Done>> FailoverBackend::Series(SeriesMatch match,
                                           TimePoint deadline,
                                           SeriesSink sink) {
  return Ask<Done>(deadline, [match = std::move(match), sink = std::move(sink)](
                                 Backend& member, TimePoint limit) {
    return member.Series(match, limit, sink);
  });
}

Task<Result<model::QueryResult>> FailoverBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  return Ask<model::QueryResult>(
      deadline, [promql, time](Backend& member, TimePoint limit) {
        return member.Query(promql, time, limit);
      });
}

template <typename T>
Task<Result<T>> FailoverBackend::Ask(
    TimePoint deadline,
    std::function<Task<Result<T>>(Backend&, TimePoint)> put) {
  Error failure{ErrorCode::kUnavailable, "", ""};
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const TimePoint now = clock_.Now();
    if (i > 0 && now >= deadline) break;
    if (i > 0) ++failovers_;
    const bool last = i + 1 == members_.size();
    const TimePoint limit = last ? deadline : now + (deadline - now) / 2;
    Result<T> answer = co_await put(*members_[i].backend, limit);
    if (answer || !IsFailure(answer.error())) co_return answer;
    failure.code = answer.error().code;
    if (i > 0) failure.message += "; ";
    failure.message += members_[i].name + ": " + answer.error().message;
    if (!answer.error().detail.empty()) failure.detail = answer.error().detail;
  }
  co_return failure;
}

}  // namespace sextant::backend
