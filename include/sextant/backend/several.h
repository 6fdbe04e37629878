// Backends that are made of others.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/obs/metrics.h"

namespace sextant::backend {

// A backend with its name.
struct Member {
  std::string name;
  Backend* backend;
};

// Servers with the same series: the first is asked, and the next one if it
// fails (kUnavailable, kDeadlineExceeded).  A question that is refused is
// refused.  Each but the last has half of the time that is left.
class FailoverBackend final : public Backend {
 public:
  // Members must outlive this object, as must what is passed by reference.
  FailoverBackend(std::string name, std::vector<Member> members, Clock& clock,
                  obs::Metrics& metrics);

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  // A sink may be given series of a member that failed later.
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;
  Recognition recognised() const override;

 private:
  template <typename T>
  Task<Result<T>> Ask(TimePoint deadline,
                      std::function<Task<Result<T>>(Backend&, TimePoint)> put);

  const std::vector<Member> members_;
  Clock& clock_;
  std::uint64_t& failovers_;
};

// Servers each of which has a part of the series.  All are asked at once, and
// an answer is whole or an error: a shard that fails is one.
//
// Lists are united.  A query is put to every shard as it is, so it is refused
// (kInvalidArgument) unless its text proves that no sample mixes series of two
// shards (promql::CanSplitBy, with a label of `sharded_by`); vectors are then
// put together, and the same labels in two of them are kInvalidArgument.
class ShardedBackend final : public Backend {
 public:
  // `sharded_by`: labels of which no value is in two shards.  Members must
  // outlive this object.
  ShardedBackend(std::vector<Member> members,
                 std::vector<std::string> sharded_by);

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;
  Recognition recognised() const override;

 private:
  template <typename T>
  Task<Result<std::vector<T>>> AskAll(
      std::function<Task<Result<T>>(Backend&)> put);
  Task<Result<std::vector<std::string>>> Union(
      std::function<Task<Result<std::vector<std::string>>>(Backend&)> put);
  Task<Result<Done>> All(std::function<Task<Result<Done>>(Backend&)> put);
  Task<Result<model::QueryResult>> Merged(std::string promql, TimePoint time,
                                          TimePoint deadline);

  const std::vector<Member> members_;
  const std::vector<std::string> sharded_by_;
};

}  // namespace sextant::backend
