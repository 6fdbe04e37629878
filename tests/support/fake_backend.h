#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/event.h"

namespace sextant {

// A vector as a query answers it: {{"pod", "a"}} -> 1.5.
model::QueryResult Vector(
    const std::vector<std::pair<model::Labels, double>>& rows,
    TimePoint time = {});

// A time series server in memory.  It holds series, which it finds by really
// evaluating selectors, and canned answers to queries.
//
//   FakeBackend backend(clock);
//   backend.series = {{{"__name__", "up"}, {"pod", "a"}}};
//   backend.answers.insert({"sum(up)", Vector({{{}, 1}})});
//
// Faults are keyed by the text of the question: the selector of a discovery
// request or the query; the key "" is for every question.
class FakeBackend final : public backend::Backend {
 public:
  explicit FakeBackend(Clock& clock) : clock_(clock) {}

  std::vector<model::Labels> series;
  std::map<std::string, model::QueryResult> answers;
  std::optional<model::QueryResult> answer_to_others;  // else an empty vector

  std::map<std::string, Error> failing;
  // These wait until Release(), their deadline or cancellation.
  std::set<std::string> hanging;
  // Servers that know no match[] there answer 400.
  bool refuses_label_endpoints = false;
  backend::Recognition recognition;

  // What was asked, in order: "values __name__ {pod!=\"\"}", "names up",
  // "series up", "query sum(up)".
  std::vector<std::string> asked;
  std::vector<backend::SeriesMatch> matches;  // of discovery questions
  std::vector<TimePoint> times;               // of queries
  std::vector<TimePoint> deadlines;           // of all
  std::size_t waiting = 0;                    // hanging at this moment
  std::size_t cancelled = 0;

  std::size_t Count(const std::string& question) const;

  // Lets everything that hangs go on.
  void Release();

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
  backend::Recognition recognised() const override { return recognition; }

 private:
  class Place;

  void Note(const std::string& question, const backend::SeriesMatch& match,
            TimePoint deadline);
  // Waits if the question hangs; the error it ends with, if any.
  Task<std::optional<Error>> Fault(std::string text, TimePoint deadline);
  static Task<bool> WaitAtGate(FakeBackend* self);

  Clock& clock_;
  std::set<Event*> gates_;
};

}  // namespace sextant
