#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sextant/base/result.h"
#include "sextant/net/client.h"

namespace sextant::net {

// Reads one HTTP/1.x reply from the bytes of a connection, however these are
// cut, and hands its body on as it comes.  Knows nothing of sockets or time.
//
// Interim replies (1xx) are skipped.  gzip is undone, and `head` then has no
// Content-Encoding and no Content-Length.  Memory is bounded by the limit on
// the head, whatever the size of the body.
class ReplyReader {
 public:
  struct Options {
    std::string source;         // "http://prom:9090", for messages
    bool without_body = false;  // the reply is to a HEAD
    bool gzip_asked = false;    // other codings are refused always
    std::size_t max_header_bytes = 64 * 1024;
  };

  ReplyReader(Options options, BodySink sink);
  ~ReplyReader();

  // Takes the next bytes.  An error of the sink is returned as it is; others
  // are kUnavailable and name the source.  Not to be called again after an
  // error or once the reply is complete.
  Result<Done> Put(std::string_view bytes);

  // The connection has ended: an error if the reply lacks something.
  Result<Done> End();

  // At least one byte has come.
  bool Started() const { return started_; }
  bool Complete() const;
  // Complete, and the server keeps the connection open.
  bool MayReuseConnection() const;

  // Once Complete().
  ResponseHead TakeHead();

 private:
  class Parser;

  Result<Done> Feed(std::string_view bytes, std::size_t& used);
  Error Broken(const std::string& why) const;

  const Options options_;
  BodySink sink_;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // came, but not enough to go on with
  std::size_t interim_replies_ = 0;
  bool started_ = false;
};

}  // namespace sextant::net
