#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "sextant/net/http.h"

namespace sextant::api {

// Names for requests: what the caller's proxy calls it, so that its log and
// ours can be laid side by side, or else a new one.  Loop only.
class AuditIds {
 public:
  explicit AuditIds(std::uint64_t seed) : random_(seed) {}

  // The request's Audit-Id (its first 64 bytes), or a random UUID.
  std::string Of(const net::Headers& request);

 private:
  std::mt19937_64 random_;
};

}  // namespace sextant::api
