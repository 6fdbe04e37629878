#include "audit_id.h"

#include <string_view>

namespace sextant::api {

std::string AuditIds::Of(const net::Headers& request) {
  const std::string* given = request.Find("Audit-Id");
  if (given != nullptr && !given->empty()) return given->substr(0, 64);

  // RFC 9562, 5.4: 'x' is a random digit, 'y' one of 8 9 a b.
  std::string id = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : id) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = random_();
      left = 16;
    }
    const std::uint64_t digit = bits & 0xF;
    bits >>= 4;
    --left;
    c = kDigits[c == 'x' ? digit : 8 + (digit & 3)];
  }
  return id;
}

}  // namespace sextant::api
