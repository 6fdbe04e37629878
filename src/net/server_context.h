#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "sextant/base/clock.h"
#include "sextant/base/event.h"
#include "sextant/net/server.h"
#include "sextant/net/serving_tls.h"

namespace sextant::net {

class Connection;

// What all connections of a server share.  Every Task of the server holds it,
// so it outlives the Server until the last of them has unwound.
struct ServerContext {
  ServerContext(Server::Options server_options,
                boost::asio::any_io_executor loop, ServingTls& serving_tls,
                Clock& server_clock, Handler request_handler)
      : options(std::move(server_options)),
        executor(std::move(loop)),
        tls(serving_tls),
        clock(server_clock),
        handler(std::move(request_handler)),
        all_ended(executor) {}

  // The Date field, made once a second.
  const std::string& Date();

  const Server::Options options;
  const boost::asio::any_io_executor executor;
  ServingTls& tls;
  Clock& clock;
  const Handler handler;

  bool draining = false;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  Event all_ended;  // the last connection has

  // Every connection reads into this: it is used up before anything else runs,
  // so that one that waits needs no buffer of its own.
  std::array<char, 16 * 1024> scratch{};

 private:
  std::string date_;
  TimePoint date_until_{};
};

}  // namespace sextant::net
