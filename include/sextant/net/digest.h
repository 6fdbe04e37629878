#pragma once

#include <string>
#include <string_view>

namespace sextant::net {

// SHA-512 of `bytes` as 128 upper-case hex digits: what Kubernetes puts into
// the ETags of its documents.  Any thread.
std::string Sha512Hex(std::string_view bytes);

// SHA-256 of `bytes` as 64 lower-case hex digits.  Any thread.
std::string Sha256Hex(std::string_view bytes);

// HMAC-SHA-256, 32 bytes.  Any thread.
std::string HmacSha256(std::string_view key, std::string_view bytes);

// `bytes` as lower-case hex digits.  Any thread.
std::string LowerHex(std::string_view bytes);

// A hash under a random key that only this object has: by it a secret can be
// recognised, and neither found out nor compared with what another process
// keeps.  Loop only.
class KeyedHash {
 public:
  KeyedHash();

  // 32 bytes (HMAC-SHA-256).
  std::string Of(std::string_view bytes) const;

 private:
  std::string key_;
};

}  // namespace sextant::net
