#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/spawn.h"

namespace sextant {

// A vector as a query answers it: {{"pod", "a"}} -> 1.5.
inline model::QueryResult Vector(
    const std::vector<std::pair<model::Labels, double>>& rows,
    TimePoint time = {}) {
  model::QueryResult result;
  for (const auto& [labels, value] : rows) {
    model::Sample sample;
    sample.labels = labels;
    sample.time = time;
    sample.value = value;
    result.samples.push_back(sample);
  }
  return result;
}

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

  std::size_t Count(const std::string& question) const {
    std::size_t count = 0;
    for (const std::string& a : asked) count += a == question ? 1 : 0;
    return count;
  }

  // Lets everything that hangs go on.
  void Release() {
    hanging.clear();
    for (auto* gate : gates_) gate->cancel();
  }

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, backend::SeriesMatch match,
      TimePoint deadline) override {
    // The reference may not outlive the first wait.
    const std::string name = label;
    Note("values " + name + " " + match.selector, match, deadline);
    std::optional<Error> fault = co_await Fault(match.selector, deadline);
    if (fault) co_return *fault;
    if (refuses_label_endpoints) co_return RefusedMatch();
    const auto matchers = ParseSelector(match.selector);
    if (!matchers) co_return BadSelector(match.selector);
    std::set<std::string> values;
    for (const model::Labels& labels : series) {
      const auto found = labels.find(name);
      if (found != labels.end() && Matches(*matchers, labels)) {
        values.insert(found->second);
      }
    }
    co_return std::vector<std::string>(values.begin(), values.end());
  }

  Task<Result<std::vector<std::string>>> LabelNames(
      backend::SeriesMatch match, TimePoint deadline) override {
    Note("names " + match.selector, match, deadline);
    std::optional<Error> fault = co_await Fault(match.selector, deadline);
    if (fault) co_return *fault;
    if (refuses_label_endpoints) co_return RefusedMatch();
    const auto matchers = ParseSelector(match.selector);
    if (!matchers) co_return BadSelector(match.selector);
    std::set<std::string> names;
    for (const model::Labels& labels : series) {
      if (!Matches(*matchers, labels)) continue;
      for (const auto& [name, value] : labels) names.insert(name);
    }
    co_return std::vector<std::string>(names.begin(), names.end());
  }

  Task<Result<Done>> Series(backend::SeriesMatch match, TimePoint deadline,
                            backend::SeriesSink sink) override {
    Note("series " + match.selector, match, deadline);
    std::optional<Error> fault = co_await Fault(match.selector, deadline);
    if (fault) co_return *fault;
    const auto matchers = ParseSelector(match.selector);
    if (!matchers) co_return BadSelector(match.selector);
    for (const model::Labels& labels : series) {
      if (!Matches(*matchers, labels)) continue;
      Result<Done> taken = sink(labels);
      if (!taken) co_return std::move(taken).error();
    }
    co_return Done{};
  }

  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override {
    const std::string text = promql;
    asked.push_back("query " + text);
    times.push_back(time);
    deadlines.push_back(deadline);
    std::optional<Error> fault = co_await Fault(text, deadline);
    if (fault) co_return *fault;
    const auto found = answers.find(text);
    if (found != answers.end()) co_return found->second;
    co_return answer_to_others.value_or(model::QueryResult{});
  }

  backend::Recognition recognised() const override { return recognition; }

 private:
  struct Matcher {
    std::string label;
    std::string op;
    std::string value;
  };

  static Error RefusedMatch() {
    return {ErrorCode::kInvalidArgument, "unknown parameter match[]", ""};
  }
  static Error BadSelector(const std::string& selector) {
    return {ErrorCode::kInvalidArgument, "bad_data: parse error in " + selector,
            ""};
  }

  void Note(const std::string& question, const backend::SeriesMatch& match,
            TimePoint deadline) {
    asked.push_back(question);
    matches.push_back(match);
    deadlines.push_back(deadline);
  }

  // Waits if the question hangs; the error it ends with, if any.
  Task<std::optional<Error>> Fault(std::string text, TimePoint deadline) {
    if (hanging.count(text) + hanging.count("") > 0) {
      const std::optional<bool> released =
          co_await Before(clock_, deadline, WaitAtGate(this));
      // At the deadline both happen: the gate is told to stop, and says so.
      if (!released.value_or(false)) {
        co_return Error{ErrorCode::kDeadlineExceeded,
                        "the backend did not answer in time", ""};
      }
    }
    auto found = failing.find(text);
    if (found == failing.end()) found = failing.find("");
    if (found == failing.end()) co_return std::nullopt;
    co_return found->second;
  }

  static Task<bool> WaitAtGate(FakeBackend* self) {
    boost::asio::steady_timer gate(
        co_await boost::asio::this_coro::executor,
        boost::asio::steady_timer::time_point::max());
    struct Place {
      Place(FakeBackend* f, boost::asio::steady_timer* g) : fake(f), timer(g) {
        ++fake->waiting;
        fake->gates_.insert(timer);
      }
      ~Place() {
        --fake->waiting;
        if (!released) ++fake->cancelled;
        fake->gates_.erase(timer);
      }
      Place(const Place&) = delete;
      Place& operator=(const Place&) = delete;
      FakeBackend* fake;
      boost::asio::steady_timer* timer;
      bool released = false;
    } place(self, &gate);
    co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    place.released = state.cancelled() == boost::asio::cancellation_type::none;
    co_return place.released;
  }

  // `name`, `name{...}`, `{...}` with = != =~ !~; blanks around are fine.
  static std::optional<std::vector<Matcher>> ParseSelector(
      const std::string& text) {
    static const std::regex kSelector(
        R"(\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(\{([^]*)\})?\s*)");
    static const std::regex kMatcher(
        R"re(\s*("(?:[^"\\]|\\.)*"|[a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*)re"
        R"re((?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*(,|$))re");
    std::smatch whole;
    if (!std::regex_match(text, whole, kSelector)) return std::nullopt;
    if (!whole[1].matched && !whole[2].matched) return std::nullopt;
    std::vector<Matcher> matchers;
    if (whole[1].matched) matchers.push_back({"__name__", "=", whole[1]});
    std::string rest = whole[3];
    while (rest.find_first_not_of(" \t\n") != std::string::npos) {
      std::smatch one;
      if (!std::regex_search(rest, one, kMatcher,
                             std::regex_constants::match_continuous)) {
        return std::nullopt;
      }
      const std::string value = one[3].matched ? one[3] : one[4];
      matchers.push_back({Unquote(one[1]), one[2], Unescape(value)});
      rest = one.suffix();
    }
    return matchers;
  }

  static std::string Unquote(const std::string& text) {
    if (text.empty() || text.front() != '"') return text;
    return Unescape(text.substr(1, text.size() - 2));
  }

  // Only the escapes that the tests use.
  static std::string Unescape(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      out += text[i];
    }
    return out;
  }

  static bool Matches(const std::vector<Matcher>& matchers,
                      const model::Labels& labels) {
    for (const Matcher& m : matchers) {
      const auto found = labels.find(m.label);
      const std::string value = found == labels.end() ? "" : found->second;
      bool fits = m.op.back() == '~'
                      ? std::regex_match(value, std::regex(m.value))
                      : value == m.value;
      if (m.op.front() == '!') fits = !fits;
      if (!fits) return false;
    }
    return true;
  }

  Clock& clock_;
  std::set<boost::asio::steady_timer*> gates_;
};

}  // namespace sextant
