#include <boost/version.hpp>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "sextant/app/version.h"

namespace sextant::app {
namespace {

using Named = std::pair<std::string, std::string>;

std::string Compiler() {
#if defined(__clang__)
  std::string version = "clang " __clang_version__;
  return version.erase(version.find_last_not_of(' ') + 1);
#else
  return "g++ " __VERSION__;
#endif
}

// Those of the build; a library that is replaced afterwards has another.  One
// that does not say its version is left out.
std::vector<Named> Libraries() {
  std::vector<Named> libraries = {
      {"boost", std::to_string(BOOST_VERSION / 100000) + "." +
                    std::to_string(BOOST_VERSION / 100 % 1000)},
      {"nghttp2", SEXTANT_NGHTTP2_VERSION},
      {"openssl", SEXTANT_OPENSSL_VERSION},
      {"re2", SEXTANT_RE2_VERSION},
      {"yaml-cpp", SEXTANT_YAML_CPP_VERSION},
      {"zlib", SEXTANT_ZLIB_VERSION}};
  std::erase_if(libraries, [](const Named& n) { return n.second.empty(); });
  return libraries;
}

std::string Text() {
  std::string text =
      std::string("sextant ") + kVersion + "\ncompiler " + Compiler() + "\n";
  for (const auto& [name, version] : Libraries()) {
    text += name + " " + version + "\n";
  }
  return text;
}

std::string Json() {
  nlohmann::ordered_json document = {{"version", kVersion},
                                     {"compiler", Compiler()}};
  for (const auto& [name, version] : Libraries()) {
    document["libraries"][name] = version;
  }
  return document.dump(2) + "\n";
}

}  // namespace

ExitCode RunVersion(std::span<const std::string> arguments, Streams streams) {
  std::string output = "text";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "-h" || argument == "--help") {
      streams.out << "Prints what this program is and was built with.\n\n"
                     "Usage:\n  sextant version [--output=text|json]\n";
      return ExitCode::kOk;
    }
    if (argument.starts_with("--output=")) {
      output = argument.substr(argument.find('=') + 1);
    } else if (argument == "--output" && i + 1 < arguments.size()) {
      output = arguments[++i];
    } else {
      streams.err << "sextant version: unexpected argument \"" << argument
                  << "\"; it takes --output=text|json only\n";
      return ExitCode::kUsage;
    }
  }
  if (output != "text" && output != "json") {
    streams.err << "sextant version: --output: must be text or json, not \""
                << output << "\"\n";
    return ExitCode::kUsage;
  }
  streams.out << (output == "json" ? Json() : Text());
  return ExitCode::kOk;
}

}  // namespace sextant::app
