#include "sextant/config/explain_flags.h"

#include <algorithm>
#include <utility>

#include "complaints.h"
#include "flag.h"
#include "flag_help.h"
#include "flag_value.h"
#include "given_flags.h"
#include "report_flags.h"
#include "sextant/base/text.h"
#include "sextant/config/metric_question.h"
#include "unknown_argument.h"

namespace sextant::config {

namespace {

using enum FlagKind;

constexpr Flag kQuestionRows[] = {
    {.name = "namespace",
     .letter = "n",
     .value = "NAME",
     .help = "The namespace of the objects"},
    {.name = "selector",
     .letter = "l",
     .value = "SELECTOR",
     .help = "Which objects; of an external metric: which series"},
    {.name = "metric-selector",
     .value = "SELECTOR",
     .help = "Which series of a custom metric"},
};

constexpr Flag kFileRows[] = {
    {.name = "config", .value = "FILE", .help = "The rules, as of serve"},
    {.name = "standalone-objects",
     .value = "FILE",
     .help = "Objects, as kubectl get -o json prints them"},
    {.name = "standalone-resources",
     .value = "FILE",
     .help = "More resources than the built-in ones"},
    {.name = "offline",
     .kind = kSwitch,
     .help = "Ask no backend: say which rules would take --series, and the "
             "query"},
    {.name = "series",
     .value = "NAME",
     .help = "With --offline: the name of a series that exists"},
};

constexpr Flag kServerRows[] = {
    {.name = "server",
     .value = "URL",
     .help = "A sextant that runs, https://HOST:PORT; needs the permission to "
             "get the path /debug/explain"},
    {.name = "ca-file",
     .value = "FILE",
     .help = "Its certificate authorities, PEM; else the system's"},
    {.name = "insecure-skip-tls-verify",
     .kind = kSwitch,
     .help = "Take it for what it says it is, whatever its certificate; a "
             "token may then reach somebody else"},
    {.name = "token-file", .value = "FILE", .help = "A bearer token for it"},
};

constexpr Flag kOutputRows[] = {
    kOutputFlag,
    kColorFlag,
    {.name = "help", .letter = "h", .kind = kSwitch, .help = "Print this"},
};

constexpr FlagGroup kGroups[] = {{"Question", kQuestionRows},
                                 {"Rules", kFileRows},
                                 {"Server", kServerRows},
                                 {"Output", kOutputRows}};

constexpr std::string_view kHelp =
    R"(Says why a metric has the value that it has, or none: the rule chosen and why
not the others, the query, the answer, what became of every sample, the reply.

Usage:
  sextant explain --config=FILE --prometheus-url=URL QUESTION
  sextant explain --config=FILE --offline --series=NAME QUESTION
  sextant explain --server=https://HOST:PORT QUESTION

A QUESTION is RESOURCE/NAME METRIC, external METRIC, or the path of a request:
of metrics.k8s.io it is always the path.

Examples:
  sextant explain --config=rules.yaml --prometheus-url=http://localhost:9090 \
    'pods/*' gpu_utilization -n shop -l app=web
  sextant explain --config=rules.yaml --offline --series=DCGM_FI_DEV_GPU_UTIL \
    pods/web-0 gpu_utilization -n shop
  sextant explain --server=https://localhost:6443 --ca-file=ca.pem \
    external queue_depth -n shop -l queue=a

Ends with 0 if the request has a value (offline: a query), 1 if it has none or
fails, 2 if this command line is wrong.

)";

void CheckMode(const GivenFlags& given, bool url_given, ExplainFlags& flags,
               Complaints& complaints) {
  if (given.Has("server")) {
    flags.mode = ExplainFlags::Mode::kServer;
    for (const char* other : {"config", "offline", "series",
                              "standalone-objects", "standalone-resources"}) {
      if (!given.Has(other)) continue;
      complaints.Add("--" + std::string(other) +
                     ": the server has its own; leave it or --server out");
    }
    if (flags.insecure && given.Has("ca-file")) {
      complaints.Add(
          "--ca-file: with --insecure-skip-tls-verify nothing is compared with "
          "it; leave one of them out");
    }
    return;
  }
  const bool offline = ReadSwitch(given.Text("offline")) == true;
  if (offline) flags.mode = ExplainFlags::Mode::kOffline;
  if (given.Has("insecure-skip-tls-verify")) {
    complaints.Add(
        "--insecure-skip-tls-verify: is for --server; a backend may have "
        "insecure-skip-tls-verify in --prometheus-auth-config");
  }
  for (const char* other : {"ca-file", "token-file"}) {
    if (!given.Has(other)) continue;
    complaints.Add("--" + std::string(other) +
                   ": is for --server; of the backend it is --prometheus-" +
                   other);
  }
  if (flags.inputs.config.empty()) {
    complaints.Add(
        "no rules are given; write --config=FILE, or --server=URL to ask a "
        "sextant that runs");
  }
  if (offline && flags.series.empty()) {
    complaints.Add("--offline: write --series=NAME too, a series that exists");
  }
  if (!offline && !flags.series.empty()) {
    complaints.Add("--series: is for --offline; write that too");
  }
  if (!offline && !url_given) {
    complaints.Add(
        "no backend is given; write --prometheus-url=URL, or --offline");
  }
}

void ReadQuestion(const GivenFlags& given,
                  const std::vector<std::string>& words, ExplainFlags& flags,
                  Complaints& complaints) {
  if (words.size() == 1 && words[0].starts_with("/")) {
    flags.path = words[0];
    for (const Flag& flag : kQuestionRows) {
      if (!given.Has(flag.name)) continue;
      complaints.Add(Dashed(flag) + ": a path says it all; leave it out");
    }
    return;
  }
  // 'pods/* gpu' in one pair of quotes is as good as two words.
  std::vector<std::string> split;
  for (const std::string& word : words) {
    for (std::string& part : Split(word, ' ')) {
      if (!part.empty()) split.push_back(std::move(part));
    }
  }
  Result<std::string> path =
      QuestionPath(split, given.Text("namespace"), given.Text("selector"),
                   given.Text("metric-selector"));
  if (path) {
    flags.path = *std::move(path);
  } else {
    complaints.Add(path.error().message);
  }
}

}  // namespace

