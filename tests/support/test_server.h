#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sextant/net/server.h"
#include "support/fake_clock.h"
#include "support/test_certificates.h"

namespace sextant {

// A server on a free port, whose handler knows a few paths:
//   /hang    waits until Release() or its cancellation
//   /throw   throws
//   /large   replies with 8 MiB
//   /leave   replies, and wants the connection to end
//   others   reply with "<method> <target> <size of the body>\n"
class TestServer {
 public:
  TestServer() : TestServer(net::Server::Options()) {}
  explicit TestServer(net::Server::Options options)
      : clock(loop),
        ca("serving authority"),
        tls(*net::ServingTls::Create(ca.IssueServer({"localhost"}))),
        gate_(std::make_shared<boost::asio::steady_timer>(
            loop, boost::asio::steady_timer::time_point::max())),
        server(std::make_unique<net::Server>(std::move(options), loop, *tls,
                                             clock,
                                             [this](net::Request request) {
                                               return Reply(std::move(request));
                                             })) {
    const Result<Done> started = server->Start();
    if (!started) throw std::runtime_error(started.error().message);
  }
  ~TestServer() {
    server.reset();
    clock.Settle();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::vector<std::string> Targets() const {
    std::vector<std::string> targets;
    for (const net::Request& r : requests) targets.push_back(r.target);
    return targets;
  }

  // Lets all requests to /hang end.
  void Release() {
    released_ = true;
    gate_->cancel();
  }

  static constexpr std::size_t kLarge = 8 * 1024 * 1024;

  boost::asio::io_context loop;
  FakeClock clock;
  TestCa ca;
  std::unique_ptr<net::ServingTls> tls;
  std::vector<net::Request> requests;  // as the handler got them
  int hanging = 0;
  int cancelled = 0;  // of those that hung

 private:
  // Counts a request to /hang, however it ends.
  class Hanging {
   public:
    explicit Hanging(TestServer& server) : server_(server) {
      ++server_.hanging;
    }
    ~Hanging() {
      --server_.hanging;
      if (!server_.released_) ++server_.cancelled;
    }
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;

   private:
    TestServer& server_;
  };

  Task<net::Response> Reply(net::Request request) {
    requests.push_back(request);
    if (request.target == "/throw") throw std::runtime_error("broken");
    if (request.target == "/hang") {
      const Hanging hanging_here(*this);
      co_await gate_->async_wait(
          boost::asio::as_tuple(boost::asio::use_awaitable));
      co_return net::Response::Of(200, "text/plain", "released\n");
    }
    if (request.target == "/large") {
      co_return net::Response::Of(200, "text/plain", std::string(kLarge, 'x'));
    }
    if (request.target == "/leave") {
      net::Response response = net::Response::Of(401, "text/plain", "left\n");
      response.headers.Set("Connection", "close");
      co_return response;
    }
    co_return net::Response::Of(200, "text/plain",
                                request.method + " " + request.target + " " +
                                    std::to_string(request.body.size()) + "\n");
  }

  bool released_ = false;
  std::shared_ptr<boost::asio::steady_timer> gate_;

 public:
  std::unique_ptr<net::Server> server;
};

}  // namespace sextant
