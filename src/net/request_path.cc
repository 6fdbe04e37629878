#include "sextant/net/request_path.h"

#include <optional>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::net {

SplitPath SplitPath::Of(std::string_view path) {
  SplitPath split;
  if (path.empty() || path.front() != '/') {
    split.malformed = true;
    return split;
  }
  path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') {
    split.slash_at_end = true;
    path.remove_suffix(1);
    // "//": what is left is not nothing, but an empty segment.
    if (path.empty()) split.broken = true;
  }
  if (path.empty()) return split;
  for (const std::string& raw : Split(path, '/')) {
    std::optional<std::string> segment = PercentDecode(raw);
    if (!segment) {
      split.malformed = true;
      return split;
    }
    if (segment->empty() || segment->find('/') != std::string::npos) {
      split.broken = true;
    }
    split.segments.push_back(*std::move(segment));
  }
  return split;
}

}  // namespace sextant::net
