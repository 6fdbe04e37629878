#include "support/test_server.h"

#include <stdexcept>
#include <utility>

namespace sextant {

// Counts a request to /hang, however it ends.
class TestServer::Hanging {
 public:
  explicit Hanging(TestServer& server) : server_(server) { ++server_.hanging; }
  ~Hanging() {
    --server_.hanging;
    if (!server_.released_) ++server_.cancelled;
  }
  Hanging(const Hanging&) = delete;
  Hanging& operator=(const Hanging&) = delete;

 private:
  TestServer& server_;
};

TestServer::TestServer(net::Server::Options options)
    : clock(loop),
      ca("serving authority"),
      tls(*net::ServingTls::Create(ca.IssueServer({"localhost"}))),
      gate_(loop.get_executor()),
      server(std::make_unique<net::Server>(
          std::move(options), loop, *tls, clock,
          [this](net::Request request) { return Reply(std::move(request)); })) {
  const Result<Done> started = server->Start();
  if (!started) throw std::runtime_error(started.error().message);
}

TestServer::~TestServer() {
  server.reset();
  clock.Settle();
}

std::vector<std::string> TestServer::Targets() const {
  std::vector<std::string> targets;
  for (const net::Request& r : requests) targets.push_back(r.target);
  return targets;
}

void TestServer::Release() {
  released_ = true;
  gate_.Notify();
}

Task<net::Response> TestServer::Reply(net::Request request) {
  requests.push_back(request);
  if (request.target == "/throw") throw std::runtime_error("broken");
  if (request.target == "/hang") {
    const Hanging hanging_here(*this);
    co_await gate_.Wait();
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

}  // namespace sextant
