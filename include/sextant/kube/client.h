#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/client.h"
#include "sextant/net/url.h"

namespace sextant::kube {

// A request to the API server.
struct Request {
  std::string method = "GET";
  std::string path =
      {};  // with its query, percent-encoded: "/api/v1/pods?limit=5"
  std::string accept = "application/json";
  std::string body = {};  // JSON; empty: none
  // Sending it twice does no more than sending it once.  True of reviews too,
  // which are POSTs that create nothing.
  bool repeatable = true;
};

struct Reply {
  int status = 0;
  std::string body;
};

// Asks a Kubernetes API server.
//
// There is no throttle of its own, so that no caller waits for another; how
// many connections are in use at once is the business of `http`.  Errors are
// those of net::HttpClient and name the server; a token is in none of them.
// Loop only.
class Client {
 public:
  struct Options {
    // Its path is put in front of those of requests.  Its user info is sent
    // while there is no token.
    net::Url server;
    std::string user_agent = "sextant";
    // Of a reply that is gathered; kTooLarge above it.
    std::size_t max_reply_bytes = std::size_t{64} << 20U;
    // A number from 0 up to 1, another one with each call, which spreads the
    // retries of many clients; empty: they are not spread.
    std::function<double()> jitter;
  };

  // `token` gives the bearer token of the moment; "": none.  What is passed by
  // reference must outlive this object.
  Client(Options options, net::HttpClient& http,
         std::function<std::string()> token, Clock& clock);

  // A reply of any status is a success.  A repeatable request is sent up to
  // five times while the server cannot be reached or answers 429, 500, 504 or
  // anything with Retry-After that is an error, with growing pauses (half a
  // second at first) or those that the server wishes.  When the deadline leaves
  // no time for another attempt, the last outcome is the answer at once.
  Task<Result<Reply>> Send(Request request, TimePoint deadline);

  // For watches and large lists: the body of a reply of 200 goes piece by piece
  // to `sink`, whose error ends the transfer and becomes the result; any other
  // is gathered into Reply::body.  Sent once: the caller knows what to do about
  // a watch that broke.
  Task<Result<Reply>> Stream(
      Request request, TimePoint deadline,
      std::function<Result<Done>(std::string_view piece)> sink);

  // The next number of Options::jitter, for pauses of those who ask.
  double Jitter() const { return options_.jitter ? options_.jitter() : 0; }

 private:
  net::ClientRequest Write(const Request& request) const;

  const Options options_;
  net::HttpClient& http_;
  const std::function<std::string()> token_;
  Clock& clock_;
};

// The error that a reply with a status of 400 or more means: `doing` ("listing
// pods"), then what the API server's Status object says, of a 403 who lacks
// which right.  The code is that of the API server's answer to us; whether our
// own caller may be told the same is for the one who asked.
Error ErrorOf(const Reply& reply, const std::string& doing);

}  // namespace sextant::kube
