// The command line of `sextant explain`.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/config/flags.h"

namespace sextant::config {

struct ExplainFlags {
  enum class Mode {
    kLive,     // with a backend
    kOffline,  // with none: the text of the query
    kServer,   // a sextant that runs
  };
  Mode mode = Mode::kLive;
  std::string path;  // of the request, as it stands in a URL, with its query

  // kLive and kOffline.
  ServeFlags inputs;   // config, backend, the files of standalone mode
  std::string series;  // kOffline

  // kServer.
  std::string server;      // URL
  std::string ca_file;     // empty: the system's
  std::string token_file;  // empty: none
  bool insecure = false;   // --insecure-skip-tls-verify

  bool json = false;           // --output
  std::string color = "auto";  // auto, always or never
  bool help = false;           // print ExplainHelpText(); nothing else holds
};

// Reads the arguments after "explain".  An error says what is wrong and what to
// write, of all mistakes at once.
Result<ExplainFlags> ParseExplainFlags(std::span<const std::string> arguments);

std::string ExplainHelpText();

}  // namespace sextant::config
