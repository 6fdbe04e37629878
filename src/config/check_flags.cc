#include "sextant/config/check_flags.h"

#include <algorithm>
#include <utility>

#include "backend_flags.h"
#include "complaints.h"
#include "flag.h"
#include "flag_help.h"
#include "flag_value.h"
#include "given_flags.h"
#include "report_flags.h"
#include "unknown_argument.h"

namespace sextant::config {

namespace {

using enum FlagKind;

constexpr Flag kFileRows[] = {
    {.name = "strict", .kind = kSwitch, .help = "Warnings count as errors"},
    {.name = "for-cluster",
     .kind = kSwitch,
     .help = "The rules are for a cluster, which may have resources that are "
             "not built in: naming one is a warning, as for serve there"},
    {.name = "standalone-resources",
     .value = "FILE",
     .help = "More resources than the built-in ones: what kubectl get --raw "
             "/apis/GROUP/VERSION prints"},
};

constexpr Flag kOutputRows[] = {
    kOutputFlag,
    kColorFlag,
    {.name = "help",
     .letter = "h",
     .kind = kSwitch,
     .help = "Print this and end"},
};

constexpr Flag kDiscoveryRows[] = {
    {.name = "metrics-max-age",
     .kind = kDuration,
     .value = "TIME",
     .least = 1,
     .initial = "10m0s",
     .help = "With --prometheus-url: how far back to look for metrics"},
};

constexpr FlagGroup kGroups[] = {{"Files", kFileRows},
                                 {"Output", kOutputRows},
                                 {"Discovery", kDiscoveryRows}};

constexpr std::string_view kHelp =
    R"(Says what is wrong and what is doubtful in files of rules.

Usage:
  sextant check [flags] FILE...
  sextant check --prometheus-url=URL [flags] FILE...

A FILE is what serve --config takes, a ConfigMap with it inside, or values of the
Helm chart (rules.custom, .external and .resource; the chart's default rules are
not looked at); - is standard input.  What is found has a name in brackets; docs/LINT.md explains
each.  With --prometheus-url the backend is asked what each rule finds right
now: series, metrics, paths to ask for, and why a rule finds nothing.

Examples:
  sextant check rules.yaml
  kubectl get configmap adapter-config -o yaml | sextant check -
  sextant check --prometheus-url=http://localhost:9090 rules.yaml

Ends with 0 if nothing is wrong (notes and warnings aside), 1 if something is
or the backend does not answer for a rule, 2 if this command line is wrong, and
130 if Ctrl-C breaks it off.  With --strict a rule that finds nothing, or whose
metric another one serves, is wrong too.

)";

bool IsFlag(const std::string& text) {
  return text.size() > 1 && text.starts_with("-");
}

// What is no flag is a file, and after "--" everything is.
void ReadFiles(std::vector<std::string> words, CheckFlags& flags,
               Complaints& complaints) {
  const auto end = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> unknown;
  std::copy_if(words.begin(), end, std::back_inserter(unknown), IsFlag);
  ComplainOfUnknown(unknown, kGroups, complaints);
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (word != end && (word > end || !IsFlag(*word))) {
      flags.files.push_back(std::move(*word));
    }
  }
  if (flags.files.empty()) {
    complaints.Add("no file is given; write sextant check FILE");
  }
}

}  // namespace

Result<CheckFlags> ParseCheckFlags(std::span<const std::string> arguments) {
  Result<BackendArguments> backend = ParseBackendFlags(arguments);
  if (!backend) return std::move(backend).error();
  const bool of_backend = backend->rest.size() < arguments.size();
  Complaints complaints;
  std::vector<std::string> rest;
  GivenFlags given = GivenFlags::Take(backend->rest, kGroups, rest, complaints);
  CheckFlags flags;
  flags.help = ReadSwitch(given.Text("help")) == true;
  if (flags.help) return flags;
  ReadFiles(std::move(rest), flags, complaints);
  given.CheckValues(complaints);
  given.Read("strict", flags.strict);
  given.Read("for-cluster", flags.for_cluster);
  given.Read("standalone-resources", flags.standalone_resources);
  given.Read("color", flags.color);
  given.Read("metrics-max-age", flags.max_age);
  flags.json = given.Text("output") == "json";
  if (backend->url_given) {
    flags.backend = std::move(backend->flags);
    flags.warnings = std::move(backend->warnings);
  } else if (of_backend || given.Has("metrics-max-age")) {
    complaints.Add(
        "the backend's flags are given without its URL; write "
        "--prometheus-url=URL too");
  }
  if (!complaints.empty()) return complaints.ToError();
  return flags;
}

std::string CheckHelpText() {
  std::string text(kHelp);
  for (const FlagGroup& group : kGroups) text += HelpOf(group) + "\n";
  return text + BackendHelpText();
}

}  // namespace sextant::config
