#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/config/flags.h"

namespace sextant::config {

struct CheckFlags {
  std::vector<std::string> files;    // "-": standard input
  std::string standalone_resources;  // file, as of serve
  std::string color = "auto";        // auto, always or never
  bool json = false;                 // --output=json
  bool strict = false;               // warnings count as errors
  bool for_cluster = false;          // unknown resources may be a cluster's
  bool help = false;  // print CheckHelpText(); nothing else holds

  // Whom to ask what each rule finds now; nothing: nobody.
  std::optional<BackendFlags> backend;
  Duration max_age = std::chrono::minutes(10);  // --metrics-max-age
  std::vector<std::string> warnings;            // as ServeFlags::warnings
};

// Reads the arguments after "check".  An error says what is wrong and what to
// write, of all mistakes at once.
Result<CheckFlags> ParseCheckFlags(std::span<const std::string> arguments);

std::string CheckHelpText();

// A ConfigMap with a configuration in it, or values of the prometheus-adapter
// chart (the lists of rules there, by the keys that the chart gives them), cut
// down to that configuration: all other lines are empty, so that every line
// stands where it stood.  Nothing if `text` is something else, or holds it in a
// form in which lines move (quotes, a folded block, anchors elsewhere).
struct EmbeddedConfig {
  std::string key;  // of `data`; of values "rules"
  std::string text;
};
std::vector<EmbeddedConfig> FindEmbeddedConfigs(const std::string& text);

}  // namespace sextant::config
