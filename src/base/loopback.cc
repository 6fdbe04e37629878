#include "sextant/base/loopback.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sextant/base/text.h"

namespace sextant {
namespace {

// "0" to "255", in at most three digits.
bool IsByte(const std::string& text) {
  if (text.empty() || text.size() > 3) return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value <= 255;
}

}  // namespace

bool IsLoopbackAddress(std::string_view address) {
  constexpr std::string_view kMapped = "::ffff:";
  if (address == "::1") return true;
  if (address.starts_with(kMapped)) address.remove_prefix(kMapped.size());
  const std::vector<std::string> parts = Split(address, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::all_of(parts.begin(), parts.end(), IsByte);
}

}  // namespace sextant
