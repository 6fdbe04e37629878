#include "sextant/config/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "backend_flags.h"
#include "complaints.h"
#include "flag_help.h"
#include "given_flags.h"
#include "serve_help.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::config {

namespace {

// What CLI11 finds on the command line, as text: values are read here, so that
// their messages are ours.
struct Given {
  std::string config;
  std::string prometheus_url;
  std::string metrics_relist_interval;
  std::string metrics_max_age;
  std::string bind_address;
  std::string secure_port;
  std::string tls_cert_file;
  std::string tls_private_key_file;
  std::string standalone_resources;
  std::string standalone_objects;
  std::string verbosity;
  bool standalone = false;
  bool help = false;
};

// Flags of prometheus-adapter that sextant does not have yet (its README and
// k8s.io/apiserver's options): those who bring them should hear that no letter
// is wrong.
constexpr std::string_view kPeerFlags[] = {
    "authentication-kubeconfig",
    "authentication-skip-lookup",
    "authentication-token-webhook-cache-ttl",
    "authentication-tolerate-lookup-failure",
    "authorization-always-allow-paths",
    "authorization-kubeconfig",
    "authorization-webhook-cache-authorized-ttl",
    "authorization-webhook-cache-unauthorized-ttl",
    "cert-dir",
    "client-burst",
    "client-ca-file",
    "client-qps",
    "contention-profiling",
    "debug-socket-path",
    "disable-http2",
    "discovery-interval",
    "enable-priority-and-fairness",
    "http2-max-streams-per-connection",
    "lister-kubeconfig",
    "log-flush-frequency",
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
    "prometheus-verb",
    "requestheader-allowed-names",
    "requestheader-client-ca-file",
    "requestheader-extra-headers-prefix",
    "requestheader-group-headers",
    "requestheader-username-headers",
    "tls-cipher-suites",
    "tls-min-version",
    "tls-sni-cert-key",
    "vmodule",
};

std::unique_ptr<CLI::App> MakeApp(Given& given) {
  auto app = std::make_unique<CLI::App>();
  app->set_help_flag();
  app->allow_extras();
  // As Go's flag packages: of a flag given twice the last one counts.
  app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app->add_flag("-h,--help", given.help);
  app->add_option("--config", given.config);
  app->add_option("--prometheus-url", given.prometheus_url);
  app->add_option("--metrics-relist-interval", given.metrics_relist_interval);
  app->add_option("--metrics-max-age", given.metrics_max_age);
  app->add_option("--bind-address", given.bind_address);
  app->add_option("--secure-port", given.secure_port);
  app->add_option("--tls-cert-file", given.tls_cert_file);
  app->add_option("--tls-private-key-file", given.tls_private_key_file);
  app->add_flag("--standalone", given.standalone);
  app->add_option("--standalone-resources", given.standalone_resources);
  app->add_option("--standalone-objects", given.standalone_objects);
  app->add_option("-v,--v", given.verbosity);
  return app;
}

const std::vector<std::string>& KnownFlags() {
  static const std::vector<std::string> flags = {"config",
                                                 "prometheus-url",
                                                 "metrics-relist-interval",
                                                 "metrics-max-age",
                                                 "bind-address",
                                                 "secure-port",
                                                 "tls-cert-file",
                                                 "tls-private-key-file",
                                                 "standalone",
                                                 "standalone-resources",
                                                 "standalone-objects",
                                                 "v",
                                                 "help"};
  return flags;
}

std::string DescribeUnknown(const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') {
    std::string text = "unexpected argument " + GoQuote(argument);
    if (argument == "true" || argument == "false") {
      text += "; write --FLAG=" + argument;
    }
    return text;
  }
  const std::string flag = argument.substr(0, argument.find('='));
  const std::size_t dashes = std::min(flag.find_first_not_of('-'), flag.size());
  const std::string name = flag.substr(dashes);
  std::string text = "unknown flag: " + flag;
  if (std::find(std::begin(kPeerFlags), std::end(kPeerFlags), name) !=
      std::end(kPeerFlags)) {
    return text +
           "; prometheus-adapter has it, sextant does not yet: leave "
           "it out";
  }
  if (const std::optional<std::string> near = NearestWord(name, KnownFlags())) {
    return text + "; did you mean " + (*near == "v" ? "-" : "--") + *near + "?";
  }
  return text + "; sextant serve --help lists the flags";
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<int> ParseInt(const std::string& text, int most) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (!IsDigits(text) || error != std::errc() || rest != end || value > most) {
    return std::nullopt;
  }
  return value;
}

