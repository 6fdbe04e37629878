#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/http1_codec.h"

namespace {

using sextant::net::Http1Decoder;
using sextant::net::Request;

constexpr std::size_t kMaxBody = 256;

void Take(Http1Decoder& decoder, std::vector<std::string>& seen) {
  for (;;) {
    const Http1Decoder::Step step = decoder.Next();
    if (step == Http1Decoder::Step::kContinue) continue;
    if (step != Http1Decoder::Step::kRequest) return;
    const Request request = decoder.TakeRequest();
    std::string text = request.method + ' ' + request.target + '\n';
    for (const auto& [name, value] : request.headers.fields()) {
      if (value.find_first_of("\r\n") != std::string::npos) std::abort();
      text += name + ": " + value + '\n';
    }
    if (request.body.size() > kMaxBody) std::abort();
    seen.push_back(text + '\n' + request.body);
  }
}

std::vector<std::string> Decode(std::string_view bytes, std::size_t size) {
  Http1Decoder decoder({512, kMaxBody});
  std::vector<std::string> seen;
  while (!bytes.empty()) {
    decoder.Feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    Take(decoder, seen);
  }
  return seen;
}

}  // namespace

// However the bytes are cut into pieces, the requests are the same.  Whether
// what follows them is refused already, or only when more of it comes, may
// differ.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const std::vector<std::string> whole = Decode(bytes, bytes.size());
  const std::vector<std::string> pieces =
      Decode(bytes, std::size_t{data[0]} + 1);
  if (whole != pieces) std::abort();
  return 0;
}
