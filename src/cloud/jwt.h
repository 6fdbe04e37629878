#pragma once

#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::cloud {

// Base64 for URLs, without padding (RFC 4648, 5).  Pure.
std::string Base64Url(std::string_view bytes);

// A JSON Web Token with these claims (JSON), signed by RS256.  `key_id` may be
// empty.  The error says what is wrong with the key.  Pure.
Result<std::string> SignJwt(const std::string& key_pem,
                            const std::string& key_id, std::string_view claims);

}  // namespace sextant::cloud
