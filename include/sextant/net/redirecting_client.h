#pragma once

#include <cstddef>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/client.h"

namespace sextant::net {

// Follows the redirects that `inner` is answered: replies of 301, 302, 303, 307
// and 308 that have a Location.  All of a Send() shares its one deadline.
//
// A redirect leads to the same scheme, host and port, or from http to https of
// the same host: on the same port, or from 80 to 443.  So credentials, which
// are sent along, never reach anyone else.  User info of a Location is ignored.
// As in Go, 301, 302 and 303 make a GET without a body of all methods but HEAD;
// 307 and 308 keep method and body.
//
// Further failures, all kUnavailable, name both places without user info and
// query: the redirect leads elsewhere, is one too many, has a Location that is
// no URL, or would repeat a request that is not repeatable.
//
// Loop only; `inner` must outlive the client.
class RedirectingClient final : public HttpClient {
 public:
  struct Options {
    // The setting that names the server, for the advice in errors.
    std::string url_setting = "--prometheus-url";
    std::size_t max_redirects = 10;
    // Of a redirect's body; what is longer is not read to its end, which costs
    // the connection.  `sink` sees none of it.
    std::size_t max_body_bytes = 64 * 1024;
  };

  RedirectingClient(Options options, HttpClient& inner);

  Task<Result<ResponseHead>> Send(ClientRequest request, TimePoint deadline,
                                  BodySink sink) override;

 private:
  const Options options_;
  HttpClient& inner_;
};

}  // namespace sextant::net
