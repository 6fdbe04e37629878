#include "connection_pool.h"

#include <algorithm>
#include <utility>

namespace sextant::net {

ConnectionPool::ConnectionPool(Options options, Clock& clock)
    : options_(options), clock_(clock) {}

ConnectionPool::~ConnectionPool() { Close(); }

void ConnectionPool::Close() {
  closed_ = true;
  state_->idle.clear();
  closing_.Cancel();
}

void ConnectionPool::CloseOlderThan(State& state, TimePoint when) {
  for (auto server = state.idle.begin(); server != state.idle.end();) {
    std::vector<Idle>& idle = server->second;
    const auto young =
        std::find_if(idle.begin(), idle.end(),
                     [when](const Idle& one) { return one.since > when; });
    idle.erase(idle.begin(), young);
    server = idle.empty() ? state.idle.erase(server) : std::next(server);
  }
}

// Ends when nothing is left, so that an idle pool holds no timer.
Task<void> ConnectionPool::CloseTheOld(std::shared_ptr<State> state,
                                       Clock& clock, Duration idle_timeout) {
  while (!state->idle.empty()) {
    TimePoint oldest = TimePoint::max();
    for (const auto& [server, idle] : state->idle) {
      oldest = std::min(oldest, idle.front().since);
    }
    co_await clock.SleepUntil(oldest + idle_timeout);
    CloseOlderThan(*state, clock.Now() - idle_timeout);
  }
}

std::unique_ptr<ClientStream> ConnectionPool::Take(const std::string& server) {
  const auto found = state_->idle.find(server);
  if (found == state_->idle.end()) return nullptr;
  std::unique_ptr<ClientStream> stream;
  std::vector<Idle>& idle = found->second;
  while (!stream && !idle.empty()) {
    const bool young = clock_.Now() < idle.back().since + options_.idle_timeout;
    if (young && idle.back().stream->IsQuiet()) {
      stream = std::move(idle.back().stream);
    }
    idle.pop_back();
  }
  if (idle.empty()) state_->idle.erase(found);
  return stream;
}

void ConnectionPool::Put(const std::string& server,
                         std::unique_ptr<ClientStream> stream,
                         boost::asio::any_io_executor executor) {
  if (closed_ || options_.max_idle == 0) return;
  std::vector<Idle>& idle = state_->idle[server];
  if (idle.size() >= options_.max_idle) idle.erase(idle.begin());
  idle.push_back({std::move(stream), clock_.Now()});
  if (closing_.Ended()) {
    closing_ = Spawn(std::move(executor),
                     CloseTheOld(state_, clock_, options_.idle_timeout));
  }
}

std::size_t ConnectionPool::size() const {
  std::size_t count = 0;
  for (const auto& [server, idle] : state_->idle) count += idle.size();
  return count;
}

}  // namespace sextant::net
