// The flags of `sextant serve`.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant::config {

struct ServeFlags {
  std::string config;                                // --config
  std::string prometheus_url = "https://localhost";  // --prometheus-url
  Duration metrics_relist_interval = std::chrono::minutes(10);
  Duration metrics_max_age{0};           // 0: as metrics_relist_interval, which
                                         // ParseServeFlags() fills in
  std::string bind_address = "0.0.0.0";  // with standalone "127.0.0.1"
  std::uint16_t secure_port = 443;       // 0: any free one
  std::string tls_cert_file;
  std::string tls_private_key_file;
  bool standalone = false;
  std::string standalone_resources;  // file; see config/standalone.h
  std::string standalone_objects;    // file
  int verbosity = 0;                 // -v; 4 and more log each request
};

// What a command line asks for.
struct ServeCommand {
  ServeFlags flags;
  bool help = false;  // print ServeHelpText() and end; `flags` is not filled
};

// Reads the arguments after "serve".  An error says which flag, what is wrong
// with it, and what to write.  Values are checked against each other too:
// --metrics-max-age below --metrics-relist-interval, one of the two TLS files
// alone, --standalone with a bind address that is not a loopback one.
Result<ServeCommand> ParseServeFlags(std::span<const std::string> arguments);

// Grouped, with examples.
std::string ServeHelpText();

}  // namespace sextant::config
