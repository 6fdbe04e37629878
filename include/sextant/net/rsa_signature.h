#pragma once

#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::net {

// The signature of `bytes` under an RSA key (RSASSA-PKCS1-v1_5 with SHA-256:
// RS256 of JSON Web Tokens), as bytes.  `key_pem` is a private key in PEM,
// PKCS#8 or PKCS#1, without a passphrase.  The error says what is wrong with
// the key, and holds no part of it.  Takes a millisecond.  Any thread.
Result<std::string> SignRs256(const std::string& key_pem,
                              std::string_view bytes);

}  // namespace sextant::net
