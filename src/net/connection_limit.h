#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sextant/base/event.h"
#include "sextant/base/task.h"

namespace sextant::net {

// Bounds how many connections to each server are in use at once.  Who comes
// too late waits, in the order of arrival.  Loop only.
//
//   ConnectionLimit::Use use(limit, "http://prom:9090");
//   co_await use.Begin();
//
// A Use may outlive its limit.
class ConnectionLimit {
 private:
  struct State;

 public:
  explicit ConnectionLimit(std::size_t at_once);

  // One connection in use, from the end of Begin() until it is destroyed; a
  // Begin() that is cancelled takes nothing.
  class Use {
   public:
    Use(const ConnectionLimit& limit, std::string server);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    // Once only.
    Task<void> Begin();

   private:
    friend class ConnectionLimit;
    const std::shared_ptr<State> state_;
    const std::string server_;
    bool counted_ = false;
    std::optional<Event> turn_;  // while it waits
  };

 private:
  struct Server {
    std::size_t in_use = 0;
    std::deque<Use*> waiting;
  };
  struct State {
    std::size_t at_once = 0;
    std::map<std::string, Server> servers;  // those in use
  };

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace sextant::net
