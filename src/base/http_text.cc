#include "sextant/base/http_text.h"

#include "sextant/base/text.h"

namespace sextant {

std::string PathSegment(std::string_view text) {
  // The form's encoding, but for the blank: in a path a '+' is a plus.
  std::string out;
  for (const char c : FormEscape(text)) {
    if (c == '+') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

std::string BasicCredentials(std::string_view user_info) {
  std::string user(user_info);
  if (user.find(':') == std::string::npos) user += ':';
  return "Basic " + Base64Encode(user);
}

}  // namespace sextant
