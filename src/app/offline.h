// A world without a backend, in which one series exists: what `sextant explain
// --offline` asks.

#pragma once

#include <string>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/model/object.h"

namespace sextant::app {

// Has one series, with every label that anybody asks for.  A query is
// kUnavailable: its text is all that is wanted.
class OfflineBackend final : public backend::Backend {
 public:
  explicit OfflineBackend(std::string series) : series_(std::move(series)) {}

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, backend::SeriesMatch match,
      TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      backend::SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(backend::SeriesMatch match, TimePoint deadline,
                            backend::SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;

 private:
  const std::string series_;
};

// Two names that stand for all that a wildcard finds: NAME-1 and NAME-2.
class OfflineLister final : public model::ObjectLister {
 public:
  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override;
  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override;
};

}  // namespace sextant::app
