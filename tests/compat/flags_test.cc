#include "sextant/config/flags.h"

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "compat/vectors.h"

namespace sextant::compat {
namespace {

using Arguments = std::vector<std::string>;

Arguments ArgumentsOf(const YAML::Node& list, const std::string& before = "") {
  Arguments arguments;
  for (const YAML::Node& argument : list) {
    arguments.push_back(before + argument.Scalar());
  }
  return arguments;
}

// The form in which Go's http.Header keeps names: "X-Scope-Orgid".
std::string CanonicalName(std::string name) {
  bool begins = true;
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(begins ? std::toupper(byte) : std::tolower(byte));
    begins = c == '-';
  }
  return name;
}

using Headers = std::map<std::string, std::vector<std::string>>;

Headers RecordedHeaders(const YAML::Node& map) {
  Headers headers;
  for (const auto& entry : map) {
    headers[entry.first.Scalar()] = ArgumentsOf(entry.second);
  }
  return headers;
}

Headers OurHeaders(const Arguments& arguments) {
  Headers headers;
  const Result<config::BackendArguments> parsed =
      config::ParseBackendFlags(arguments);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return headers;
  }
  for (const auto& [name, value] : parsed->flags.headers) {
    headers[CanonicalName(name)].push_back(value);
  }
  return headers;
}

std::string OurDefault(const std::string& flag) {
  const config::ServeFlags flags;
  if (flag == "v") return std::to_string(flags.verbosity);
  if (flag == "prometheus-url") return flags.backend.url;
  return "?";
}

TEST(Compat, flags) {
  Report report("flags");
  for (const Case& c : Cases("flags", "header_args")) {
    SCOPED_TRACE(c.id);
    EXPECT_EQ(OurHeaders(ArgumentsOf(c.node["args"], "--prometheus-header=")),
              RecordedHeaders(c.node["headers"]));
    if (!HasFailure()) report.Agrees(c);
  }
  for (const Case& c : Cases("flags", "defaults")) {
    SCOPED_TRACE(c.id);
    EXPECT_EQ(OurDefault(Text(c.node, "flag")), Text(c.node, "default"));
    if (!HasFailure()) report.Agrees(c);
  }
  for (const Case& c : Cases("flags", "server_validate")) {
    SCOPED_TRACE(c.id);
    // What sextant needs besides.
    Arguments arguments = {"--standalone", "--config=c"};
    for (const std::string& argument : ArgumentsOf(c.node["args"])) {
      arguments.push_back(argument);
    }
    const Result<config::ServeCommand> parsed =
        config::ParseServeFlags(arguments);
    EXPECT_EQ(parsed ? "true" : "false", Text(c.node, "ok"))
        << (parsed ? "" : parsed.error().message);
    if (!HasFailure()) report.Agrees(c);
  }
}

}  // namespace
}  // namespace sextant::compat
