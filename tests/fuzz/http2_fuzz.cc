#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "net/http2_session.h"

// The first byte tells the size of the pieces, and if it is odd the server says
// goodbye behind the first of them; the rest is what a client sends behind its
// preface.  Every second request is answered; time passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using sextant::net::Http2Session;
  if (size == 0) return 0;
  sextant::net::Http2Limits limits;
  limits.max_streams = 10;
  limits.max_header_bytes = 512;
  limits.max_body_bytes = 256;
  Http2Session session(limits);
  sextant::TimePoint now{};
  if (!session.Receive("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", now)) std::abort();
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = std::size_t{data[0]} + 1;
  bool answer = true;
  while (!bytes.empty()) {
    const bool good = session.Receive(bytes.substr(0, piece), now);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (Http2Session::Arrived& arrived : session.TakeRequests()) {
      const sextant::net::Request& request = arrived.request;
      if (request.body.size() > limits.max_body_bytes) std::abort();
      if (request.target.empty()) std::abort();
      if (request.headers.FindAll("host").size() != 1) std::abort();
      if (std::exchange(answer, !answer)) {
        session.Respond(arrived.stream,
                        sextant::net::Response::Of(200, "text/plain",
                                                   std::string(100000, 'x')),
                        "today", now);
      }
    }
    session.TakeClosed();
    std::string out;
    if (!session.Send(out, 64 * 1024, now) || !good) break;
    if (session.open_streams() > limits.max_streams) std::abort();
    if (data[0] % 2 == 1) session.GoAway(now);
    now += std::chrono::seconds(1);
    if (!session.Sweep(now) || session.Finished()) break;
  }
  return 0;
}
