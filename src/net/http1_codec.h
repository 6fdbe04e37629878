// HTTP/1.1 as bytes: requests out of what arrives, replies into what is sent.
// No sockets, no clock; so that tests and fuzzers can feed it directly.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sextant/net/http.h"

namespace sextant::net {

struct Http1Limits {
  std::size_t max_header_bytes = 32 * 1024;  // with the request line
  std::size_t max_body_bytes = 1024 * 1024;
};

// Takes the bytes of one connection and gives its requests, one after another.
//
//   decoder.Feed(bytes);
//   while (decoder.Next() == Http1Decoder::Step::kRequest) {
//     ... decoder.TakeRequest() ...
//   }
//
// A request must be beyond doubt.  Everything by which another HTTP program
// could see different boundaries than we do is refused: bare CR and LF, folded
// lines, a blank before the colon, several lengths, a length beside a transfer
// coding, any coding but "chunked", chunked in HTTP/1.0, no Host or two.
// After a refusal nothing more is ever parsed, so that what follows a refused
// head cannot become a request.
class Http1Decoder {
 public:
  explicit Http1Decoder(Http1Limits limits);
  ~Http1Decoder();

  enum class Step {
    kNeedMore,
    kContinue,  // the client waits for "100 Continue"; given once per request
    kRequest,   // TakeRequest() has it
    kRefused,   // refusal() says why; answer and close
  };

  struct Refusal {
    int status = 0;
    std::string reason;
  };

  enum class Phase {
    kIdle,  // no byte of the next request is here
    kHead,
    kBody,
  };

  void Feed(std::string_view bytes);
  Step Next();

  Phase phase() const;
  const Refusal& refusal() const { return refusal_; }

  // After kRequest, once.  Trailers are not part of it: a proxy that set or
  // removed header fields did not look at them.
  Request TakeRequest();
  // Of the request taken last: may another one follow?
  bool keep_alive() const { return keep_alive_; }

 private:
  class Parser;

  Step Refuse(int status, std::string reason);
  // True once buffer_ holds a whole head, of head_bytes_; or it was refused.
  bool FindHead();
  bool ParseHead();
  bool ParseBody();

  const Http1Limits limits_;
  std::string buffer_;
  std::size_t line_begin_ = 0;  // of the line that FindHead() has reached
  std::size_t scanned_ = 0;     // no end of line before here
  std::size_t head_bytes_ = 0;
  std::size_t body_wire_bytes_ = 0;  // with the framing of chunks
  bool continue_asked_ = false;
  bool keep_alive_ = true;
  std::unique_ptr<Parser> parser_;  // from the end of the head on
  Refusal refusal_;
};

// Status line and header of a reply, ready to send.  Content-Length is the
// body's, also for HEAD (RFC 9110, 8.6).
std::string EncodeHttp1Head(const Response& response, bool keep_alive,
                            std::string_view date);

}  // namespace sextant::net
