#include "sextant/backend/guarded.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "circuit.h"
#include "sextant/backend/failure.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::backend {
namespace {

std::uint64_t& NotAskedCounter(obs::Metrics& metrics, const std::string& name,
                               const char* reason) {
  return metrics.Counter(
      "sextant_backend_not_asked_total",
      "Questions that a backend was spared, as it keeps failing or has too "
      "many.",
      {{"backend", name}, {"reason", reason}});
}

}  // namespace

// Holds a place from its beginning to its end, however that comes.
class GuardedBackend::Question {
 public:
  Question(GuardedBackend& guard, bool probe) : guard_(guard), probe_(probe) {}
  ~Question() {
    if (probe_) guard_.circuit_->GaveUp();
    guard_.GiveBack();
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  void Judged() { probe_ = false; }

 private:
  GuardedBackend& guard_;
  bool probe_;
};

GuardedBackend::GuardedBackend(Options options, Backend& backend, Clock& clock,
                               obs::Metrics& metrics)
    : options_(std::move(options)),
      backend_(backend),
      clock_(clock),
      circuit_(std::make_unique<Circuit>(
          Circuit::Options{options_.failures, options_.pause,
                           std::max(options_.pause, options_.longest_pause)})),
      openings_(metrics.Counter(
          "sextant_backend_circuit_opened_total",
          "How often a backend was given up for a while, as it kept failing.",
          {{"backend", options_.name}})),
      refused_(NotAskedCounter(metrics, options_.name, "circuit_open")),
      turned_away_(NotAskedCounter(metrics, options_.name, "too_many")) {}

GuardedBackend::~GuardedBackend() = default;

const std::string& GuardedBackend::failure() const {
  return circuit_->last_failure();
}

bool GuardedBackend::circuit_closed() const { return circuit_->closed(); }

Task<Result<std::vector<std::string>>> GuardedBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  return Ask<std::vector<std::string>>(
      deadline, [this, label, match = std::move(match)](TimePoint limit) {
        return backend_.LabelValues(label, match, limit);
      });
}

Task<Result<std::vector<std::string>>> GuardedBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  return Ask<std::vector<std::string>>(
      deadline, [this, match = std::move(match)](TimePoint limit) {
        return backend_.LabelNames(match, limit);
      });
}

Task<Result<Done>> GuardedBackend::Series(SeriesMatch match, TimePoint deadline,
                                          SeriesSink sink) {
  return Ask<Done>(deadline, [this, match = std::move(match),
                              sink = std::move(sink)](TimePoint limit) {
    return backend_.Series(match, limit, sink);
  });
}

Task<Result<model::QueryResult>> GuardedBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  return Ask<model::QueryResult>(deadline,
                                 [this, promql, time](TimePoint limit) {
                                   return backend_.Query(promql, time, limit);
                                 });
}

template <typename T>
Task<Result<T>> GuardedBackend::Ask(
    TimePoint deadline, std::function<Task<Result<T>>(TimePoint)> put) {
  const Result<Done> place = co_await TakePlace(deadline);
  if (!place) co_return place.error();
  // From here to the end of the question the place is ours.
  const Circuit::Pass pass = circuit_->Enter(clock_.Now());
  Question question(*this, pass == Circuit::Pass::kProbe);
  if (pass == Circuit::Pass::kRefused) co_return NotAsked();
  const TimePoint start = clock_.Now();
  const TimePoint limit = std::min(deadline, start + options_.timeout);
  Result<T> answer = co_await put(limit);
  // Of what was broken off nothing is known, whatever it says.
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none) {
    co_return answer;
  }
  if (!answer && IsFailure(answer.error())) {
    // Whoever has no patience says nothing of the server.
    const bool patient = 2 * (limit - start) >= options_.timeout;
    if (answer.error().code == ErrorCode::kUnavailable || patient) {
      question.Judged();
      co_return Note(answer.error(), clock_.Now() - start);
    }
    co_return answer;
  }
  question.Judged();
  if (!circuit_->closed()) {
    obs::Info("backend answers again", {{"backend", options_.name}});
  }
  circuit_->Succeeded();
  co_return answer;
}

Error GuardedBackend::Note(Error error, Duration took) {
  const bool was_closed = circuit_->closed();
  if (circuit_->Failed(clock_.Now(), error.message)) {
    ++openings_;
    obs::Warn("backend keeps failing; it is not asked for a while",
              {{"backend", options_.name},
               {"error", error.message},
               {"took", std::to_string(took.count()) + "ms"}});
  }
  if (was_closed) return error;
  // While it is open all are told the same, asked or not: who follows errors
  // must not see another one each time it is tried.
  Error same = NotAsked();
  same.detail = std::move(error.detail);
  return same;
}

Error GuardedBackend::NotAsked() const {
  return {ErrorCode::kUnavailable,
          "the backend \"" + options_.name +
              "\" has failed several times in a row and is asked only now and "
              "then until it answers; its last failure: " +
              circuit_->last_failure(),
          ""};
}

Task<Result<Done>> GuardedBackend::TakePlace(TimePoint deadline) {
  if (options_.most_in_flight == 0 || in_flight_ < options_.most_in_flight) {
    ++in_flight_;
    co_return Done{};
  }
  if (waiting_.size() >= kMostWaiting) {
    ++turned_away_;
    co_return Error{
        ErrorCode::kUnavailable,
        "the backend \"" + options_.name + "\" has " +
            std::to_string(in_flight_) + " questions to answer, and " +
            std::to_string(waiting_.size()) +
            " wait for their turn; raise maxInFlight if it can answer more",
        ""};
  }
  const auto turn =
      std::make_shared<Turn>(co_await boost::asio::this_coro::executor);
  // Leaves the queue, or gives a place back that nobody will use.
  struct Waiting {
    GuardedBackend& guard;
    const std::shared_ptr<Turn> turn;
    bool used = false;
    ~Waiting() {
      if (used) return;
      if (turn->came) {
        guard.GiveBack();
      } else {
        guard.waiting_.remove(turn);
      }
    }
  } waiting{*this, turn};
  waiting_.push_back(turn);
  Task<bool> wait = WaitForTurn(turn);
  co_await Before(clock_, deadline, std::move(wait));
  if (!turn->came) {
    co_return Error{ErrorCode::kDeadlineExceeded,
                    "no time was left to ask the backend \"" + options_.name +
                        "\": others were asked before",
                    ""};
  }
  waiting.used = true;
  co_return Done{};
}

Task<bool> GuardedBackend::WaitForTurn(std::shared_ptr<Turn> turn) {
  while (!turn->came) co_await turn->event.Wait();
  co_return true;
}

void GuardedBackend::GiveBack() {
  if (waiting_.empty()) {
    --in_flight_;
    return;
  }
  // The place goes to the next.
  const std::shared_ptr<Turn> next = waiting_.front();
  waiting_.pop_front();
  next->came = true;
  next->event.Notify();
}

}  // namespace sextant::backend
