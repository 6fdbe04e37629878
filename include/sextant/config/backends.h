// The key `backends` of the configuration file.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/config/flags.h"
#include "sextant/config/problem.h"

namespace sextant::config {

// What rules ask that choose no backend: the one of the flags, unless the file
// has one of this name.
inline constexpr char kDefaultBackend[] = "default";

// No backend's timeout is longer.
inline constexpr std::chrono::minutes kLongestBackendTimeout{5};

// An item of `backends`: a server, or one that is made of others.
struct Backend {
  std::string name;
  std::string path;  // "backends[0]"
  Position at;

  // Of a server.  Every flag of the backend is a key: its name without
  // "prometheus-" or "backend-", with capitals for dashes ("tokenFile").
  BackendFlags flags;
  std::uint32_t max_in_flight = 64;  // 0: no limit
  // circuitBreaker: after so many failures in a row it is left alone; 0: never.
  std::uint32_t failures = 5;
  Duration pause = std::chrono::seconds(1);
  Duration longest_pause = std::chrono::seconds(15);

  // Names of others, at most one of the two has any.
  std::vector<std::string> failover;  // the first that answers
  std::vector<std::string> shards;    // all together
  std::vector<std::string> sharded_by;

  bool is_server() const { return failover.empty() && shards.empty(); }
};

// A text about flags with the keys of `backends` in their place: "url" for
// "--prometheus-url".
std::string InKeysOfBackends(std::string text);

}  // namespace sextant::config
