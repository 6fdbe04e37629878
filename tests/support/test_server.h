#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sextant/base/event.h"
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
  explicit TestServer(net::Server::Options options);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::vector<std::string> Targets() const;

  // Lets all requests to /hang end.
  void Release();

  static constexpr std::size_t kLarge = 8 * 1024 * 1024;

  boost::asio::io_context loop;
  FakeClock clock;
  TestCa ca;
  std::unique_ptr<net::ServingTls> tls;
  std::vector<net::Request> requests;  // as the handler got them
  int hanging = 0;
  int cancelled = 0;  // of those that hung

 private:
  class Hanging;
  Task<net::Response> Reply(net::Request request);

  bool released_ = false;
  Event gate_;

 public:
  std::unique_ptr<net::Server> server;
};

}  // namespace sextant
