#pragma once

#include <memory>
#include <string>

#include "sextant/net/http.h"

namespace sextant::api {

// JSON that is made once and sent often.
struct Document {
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;
  std::string etag;  // quotes included; empty: it has none

  // With and without an ETag, which is the SHA-512 of the body.
  static Document Tagged(std::string body);
  static Document Plain(std::string body);
};

// The answer to a request for it: 304 if the client says that it has it.
net::Response Serve(const Document& document, const net::Headers& request);

}  // namespace sextant::api
