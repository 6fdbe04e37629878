#pragma once

#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "sextant/net/http.h"

namespace sextant::api {

// Does the client take gzip?  A "*" is not taken for a yes.  Pure.
bool AcceptsGzip(const net::Headers& request);

// Sends answers with gzip where it pays, as the API server does: what is longer
// than 128 KiB, and OpenAPI and the own metrics at any length, to clients that
// ask for it.  Loop only.
//
// Both forms of a document have one strong ETag, as the API server's have, and
// not one each (RFC 9110, 8.8.3.3): the tag is the hash of the text, the one
// that /openapi/v3 names in URLs, and the aggregator, which undoes gzip before
// it looks, compares and repeats it as it is.  What could go wrong with a tag
// for two forms, parts of both put together, needs range requests, and none is
// answered here; `Vary` keeps the forms apart in caches.
class Compression {
 public:
  // To be called when the response is complete otherwise.
  void Apply(const Call& call, net::Response& response);

 private:
  using Body = std::shared_ptr<const std::string>;
  Body Packed(const Body& body);

  // Of documents, as long as they are in use.
  struct Known {
    std::weak_ptr<const std::string> body;
    Body packed;
  };
  std::vector<Known> known_;
};

}  // namespace sextant::api
