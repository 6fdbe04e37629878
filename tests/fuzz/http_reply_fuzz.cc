#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/reply_reader.h"

// The first byte says what was asked for and how the rest, a reply, is cut.
// However it is cut, the same body must come out, in pieces that are not empty.
// Only at the limit of the head's size may one cut be refused and another
// taken: it is a bound on what is held, and that depends on the cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using sextant::Done;
  using sextant::Result;
  using sextant::net::ReplyReader;
  using sextant::net::ResponseHead;
  if (size == 0) return 0;
  const std::string_view reply(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  bool too_large = false;
  const auto read = [&](std::size_t piece, std::size_t& body_bytes) {
    ReplyReader::Options options;
    options.source = "http://prom:9090";
    options.without_body = (data[0] & 1) != 0;
    options.gzip_asked = (data[0] & 2) != 0;
    options.max_header_bytes = 1024;
    ReplyReader reader(
        options,
        [&](const ResponseHead&, std::string_view part) -> Result<Done> {
          if (part.empty()) std::abort();
          body_bytes += part.size();
          return Done{};
        });
    for (std::size_t at = 0; at < reply.size(); at += piece) {
      const Result<Done> put = reader.Put(reply.substr(at, piece));
      if (put) continue;
      too_large |= put.error().message.find("its head is larger than") !=
                   std::string::npos;
      return false;
    }
    return reader.Complete() || static_cast<bool>(reader.End());
  };
  std::size_t whole_bytes = 0;
  std::size_t cut_bytes = 0;
  const bool whole = read(reply.size() + 1, whole_bytes);
  const bool cut = read(1 + (data[0] >> 2), cut_bytes);
  if (whole != cut && !too_large) std::abort();
  if (whole && cut && whole_bytes != cut_bytes) std::abort();
  return 0;
}
