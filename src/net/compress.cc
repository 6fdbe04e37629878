#include "sextant/net/compress.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace sextant::net {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kMemory = 8;  // zlib's own choice

class Deflater {
 public:
  // Fails for want of memory only.
  Deflater() {
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void Append(std::string_view text, bool last, std::string& out) {
    // zlib takes its input through a pointer to non-const and leaves it alone.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    std::array<char, 32 * 1024> piece;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(piece.data(), piece.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string Compressed(std::string_view text) {
  // More than zlib counts at once.
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  Deflater deflater;
  std::string out;
  do {
    const std::string_view piece = text.substr(0, std::min(text.size(), kMost));
    text.remove_prefix(piece.size());
    deflater.Append(piece, text.empty(), out);
  } while (!text.empty());
  out.shrink_to_fit();
  return out;
}

}  // namespace sextant::net