// 127.0.0.0/8 and ::1; anything else may be reached from outside.
bool IsLoopback(const std::string& address) {
  if (address == "::1") return true;
  const std::vector<std::string> parts = Split(address, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           return part.size() <= 3 && ParseInt(part, 255).has_value();
         });
}

std::optional<Duration> TakeDuration(const std::string& flag,
                                     const std::string& text,
                                     Complaints& complaints) {
  const Result<Duration> duration = ParseGoDuration(text);
  if (!duration) {
    complaints.Add(flag + ": " + duration.error().message +
                   "; write it like 30s, 5m or 1h30m");
    return std::nullopt;
  }
  return *duration;
}

void TakeTimes(const CLI::App& app, const Given& given, ServeFlags& flags,
               Complaints& complaints) {
  if (app.count("--metrics-relist-interval") > 0) {
    const std::optional<Duration> interval = TakeDuration(
        "--metrics-relist-interval", given.metrics_relist_interval, complaints);
    if (interval && *interval <= Duration::zero()) {
      complaints.Add("--metrics-relist-interval: must be more than 0s");
    } else if (interval) {
      flags.metrics_relist_interval = *interval;
    }
  }
  flags.metrics_max_age = flags.metrics_relist_interval;
  if (app.count("--metrics-max-age") == 0) return;
  const std::optional<Duration> age =
      TakeDuration("--metrics-max-age", given.metrics_max_age, complaints);
  if (!age || *age == Duration::zero()) return;
  if (*age < flags.metrics_relist_interval) {
    complaints.Add(
        "--metrics-max-age: max age must not be less than relist interval: " +
        FormatGoDuration(*age) + " is less than --metrics-relist-interval=" +
        FormatGoDuration(flags.metrics_relist_interval));
    return;
  }
  flags.metrics_max_age = *age;
}

void TakeNumbers(const CLI::App& app, const Given& given, ServeFlags& flags,
                 Complaints& complaints) {
  if (app.count("--secure-port") > 0) {
    if (const std::optional<int> port = ParseInt(given.secure_port, 65535)) {
      flags.serving.secure_port = static_cast<std::uint16_t>(*port);
    } else {
      complaints.Add("--secure-port: must be a number from 0 to 65535, not " +
                     GoQuote(given.secure_port) + "; 0 picks a free port");
    }
  }
  if (app.count("--v") > 0) {
    if (const std::optional<int> level = ParseInt(given.verbosity, 100)) {
      flags.verbosity = *level;
    } else {
      complaints.Add("-v: must be a number from 0 to 100, not " +
                     GoQuote(given.verbosity));
    }
  }
}

void TakeAddresses(const CLI::App& app, const Given& given, ServeFlags& flags,
                   Complaints& complaints) {
  if (app.count("--prometheus-url") > 0) {
    flags.backend.url = given.prometheus_url;
  }
  if (flags.standalone) flags.serving.bind_address = "127.0.0.1";
  if (app.count("--bind-address") > 0) {
    // The name that everybody types, for the one address that it must mean.
    flags.serving.bind_address =
        EqualsIgnoringCase(given.bind_address, "localhost")
            ? "127.0.0.1"
            : given.bind_address;
  }
  if (flags.standalone && !IsLoopback(flags.serving.bind_address)) {
    complaints.Add(
        "--bind-address: with --standalone nobody is asked who they are, so "
        "only a loopback address is served, not " +
        GoQuote(flags.serving.bind_address) +
        "; write --bind-address=127.0.0.1 or leave it out");
  }
}

