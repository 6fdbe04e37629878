#include "sextant/backend/replaceable.h"

namespace sextant::backend {
namespace {

// Keeps `backend`, which `answer` comes from, until that has ended.
template <typename T>
Task<Result<T>> Hold(std::shared_ptr<Backend> backend, Task<Result<T>> answer) {
  (void)backend;
  co_return co_await std::move(answer);
}

template <typename T>
Task<Result<T>> Fail(Error error) {
  co_return error;
}

}  // namespace

Error ReplaceableBackend::Gone() const {
  return {ErrorCode::kUnavailable,
          "the backend \"" + name_ + "\" is not in the configuration any more",
          ""};
}

Task<Result<std::vector<std::string>>> ReplaceableBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  if (!backend_) return Fail<std::vector<std::string>>(Gone());
  return Hold(backend_,
              backend_->LabelValues(label, std::move(match), deadline));
}

Task<Result<std::vector<std::string>>> ReplaceableBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  if (!backend_) return Fail<std::vector<std::string>>(Gone());
  return Hold(backend_, backend_->LabelNames(std::move(match), deadline));
}

Task<Result<Done>> ReplaceableBackend::Series(SeriesMatch match,
                                              TimePoint deadline,
                                              SeriesSink sink) {
  if (!backend_) return Fail<Done>(Gone());
  return Hold(backend_,
              backend_->Series(std::move(match), deadline, std::move(sink)));
}

Task<Result<model::QueryResult>> ReplaceableBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  if (!backend_) return Fail<model::QueryResult>(Gone());
  return Hold(backend_, backend_->Query(promql, time, deadline));
}

}  // namespace sextant::backend
