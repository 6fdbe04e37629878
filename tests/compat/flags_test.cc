#include "sextant/config/flags.h"

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "app/backend_client.h"
#include "compat/vectors.h"
#include "sextant/base/clock.h"
#include "sextant/obs/metrics.h"
#include "support/temp_folder.h"
#include "support/test_certificates.h"

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

// A PEM or a kubeconfig as a case has it: "valid", "broken" or none.
class Files {
 public:
  // Its path; "" if the case has none.
  std::string Put(const std::string& state, const std::string& name,
                  const std::string& text) const {
    if (state.empty()) return {};
    return folder_.Put(name, state.rfind("valid", 0) == 0 ? text : "broken {");
  }

 private:
  TempFolder folder_;
};

constexpr char kKubeconfig[] = R"(current-context: c
contexts: [{name: c, context: {cluster: a, user: b}}]
clusters: [{name: a, cluster: {server: 'https://unused'}}]
users: [{name: b, user: {token: t}}]
)";

// "true" or "false": does the client come to be?
std::string Built(const config::BackendFlags& flags) {
  SystemClock clock;
  obs::Metrics metrics;
  const auto built = app::BackendClient::Build(
      flags, [](const char*) { return std::string(); }, clock, metrics);
  return built ? "true" : "false";
}

std::string BuiltWithKubeconfig(const Case& c) {
  const Files files;
  Arguments arguments;
  const std::string path =
      files.Put(Text(c.node, "kubeconfig"), "kubeconfig", kKubeconfig);
  if (!path.empty()) arguments.push_back("--prometheus-auth-config=" + path);
  if (Text(c.node, "in_cluster") == "true") {
    arguments.emplace_back("--prometheus-auth-incluster");
  }
  const auto parsed = config::ParseBackendFlags(arguments);
  return parsed ? Built(parsed->flags) : "false";
}

config::BackendFlags FlagsOfCaCase(const Case& c, const Files& files) {
  const TestCa authority;
  const net::KeyPair pair = authority.IssueClient("sextant");
  config::BackendFlags flags;
  flags.ca_file =
      files.Put(Text(c.node, "ca"), "ca", authority.certificate_pem());
  flags.client_cert_file =
      files.Put(Text(c.node, "cert"), "cert", pair.certificate_pem);
  flags.client_key_file = files.Put(Text(c.node, "key"), "key", pair.key_pem);
  return flags;
}

TEST(Compat, flags) {
  Report report("flags");
  for (const Case& c : Cases("flags", "kubeconfig_client")) {
    SCOPED_TRACE(c.id);
    EXPECT_EQ(BuiltWithKubeconfig(c), Text(c.node, "ok"));
    if (!HasFailure()) report.Agrees(c);
  }
  for (const Case& c : Cases("flags", "ca_client")) {
    SCOPED_TRACE(c.id);
    const Files files;
    const config::BackendFlags flags = FlagsOfCaCase(c, files);
    EXPECT_EQ(Built(flags), Text(c.node, "ok"));
    if (Has(c.node, "client_cert_used")) {
      const auto access = app::ReadBackendCredentials(flags);
      ASSERT_TRUE(access);
      EXPECT_EQ(access->tls.certificate ? "true" : "false",
                Text(c.node, "client_cert_used"));
    }
    if (!HasFailure()) report.Agrees(c);
  }
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
