#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/http.h"
#include "sextant/net/url.h"

namespace sextant::net {

struct ClientRequest {
  std::string method = "GET";
  // Its user info becomes an Authorization header, unless there is one.
  Url url;
  Headers headers;  // Host and Content-Length are added
  std::string body;
  // Sending it twice does no more than sending it once, so the client may try
  // again.  True of every query, those that go by POST included.
  bool repeatable = true;
};

struct ResponseHead {
  int status = 0;
  Headers headers;
};

// Takes the body of a reply piece by piece, in order; `head` is the same each
// time.  An error stops the transfer and becomes the result of Send().
using BodySink = std::function<Result<Done>(const ResponseHead& head,
                                            std::string_view piece)>;

// Sends requests.  The edge of the process towards every HTTP server.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // The reply's head, once its whole body has gone through `sink` (which is not
  // called for an empty one).  A reply of any status is a success here.
  // kDeadlineExceeded: `deadline` passed, connecting and body included.
  // kUnavailable: no connection, TLS refused, the connection broke, or the
  // reply is not HTTP.  kInvalidArgument: the request cannot be written as
  // HTTP. gzip is undone if the request's Accept-Encoding names it.  Cancelling
  // the Task closes the connection.
  virtual Task<Result<ResponseHead>> Send(ClientRequest request,
                                          TimePoint deadline,
                                          BodySink sink) = 0;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// Send(), with the body gathered; kTooLarge above `max_bytes`.
Task<Result<ClientResponse>> SendAndGather(HttpClient& client,
                                           ClientRequest request,
                                           TimePoint deadline,
                                           std::size_t max_bytes);

}  // namespace sextant::net