Result<ExplainFlags> ParseExplainFlags(std::span<const std::string> arguments) {
  Result<BackendArguments> backend = ParseBackendFlags(arguments);
  if (!backend) return std::move(backend).error();
  Complaints complaints;
  std::vector<std::string> rest;
  GivenFlags given = GivenFlags::Take(backend->rest, kGroups, rest, complaints);
  ExplainFlags flags;
  flags.help = ReadSwitch(given.Text("help")) == true;
  if (flags.help) return flags;
  const auto is_flag = [](const std::string& text) {
    return text.size() > 1 && text.starts_with("-");
  };
  std::vector<std::string> unknown;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(unknown), is_flag);
  std::erase_if(rest, is_flag);
  ComplainOfUnknown(unknown, kGroups, complaints);
  if (!complaints.empty()) return complaints.ToError();

  given.CheckValues(complaints);
  given.Read("config", flags.inputs.config);
  given.Read("standalone-objects", flags.inputs.standalone_objects);
  given.Read("standalone-resources", flags.inputs.standalone_resources);
  given.Read("series", flags.series);
  given.Read("server", flags.server);
  given.Read("ca-file", flags.ca_file);
  given.Read("token-file", flags.token_file);
  given.Read("insecure-skip-tls-verify", flags.insecure);
  given.Read("color", flags.color);
  flags.json = given.Text("output") == "json";
  flags.inputs.backend = std::move(backend->flags);
  flags.inputs.warnings = std::move(backend->warnings);
  flags.inputs.metrics_max_age = flags.inputs.metrics_relist_interval;
  CheckMode(given, backend->url_given, flags, complaints);
  ReadQuestion(given, rest, flags, complaints);
  if (!complaints.empty()) return complaints.ToError();
  return flags;
}

std::string ExplainHelpText() {
  std::string text(kHelp);
  for (const FlagGroup& group : kGroups) text += HelpOf(group) + "\n";
  return text + BackendHelpText();
}

}  // namespace sextant::config
