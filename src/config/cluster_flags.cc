#include "cluster_flags.h"

#include <algorithm>

#include "flag_value.h"
#include "sextant/base/text.h"

namespace sextant::config {

namespace {

using enum FlagFate;
using enum FlagKind;

constexpr std::string_view kWatches =
    "sextant watches the API server, so there is nothing to throttle";

constexpr Flag kRows[] = {
    {.name = "lister-kubeconfig",
     .value = "FILE",
     .initial = "the pod's service account",
     .help = "How to reach the API server whose objects have the metrics"},
    {.name = "authentication-kubeconfig",
     .value = "FILE",
     .initial = "the pod's service account",
     .help = "How to reach the API server that knows whose tokens are whose"},
    {.name = "authentication-skip-lookup",
     .kind = kSwitch,
     .help = "Do not look in the cluster for the certificate authorities of "
             "callers"},
    {.name = "authentication-tolerate-lookup-failure",
     .kind = kSwitch,
     .help = "Start although that look failed; callers with certificates are "
             "strangers then"},
    {.name = "authentication-token-webhook-cache-ttl",
     .kind = kDuration,
     .value = "TIME",
     .initial = "10s",
     .help = "How long to remember whose token it is"},
    {.name = "client-ca-file",
     .value = "FILE",
     .help = "Certificate authorities of callers, PEM"},
    {.name = "requestheader-client-ca-file",
     .value = "FILE",
     .help = "Certificate authorities of front proxies, PEM"},
    {.name = "requestheader-allowed-names",
     .kind = kList,
     .value = "NAMES",
     .initial = "any",
     .help = "Common names that front proxies may have"},
    {.name = "requestheader-username-headers",
     .kind = kList,
     .value = "NAMES",
     .initial = "x-remote-user",
     .help = "Headers in which front proxies say who calls"},
    {.name = "requestheader-group-headers",
     .kind = kList,
     .value = "NAMES",
     .initial = "x-remote-group",
     .help = "Headers in which they say the caller's groups"},
    {.name = "requestheader-extra-headers-prefix",
     .kind = kList,
     .value = "PREFIXES",
     .initial = "x-remote-extra-",
     .help = "How headers begin in which they say more"},
    {.name = "authorization-kubeconfig",
     .value = "FILE",
     .initial = "the pod's service account",
     .help = "How to reach the API server that knows who may do what"},
    {.name = "authorization-always-allow-paths",
     .kind = kList,
     .value = "PATHS",
     .initial = "/healthz,/readyz,/livez",
     .help = "Paths that everybody may ask for; a * at the end stands for "
             "more",
     .note = "`/debug/` is never among them."},
    {.name = "authorization-webhook-cache-authorized-ttl",
     .kind = kDuration,
     .value = "TIME",
     .initial = "10s",
     .help = "How long to remember that someone may"},
    {.name = "authorization-webhook-cache-unauthorized-ttl",
     .kind = kDuration,
     .value = "TIME",
     .initial = "10s",
     .help = "How long to remember that someone may not"},
    {.name = "client-qps",
     .fate = kWarns,
     .kind = kNumber,
     .value = "COUNT",
     .initial = "5",
     .help = kWatches},
    {.name = "client-burst",
     .fate = kWarns,
     .kind = kInteger,
     .value = "COUNT",
     .initial = "10",
     .help = kWatches},
    {.name = "discovery-interval",
     .fate = kWarns,
     .kind = kDuration,
     .value = "TIME",
     .initial = "0s",
     .help = "sextant watches the API server, so new resources are known "
             "without it",
     .note = "It does nothing in the peer either."},
};

// What would keep callers out if they were asked who they are.
constexpr std::string_view kGates[] = {
    "authentication-kubeconfig", "client-ca-file",
    "requestheader-client-ca-file", "requestheader-allowed-names",
    "authorization-kubeconfig"};

bool Holds(const std::vector<std::string>& names, std::string_view wanted) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return EqualsIgnoringCase(name, wanted);
  });
}

