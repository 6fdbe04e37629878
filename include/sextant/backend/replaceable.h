#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"

namespace sextant::backend {

// A name that means one backend today and another tomorrow: what is put to it
// goes to the one that it means then, and ends with that one, however long ago
// it was replaced.  Loop only.
class ReplaceableBackend final : public Backend {
 public:
  // `name` is that of messages.
  explicit ReplaceableBackend(std::string name) : name_(std::move(name)) {}

  // Null: there is none of that name any more, and what is put to it is
  // kUnavailable.
  void Set(std::shared_ptr<Backend> backend) { backend_ = std::move(backend); }

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;
  Recognition recognised() const override {
    return backend_ ? backend_->recognised() : Recognition{};
  }

 private:
  Error Gone() const;

  const std::string name_;
  std::shared_ptr<Backend> backend_;
};

}  // namespace sextant::backend
