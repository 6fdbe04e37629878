#include "config/flag_table.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "config/flag_value.h"
#include "support/source_dir.h"

namespace sextant::config {
namespace {

std::string Word(FlagFate fate) {
  switch (fate) {
    case FlagFate::kActs:
      return "acts";
    case FlagFate::kWarns:
      return "warns";
    case FlagFate::kIgnored:
      return "ignored";
    case FlagFate::kRefused:
      return "refused";
  }
  return "";
}

std::string Replaced(std::string text, const std::string& from,
                     const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string Row(const Flag& flag) {
  std::string help(flag.help);
  help[0] =
      static_cast<char>(std::toupper(static_cast<unsigned char>(help[0])));
  const bool has_default =
      !flag.initial.empty() && flag.fate == FlagFate::kActs;
  if (has_default) help += " (default " + std::string(flag.initial) + ")";
  help += ".";
  if (!flag.note.empty()) help += " " + std::string(flag.note);
  return "| `" + Replaced(Written(flag), "|", "\\|") + "` | " +
         Word(flag.fate) + " | " + Replaced(help, "*", "\\*") + " |\n";
}

std::string Tables() {
  std::string text;
  for (const FlagGroup& group : FlagTable()) {
    text += "\n### " + std::string(group.title) +
            "\n\n| Flag | | What it does here |\n|---|---|---|\n";
    for (const Flag& flag : group.flags) text += Row(flag);
  }
  return text + "\n";
}

// docs/COMMANDS.md has the table between two comments.
TEST(FlagTable, IsThatOfTheDocs) {
  const std::string path = std::string(kSourceDir) + "/docs/COMMANDS.md";
  std::ifstream file(path);
  std::stringstream page;
  page << file.rdbuf();
  std::string text = page.str();
  const std::string begin = "<!-- flags of serve -->\n";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find("<!-- end of the flags of serve -->\n");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::size_t start = from + begin.size();
  const char* const update = std::getenv("SEXTANT_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path) << text.replace(start, to - start, Tables());
    return;
  }
  EXPECT_EQ(text.substr(start, to - start), Tables())
      << "SEXTANT_UPDATE_GOLDEN=1 rewrites it";
}

TEST(FlagTable, HasEachFlagOnceAndWithAText) {
  std::set<std::string> names;
  for (const FlagGroup& group : FlagTable()) {
    for (const Flag& flag : group.flags) {
      SCOPED_TRACE(flag.name);
      EXPECT_TRUE(names.insert(std::string(flag.name)).second);
      EXPECT_FALSE(flag.help.empty());
      EXPECT_FALSE(flag.help.ends_with('.'));
      EXPECT_TRUE(flag.note.empty() || flag.note.ends_with('.'));
      EXPECT_EQ(flag.value.empty(), flag.kind == FlagKind::kSwitch);
      EXPECT_EQ(FindFlag(FlagTable(), flag.name), &flag);
    }
  }
}

// What warns compares values with the peer's default, which must be one.
TEST(FlagTable, DefaultsOfWhatWarnsAreValues) {
  for (const FlagGroup& group : FlagTable()) {
    for (const Flag& flag : group.flags) {
      if (flag.fate != FlagFate::kWarns || flag.initial.empty()) continue;
      SCOPED_TRACE(flag.name);
      EXPECT_EQ(WrongValue(flag, std::string(flag.initial)), std::nullopt);
    }
  }
}

// Everything that prometheus-adapter 0.12 registers.
TEST(FlagTable, HasEveryFlagOfThePeer) {
  for (const char* name : {"audit-log-batch-buffer-size",
                           "audit-log-batch-max-size",
                           "audit-log-batch-max-wait",
                           "audit-log-batch-throttle-burst",
                           "audit-log-batch-throttle-enable",
                           "audit-log-batch-throttle-qps",
                           "audit-log-compress",
                           "audit-log-format",
                           "audit-log-maxage",
                           "audit-log-maxbackup",
                           "audit-log-maxsize",
                           "audit-log-mode",
                           "audit-log-path",
                           "audit-log-truncate-enabled",
                           "audit-log-truncate-max-batch-size",
                           "audit-log-truncate-max-event-size",
                           "audit-log-version",
                           "audit-policy-file",
                           "audit-webhook-batch-buffer-size",
                           "audit-webhook-batch-initial-backoff",
                           "audit-webhook-batch-max-size",
                           "audit-webhook-batch-max-wait",
                           "audit-webhook-batch-throttle-burst",
                           "audit-webhook-batch-throttle-enable",
                           "audit-webhook-batch-throttle-qps",
                           "audit-webhook-config-file",
                           "audit-webhook-initial-backoff",
                           "audit-webhook-mode",
                           "audit-webhook-truncate-enabled",
                           "audit-webhook-truncate-max-batch-size",
                           "audit-webhook-truncate-max-event-size",
                           "audit-webhook-version",
                           "authentication-kubeconfig",
                           "authentication-skip-lookup",
                           "authentication-token-webhook-cache-ttl",
                           "authentication-tolerate-lookup-failure",
                           "authorization-always-allow-paths",
                           "authorization-kubeconfig",
                           "authorization-webhook-cache-authorized-ttl",
                           "authorization-webhook-cache-unauthorized-ttl",
                           "bind-address",
                           "cert-dir",
                           "client-burst",
                           "client-ca-file",
                           "client-qps",
                           "config",
                           "contention-profiling",
                           "debug-socket-path",
                           "disable-http2",
                           "discovery-interval",
                           "enable-priority-and-fairness",
                           "http2-max-streams-per-connection",
                           "lister-kubeconfig",
                           "log-flush-frequency",
                           "metrics-max-age",
                           "metrics-relist-interval",
                           "permit-address-sharing",
                           "permit-port-sharing",
                           "profiling",
                           "prometheus-auth-config",
                           "prometheus-auth-incluster",
                           "prometheus-ca-file",
                           "prometheus-client-tls-cert-file",
                           "prometheus-client-tls-key-file",
                           "prometheus-header",
                           "prometheus-token-file",
                           "prometheus-url",
                           "prometheus-verb",
                           "requestheader-allowed-names",
                           "requestheader-client-ca-file",
                           "requestheader-extra-headers-prefix",
                           "requestheader-group-headers",
                           "requestheader-username-headers",
                           "secure-port",
                           "tls-cert-file",
                           "tls-cipher-suites",
                           "tls-min-version",
                           "tls-private-key-file",
                           "tls-sni-cert-key",
                           "v",
                           "vmodule"}) {
    EXPECT_NE(FindFlag(FlagTable(), name), nullptr) << name;
  }
}

}  // namespace
}  // namespace sextant::config
