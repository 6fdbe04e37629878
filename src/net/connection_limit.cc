#include "connection_limit.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace sextant::net {

ConnectionLimit::ConnectionLimit(std::size_t at_once) {
  state_->at_once = at_once;
}

ConnectionLimit::Use::Use(const ConnectionLimit& limit, std::string server)
    : state_(limit.state_), server_(std::move(server)) {}

Task<void> ConnectionLimit::Use::Begin() {
  const auto executor = co_await boost::asio::this_coro::executor;
  Server& server = state_->servers[server_];
  if (server.in_use < state_->at_once) {
    ++server.in_use;
    counted_ = true;
    co_return;
  }
  turn_.emplace(executor);
  server.waiting.push_back(this);
  co_await turn_->Wait();
  // The turn that has come and a cancellation look the same.
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none) {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  }
}

ConnectionLimit::Use::~Use() {
  const auto found = state_->servers.find(server_);
  if (found == state_->servers.end()) return;
  Server& server = found->second;
  if (!counted_) {
    std::deque<Use*>& waiting = server.waiting;
    waiting.erase(std::remove(waiting.begin(), waiting.end(), this),
                  waiting.end());
    return;
  }
  // Passed on: who comes now does not overtake who waits.
  if (!server.waiting.empty()) {
    Use& next = *server.waiting.front();
    server.waiting.pop_front();
    next.counted_ = true;
    next.turn_->Notify();
    return;
  }
  if (--server.in_use == 0) state_->servers.erase(found);
}

}  // namespace sextant::net
