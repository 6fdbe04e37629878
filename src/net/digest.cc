#include "sextant/net/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <stdexcept>

namespace sextant::net {

std::string Sha512Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest{};
  SHA512(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         digest.data());
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xF];
  }
  return hex;
}

std::string Sha256Hex(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return LowerHex(digest);
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(hash.data()), nullptr);
  return hash;
}

std::string LowerHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xF];
  }
  return hex;
}

KeyedHash::KeyedHash() : key_(SHA256_DIGEST_LENGTH, '\0') {
  // Without random numbers there is no TLS either.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()),
                 static_cast<int>(key_.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
}

std::string KeyedHash::Of(std::string_view bytes) const {
  return HmacSha256(key_, bytes);
}

}  // namespace sextant::net