// A list of names of headers; kube-apiserver sends the standard one.
void ReadHeaders(const GivenFlags& given, std::string_view flag,
                 std::string_view standard, std::vector<std::string>& names,
                 std::vector<std::string>& warnings, Complaints& complaints) {
  given.Read(flag, names);
  const std::string dashed = "--" + std::string(flag);
  for (const std::string& name : names) {
    if (!Trim(name).empty()) continue;
    complaints.Add(dashed + ": empty value in " + GoQuote(flag) +
                   "; write names with commas between them");
    return;
  }
  if (!standard.empty() && !names.empty() && !Holds(names, standard)) {
    warnings.push_back(dashed + ": without " + std::string(standard) +
                       " among them, API aggregation will not work");
  }
}

void ReadAllowedPaths(const GivenFlags& given, std::vector<std::string>& paths,
                      Complaints& complaints) {
  constexpr std::string_view kFlag = "authorization-always-allow-paths";
  given.Read(kFlag, paths);
  for (const std::string& path : paths) {
    const std::string complaint =
        "--" + std::string(kFlag) + ": " + GoQuote(path) + ": ";
    const std::size_t star = path.find('*');
    if (star != std::string::npos && star + 1 != path.size()) {
      complaints.Add(complaint + "only a trailing * is allowed");
    } else if (path.starts_with("/debug") || path.starts_with("debug")) {
      complaints.Add(complaint +
                     "what is below /debug shows queries and answers, and "
                     "always needs a permission; leave it out");
    }
  }
}

bool IsOfCluster(const Flag& flag) {
  return flag.fate == kActs &&
         std::any_of(std::begin(kRows), std::end(kRows),
                     [&](const Flag& row) { return row.name == flag.name; });
}

}  // namespace

std::span<const Flag> ClusterFlagRows() { return kRows; }

void ReadClusterFlags(const GivenFlags& given, ClusterFlags& flags,
                      std::vector<std::string>& warnings,
                      Complaints& complaints) {
  given.Read("lister-kubeconfig", flags.lister_kubeconfig);

  given.Read("authentication-kubeconfig", flags.authentication_kubeconfig);
  given.Read("authentication-skip-lookup", flags.authentication_skip_lookup);
  given.Read("authentication-tolerate-lookup-failure",
             flags.authentication_tolerate_lookup_failure);
  given.Read("authentication-token-webhook-cache-ttl", flags.token_cache_ttl);
  given.Read("client-ca-file", flags.client_ca_file);
  given.Read("requestheader-client-ca-file",
             flags.requestheader_client_ca_file);
  ReadHeaders(given, "requestheader-allowed-names", "",
              flags.requestheader_allowed_names, warnings, complaints);
  ReadHeaders(given, "requestheader-username-headers", "X-Remote-User",
              flags.requestheader_username_headers, warnings, complaints);
  ReadHeaders(given, "requestheader-group-headers", "X-Remote-Group",
              flags.requestheader_group_headers, warnings, complaints);
  ReadHeaders(given, "requestheader-extra-headers-prefix", "X-Remote-Extra-",
              flags.requestheader_extra_headers_prefix, warnings, complaints);

  given.Read("authorization-kubeconfig", flags.authorization_kubeconfig);
  ReadAllowedPaths(given, flags.authorization_always_allow_paths, complaints);
  given.Read("authorization-webhook-cache-authorized-ttl",
             flags.authorized_ttl);
  given.Read("authorization-webhook-cache-unauthorized-ttl",
             flags.unauthorized_ttl);
}

void RefuseClusterFlags(const GivenFlags& given,
                        std::vector<std::string>& warnings,
                        Complaints& complaints) {
  for (const Flag* const flag : given.flags()) {
    const std::string value = given.Text(flag->name);
    const bool is_off =
        flag->kind == kSwitch ? ReadSwitch(value) == false : value.empty();
    if (!IsOfCluster(*flag) || is_off) continue;
    if (std::find(std::begin(kGates), std::end(kGates), flag->name) !=
        std::end(kGates)) {
      complaints.Add(Dashed(*flag) +
                     ": with --standalone nobody is asked who they are, so it "
                     "would keep nobody out; leave it or --standalone out");
    } else {
      warnings.push_back(Dashed(*flag) +
                         " does nothing: with --standalone no cluster is "
                         "asked");
    }
  }
}

}  // namespace sextant::config
