#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client_stream.h"
#include "sextant/base/clock.h"
#include "sextant/base/spawn.h"

namespace sextant::net {

// Connections that wait for another request, by the server they lead to.  Those
// that waited too long are closed, also when no request comes.  Loop only;
// `clock` must outlive the pool.
class ConnectionPool {
 public:
  struct Options {
    std::size_t max_idle = 0;  // for each server
    Duration idle_timeout{};
  };

  ConnectionPool(Options options, Clock& clock);
  ~ConnectionPool();

  // A connection on which the server has not said anything since; null if there
  // is none.  The newest first: so the surplus of a busy time grows old.
  std::unique_ptr<ClientStream> Take(const std::string& server);

  void Put(const std::string& server, std::unique_ptr<ClientStream> stream,
           boost::asio::any_io_executor executor);

  // Closes all of them, and from now on whatever is put back.
  void Close();

  std::size_t size() const;

 private:
  struct Idle {
    std::unique_ptr<ClientStream> stream;
    TimePoint since;
  };
  struct State {
    std::map<std::string, std::vector<Idle>> idle;  // oldest first
  };

  static Task<void> CloseTheOld(std::shared_ptr<State> state, Clock& clock,
                                Duration idle_timeout);
  static void CloseOlderThan(State& state, TimePoint when);

  const Options options_;
  Clock& clock_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  Running closing_;  // while there are connections
  bool closed_ = false;
};

}  // namespace sextant::net
