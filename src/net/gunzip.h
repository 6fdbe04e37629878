#pragma once

#include <zlib.h>

#include <functional>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::net {

// Undoes gzip piece by piece, in memory that does not depend on the content.
// Several gzip members after each other are one text (RFC 1952, 2.2).
class Gunzip {
 public:
  using Out = std::function<Result<Done>(std::string_view plain)>;

  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // Calls `out` with what `bytes` add, in pieces of at most 32 KiB.  False if
  // they are not gzip.  An error of `out` stops it and is returned.
  Result<bool> Feed(std::string_view bytes, const Out& out);

  // Nothing is missing after what was fed; also if nothing was.
  bool AtEnd() const { return !inside_member_; }

 private:
  z_stream stream_{};
  bool inside_member_ = false;
};

}  // namespace sextant::net
