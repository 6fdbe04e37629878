#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "sextant/kube/client.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/launch_task.h"
#include "support/run_task.h"

namespace sextant::kube {

inline Client::Options At(const std::string& url) {
  Client::Options options;
  options.server = *net::Url::Parse(url);
  return options;
}

// A Client of "https://kube" with the token "secret-1", and the world around
// it.  The clock stands at 0, and pauses have no jitter.
struct Fixture {
  explicit Fixture(Client::Options options = At("https://kube"))
      : client(
            std::move(options), http, [this] { return token; }, clock) {
    http.clock = &clock;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeHttpClient http;
  std::string token = "secret-1";
  Client client;
  TimePoint deadline{std::chrono::seconds(60)};
};

inline std::string Line(const net::ClientRequest& request) {
  return request.method + " " + request.url.ToString();
}

inline std::string Header(const net::ClientRequest& request, const char* name) {
  const std::string* const value = request.headers.Find(name);
  return value != nullptr ? *value : "(none)";
}

}  // namespace sextant::kube
