#include "gunzip.h"

#include <array>
#include <new>

namespace sextant::net {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

}  // namespace

Gunzip::Gunzip() {
  // Fails for want of memory only.
  if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

Gunzip::~Gunzip() { inflateEnd(&stream_); }

Result<bool> Gunzip::Feed(std::string_view bytes, const Out& out) {
  std::array<char, 32 * 1024> plain;
  // zlib takes its input through a pointer to non-const and leaves it alone.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  bool more_output = false;
  while (stream_.avail_in > 0 || more_output) {
    inside_member_ = true;
    stream_.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream_.avail_out = static_cast<uInt>(plain.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return false;
    }
    const std::size_t made = plain.size() - stream_.avail_out;
    if (made > 0) {
      Result<Done> taken = out({plain.data(), made});
      if (!taken) return std::move(taken).error();
    }
    more_output = stream_.avail_out == 0;
    if (code == Z_STREAM_END) {
      inside_member_ = false;
      more_output = false;
      inflateReset(&stream_);
    }
  }
  return true;
}

}  // namespace sextant::net
