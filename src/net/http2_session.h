// HTTP/2 as bytes: nghttp2 with our limits.  No sockets; the time is an
// argument; so that tests and fuzzers can feed it directly.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/net/http.h"

struct nghttp2_session;

namespace sextant::net {

struct Http2Limits {
  std::uint32_t max_streams = 100;
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(30);
  Duration write_timeout = std::chrono::seconds(30);
};

// The server's side of one connection.
//
//   session.Receive(bytes, now);
//   for (auto& [stream, request] : session.TakeRequests()) ...
//   session.Respond(stream, response, date, now);
//   session.Send(out, 64 * 1024, now);
//
// A request whose header or body is too large is answered here (431, 413) and
// never given out.
class Http2Session {
 public:
  using Stream = std::int32_t;

  struct Arrived {
    Stream stream;
    Request request;
  };

  explicit Http2Session(Http2Limits limits);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // False if the connection cannot go on; what Send() still gives (a GOAWAY)
  // should go out before it is closed.
  bool Receive(std::string_view bytes, TimePoint now);

  // What came of it: whole requests, and streams that are over, answered or
  // not (reset by the client, say).
  std::vector<Arrived> TakeRequests();
  std::vector<Stream> TakeClosed();

  // Nothing happens if the stream is over by now.  The body is kept and sent
  // from where it is.
  void Respond(Stream stream, Response response, std::string_view date,
               TimePoint now);

  // Appends bytes to send to `out`, until it holds `enough` or there are none.
  // False if the connection cannot go on.
  bool Send(std::string& out, std::size_t enough, TimePoint now);

  // Resets streams whose body does not arrive or whose reply the client does
  // not take, and goes on with a GoAway() that it does not answer.  False if a
  // header block does not end: the connection must close.
  bool Sweep(TimePoint now);

  // Tells the client to send no more requests here.  Those begun go on, and so
  // do those that were on their way when it heard of it: the last stream is
  // named only when it has answered a PING that follows the news, or after
  // kGoodbye (RFC 9113, 6.8).  Once said, saying it again changes nothing.
  void GoAway(TimePoint now);
  static constexpr Duration kGoodbye = std::chrono::seconds(1);

  // Nothing will be received or sent any more.
  bool Finished() const;
  bool WantsWrite() const;
  std::size_t open_streams() const { return streams_.size(); }

 private:
  struct State;
  struct Callbacks;  // nghttp2's, as static functions

  void Refuse(Stream stream, int status, const std::string& reason);
  void Complete(Stream stream);
  void Submit(Stream stream, const Response& response, std::string_view date);
  void NameLastStream();

  const Http2Limits limits_;
  nghttp2_session* session_ = nullptr;
  TimePoint now_{};
  std::unordered_map<Stream, State> streams_;
  std::vector<Arrived> arrived_;
  std::vector<Stream> closed_;
  std::optional<TimePoint> leaving_since_;
  bool last_stream_named_ = false;
};

}  // namespace sextant::net