void CheckTogether(const ServeFlags& flags, Complaints& complaints) {
  if (flags.config.empty()) {
    complaints.Add(
        "no metrics discovery configuration file specified; write "
        "--config=FILE");
  }
  if (flags.serving.tls_cert_file.empty() !=
      flags.serving.tls_private_key_file.empty()) {
    complaints.Add(
        flags.serving.tls_cert_file.empty()
            ? "--tls-private-key-file: its certificate is missing; write "
              "--tls-cert-file=FILE too"
            : "--tls-cert-file: its key is missing; write "
              "--tls-private-key-file=FILE too");
  }
  if (flags.standalone) return;
  if (!flags.standalone_resources.empty()) {
    complaints.Add("--standalone-resources: needs --standalone; write both");
  }
  if (!flags.standalone_objects.empty()) {
    complaints.Add("--standalone-objects: needs --standalone; write both");
  }
  complaints.Add(
      "sextant cannot work with a Kubernetes cluster yet; write --standalone "
      "to serve without one");
}

// Prepares the arguments for CLI11, which reads "--flag=" as a flag whose value
// comes next, and "-v=4" as the value "=4".
std::vector<std::string> Normalise(std::span<const std::string> arguments,
                                   Complaints& complaints) {
  std::vector<std::string> normal;
  for (const std::string& argument : arguments) {
    if (argument.rfind("-v=", 0) == 0) {
      normal.push_back("-" + argument);
    } else if (argument.size() > 3 && argument.rfind("--", 0) == 0 &&
               argument.find('=') == argument.size() - 1) {
      complaints.Add(argument.substr(0, argument.size() - 1) +
                     ": has no value after the =; write one, or leave the "
                     "flag out");
    } else {
      normal.push_back(argument);
    }
  }
  // CLI11 takes them from the end.
  std::reverse(normal.begin(), normal.end());
  return normal;
}

}  // namespace

Result<ServeCommand> ParseServeFlags(std::span<const std::string> arguments) {
  Given given;
  Complaints complaints;
  const std::unique_ptr<CLI::App> app = MakeApp(given);
  try {
    app->parse(Normalise(arguments, complaints));
  } catch (const CLI::Error& error) {
    complaints.Add(error.what());
    return complaints.ToError();
  }
  if (given.help) return ServeCommand{.flags = {}, .help = true};
  for (const std::string& argument : app->remaining()) {
    complaints.Add(DescribeUnknown(argument));
  }
  // The rest would be about what was meant otherwise.
  if (!complaints.empty()) return complaints.ToError();

  ServeCommand command;
  ServeFlags& flags = command.flags;
  flags.config = given.config;
  flags.serving.tls_cert_file = given.tls_cert_file;
  flags.serving.tls_private_key_file = given.tls_private_key_file;
  flags.standalone = given.standalone;
  flags.standalone_resources = given.standalone_resources;
  flags.standalone_objects = given.standalone_objects;
  TakeTimes(*app, given, flags, complaints);
  TakeNumbers(*app, given, flags, complaints);
  TakeAddresses(*app, given, flags, complaints);
  CheckTogether(flags, complaints);
  if (!complaints.empty()) return complaints.ToError();
  return command;
}

std::string ServeHelpText() { return std::string(kServeHelp); }

Result<BackendArguments> ParseBackendFlags(
    std::span<const std::string> arguments) {
  const FlagGroup group{"Backend", BackendFlagRows()};
  BackendArguments parsed;
  Complaints complaints;
  const GivenFlags given = GivenFlags::Take(arguments, std::span(&group, 1),
                                            parsed.rest, complaints);
  ReadBackendFlags(given, parsed.flags, parsed.warnings, complaints);
  if (!complaints.empty()) return complaints.ToError();
  parsed.url_given = given.Has("prometheus-url");
  return parsed;
}

std::string BackendHelpText() { return HelpOf({"Backend", BackendFlagRows()}); }

}  // namespace sextant::config
