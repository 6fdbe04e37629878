#include "support/fake_backend.h"

#include <boost/asio/this_coro.hpp>
#include <regex>

#include "sextant/base/spawn.h"

namespace sextant {
namespace {

struct Matcher {
  std::string label;
  std::string op;
  std::string value;
};

Error RefusedMatch() {
  return {ErrorCode::kInvalidArgument, "unknown parameter match[]", ""};
}

Error BadSelector(const std::string& selector) {
  return {ErrorCode::kInvalidArgument, "bad_data: parse error in " + selector,
          ""};
}

// Only the escapes that the tests use.
std::string Unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string Unquote(const std::string& text) {
  if (text.empty() || text.front() != '"') return text;
  return Unescape(text.substr(1, text.size() - 2));
}

// `name`, `name{...}`, `{...}` with = != =~ !~; blanks around are fine.
std::optional<std::vector<Matcher>> ParseSelector(const std::string& text) {
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

bool Matches(const std::vector<Matcher>& matchers,
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

}  // namespace

model::QueryResult Vector(
    const std::vector<std::pair<model::Labels, double>>& rows, TimePoint time) {
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

// Of one question that hangs.
class FakeBackend::Place {
 public:
  Place(FakeBackend& fake, Event& gate) : fake_(fake), gate_(gate) {
    ++fake_.waiting;
    fake_.gates_.insert(&gate_);
  }
  ~Place() {
    --fake_.waiting;
    if (!released) ++fake_.cancelled;
    fake_.gates_.erase(&gate_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  bool released = false;

 private:
  FakeBackend& fake_;
  Event& gate_;
};

std::size_t FakeBackend::Count(const std::string& question) const {
  std::size_t count = 0;
  for (const std::string& a : asked) count += a == question ? 1 : 0;
  return count;
}

void FakeBackend::Release() {
  hanging.clear();
  for (Event* gate : gates_) gate->Notify();
}

Task<Result<std::vector<std::string>>> FakeBackend::LabelValues(
    const std::string& label, backend::SeriesMatch match, TimePoint deadline) {
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

Task<Result<std::vector<std::string>>> FakeBackend::LabelNames(
    backend::SeriesMatch match, TimePoint deadline) {
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

Task<Result<Done>> FakeBackend::Series(backend::SeriesMatch match,
                                       TimePoint deadline,
                                       backend::SeriesSink sink) {
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

Task<Result<model::QueryResult>> FakeBackend::Query(const std::string& promql,
                                                    TimePoint time,
                                                    TimePoint deadline) {
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

void FakeBackend::Note(const std::string& question,
                       const backend::SeriesMatch& match, TimePoint deadline) {
  asked.push_back(question);
  matches.push_back(match);
  deadlines.push_back(deadline);
}

Task<std::optional<Error>> FakeBackend::Fault(std::string text,
                                              TimePoint deadline) {
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

Task<bool> FakeBackend::WaitAtGate(FakeBackend* self) {
  Event gate(co_await boost::asio::this_coro::executor);
  Place place(*self, gate);
  co_await gate.Wait();
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  place.released = state.cancelled() == boost::asio::cancellation_type::none;
  co_return place.released;
}

}  // namespace sextant
