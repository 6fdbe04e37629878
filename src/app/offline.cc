#include "offline.h"

#include <utility>

#include "sextant/rules/rule.h"

namespace sextant::app {
namespace {

Error NotAsked() {
  return {ErrorCode::kUnavailable, "not asked: there is no backend", ""};
}

}  // namespace

Task<Result<std::vector<std::string>>> OfflineBackend::LabelValues(
    const std::string& label, backend::SeriesMatch match, TimePoint) {
  std::vector<std::string> values;
  if (label == "__name__" && rules::MaySelect(match.selector, series_)) {
    values.push_back(series_);
  }
  co_return values;
}

Task<Result<std::vector<std::string>>> OfflineBackend::LabelNames(
    backend::SeriesMatch, TimePoint) {
  co_return NotAsked();
}

Task<Result<Done>> OfflineBackend::Series(backend::SeriesMatch match, TimePoint,
                                          backend::SeriesSink sink) {
  if (!rules::MaySelect(match.selector, series_)) co_return Done{};
  co_return sink({{"__name__", series_}});
}

Task<Result<model::QueryResult>> OfflineBackend::Query(const std::string&,
                                                       TimePoint, TimePoint) {
  co_return NotAsked();
}

Task<Result<std::vector<std::string>>> OfflineLister::List(
    const model::ListRequest&) {
  co_return std::vector<std::string>{"NAME-1", "NAME-2"};
}

Task<Result<std::vector<model::ObjectMetadata>>> OfflineLister::ListMetadata(
    const model::ListRequest& request) {
  std::vector<model::ObjectMetadata> objects;
  objects.push_back({{request.namespace_, "NAME-1"}, {}});
  objects.push_back({{request.namespace_, "NAME-2"}, {}});
  co_return objects;
}

}  // namespace sextant::app
