#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/event.h"
#include "sextant/obs/metrics.h"

namespace sextant::backend {

class Circuit;

// One server among several: bounds how long it may take, how much it is asked
// at a time, and asks it no more for a while when it keeps failing, so that
// those who wait for it do not take the places of those who ask others.
//
// A failure is kUnavailable or kDeadlineExceeded; a question that the server
// refuses is none.  What is not asked is kUnavailable, at once.  Several
// guards never wait for each other: a place is held only while its own server
// is asked.
class GuardedBackend final : public Backend {
 public:
  struct Options {
    std::string name;                             // of metrics and messages
    Duration timeout = std::chrono::seconds(30);  // of one question
    std::size_t most_in_flight = 0;               // 0: no limit
    // Failures in a row after which it is not asked; 0: it is asked always.
    std::size_t failures = 0;
    Duration pause = std::chrono::seconds(1);  // doubles with each failure
    Duration longest_pause = std::chrono::seconds(15);
  };

  // How many may wait for their turn; who comes then is turned away.
  static constexpr std::size_t kMostWaiting = 100;

  // Everything passed by reference must outlive this object.
  GuardedBackend(Options options, Backend& backend, Clock& clock,
                 obs::Metrics& metrics);
  ~GuardedBackend() override;

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;
  Recognition recognised() const override { return backend_.recognised(); }

  const std::string& name() const { return options_.name; }
  // What its last answer was, if that was a failure; empty: it is well.
  const std::string& failure() const;
  bool circuit_closed() const;
  std::size_t in_flight() const { return in_flight_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  class Question;
  // Of who waits for a place.
  struct Turn {
    explicit Turn(const boost::asio::any_io_executor& loop) : event(loop) {}
    Event event;  // it has come
    bool came = false;
  };

  template <typename T>
  Task<Result<T>> Ask(TimePoint deadline,
                      std::function<Task<Result<T>>(TimePoint)> put);
  // Waits until there is room.  The error says why there will be none.
  Task<Result<Done>> TakePlace(TimePoint deadline);
  static Task<bool> WaitForTurn(std::shared_ptr<Turn> turn);
  void GiveBack();
  Error NotAsked() const;
  Error Note(Error error, Duration took);

  const Options options_;
  Backend& backend_;
  Clock& clock_;
  const std::unique_ptr<Circuit> circuit_;
  std::size_t in_flight_ = 0;
  std::list<std::shared_ptr<Turn>> waiting_;  // the first to come first
  std::uint64_t& openings_;
  std::uint64_t& refused_;
  std::uint64_t& turned_away_;
};

}  // namespace sextant::backend
