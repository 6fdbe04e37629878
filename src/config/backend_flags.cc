#include "backend_flags.h"

#include <algorithm>

#include "sextant/base/text.h"

namespace sextant::config {

namespace {

using enum FlagKind;

constexpr Flag kRows[] = {
    {.name = "prometheus-url",
     .value = "URL",
     .initial = "https://localhost",
     .help = "The Prometheus to ask, or what speaks its HTTP API; a path is "
             "where the API begins, USER:PASSWORD@ is Basic authentication"},
    {.name = "backend",
     .kind = kChoice,
     .value = "auto|prometheus|victoriametrics|thanos|mimir|amazon|google|"
              "azure",
     .initial = "auto",
     .help = "What it is, as each wants to be asked in its own way; auto finds "
             "out by the URL, by /api/v1/status/buildinfo and by what replies "
             "carry, and the log says what it is taken for",
     .note = "Not a flag of the peer. [BACKENDS.md](BACKENDS.md) says what "
             "each means; Cortex is `mimir`."},
    {.name = "prometheus-verb",
     .value = "VERB",
     .initial = "GET",
     .help = "The HTTP method of queries, GET or POST"},
    {.name = "prometheus-header",
     .value = "NAME=VALUE",
     .help = "A header for every request to it; may be given several times",
     .note = "`Host` and headers of the connection (`Content-Length` and the "
             "like) are left out with a warning; the peer's client leaves "
             "most of them out in silence."},
    {.name = "prometheus-timeout",
     .kind = kDuration,
     .value = "TIME",
     .least = 1,
     .initial = "30s",
     .help = "How long one request to it may take; the caller's own deadline "
             "may be shorter",
     .note = "Not a flag of the peer, which waits for ever at discovery."},
    {.name = "prometheus-ca-file",
     .value = "FILE",
     .initial = "the system's",
     .help = "Its certificate authorities, PEM; no others are trusted then",
     .note =
         "Read again when it changes. The peer then ignores the kubeconfig, "
         "the service account and proxies; here they are combined."},
    {.name = "prometheus-client-tls-cert-file",
     .value = "FILE",
     .help = "The certificate that sextant shows to it, PEM; goes with "
             "--prometheus-client-tls-key-file",
     .note = "Read again when it changes. The peer ignores one alone, and both "
             "without `--prometheus-ca-file`; here one alone is an error."},
    {.name = "prometheus-client-tls-key-file",
     .value = "FILE",
     .help = "Its key, PEM; goes with --prometheus-client-tls-cert-file"},
    {.name = "prometheus-token-file",
     .value = "FILE",
     .help = "A bearer token for it",
     .note = "Read again when it changes, and trimmed. The peer reads it once, "
             "so that a token that expires ends its work."},
    {.name = "prometheus-auth-config",
     .value = "FILE",
     .help = "A kubeconfig whose credentials and certificate authorities are "
             "for it; the server in it is not used"},
    {.name = "prometheus-auth-incluster",
     .kind = kSwitch,
     .help = "Use the pod's service account for it: token and certificate "
             "authority"},
    {.name = "backend-auth",
     .kind = kChoice,
     .value = "none|aws|google|azure",
     .initial = "none",
     .help = "The cloud whose credentials go with every request to it; aws: "
             "signed (SigV4) with the keys of the environment, of the service "
             "account's role, of EKS Pod Identity or of the node; google: a "
             "token by a "
             "credentials file or of the metadata server; azure: a token of "
             "workload identity, an application or the managed identity",
     .note = "Not a flag of the peer. See [CREDENTIALS.md](CREDENTIALS.md)."},
    {.name = "sigv4-region",
     .value = "REGION",
     .initial = "AWS_REGION, or the region in --prometheus-url",
     .help = "The region for which requests are signed; with "
             "--backend-auth=aws",
     .note = "Not a flag of the peer."},
    {.name = "sigv4-service-name",
     .value = "NAME",
     .initial = "aps",
     .help = "The service for which requests are signed; with "
             "--backend-auth=aws",
     .note = "Not a flag of the peer."},
    {.name = "sigv4-role-arn",
     .value = "ARN",
     .help = "A role to assume with those keys, whose own keys sign then; with "
             "--backend-auth=aws",
     .note = "Not a flag of the peer."},
    {.name = "google-credentials-file",
     .value = "FILE",
     .initial = "GOOGLE_APPLICATION_CREDENTIALS, gcloud's, or none: the "
                "metadata server",
     .help = "Google's file of credentials (JSON), of any type; with "
             "--backend-auth=google",
     .note = "Not a flag of the peer. Read again with each token."},
    {.name = "azure-audience",
     .value = "URL",
     .initial = "https://prometheus.monitor.azure.com, or .us or .cn as in "
                "--prometheus-url",
     .help = "Whom tokens of Azure are for; with --backend-auth=azure",
     .note = "Not a flag of the peer."},
};

// What the connection decides, not the user.  Go's client leaves the first four
// out as well.
constexpr std::string_view kOwnHeaders[] = {
    "host",       "content-length", "transfer-encoding",
    "trailer",    "connection",     "proxy-connection",
    "keep-alive", "upgrade",        "te",
    "expect"};

bool IsOwnHeader(const std::string& name) {
  return std::find(std::begin(kOwnHeaders), std::end(kOwnHeaders),
                   AsciiLower(name)) != std::end(kOwnHeaders);
}

// RFC 9110, 5.6.2: token.
bool IsHeaderName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "!#$%&'*+-.^_`|~") == std::string_view::npos;
}

bool IsHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// Values may be secrets and are not repeated.
void ReadHeaders(const GivenFlags& given, BackendFlags& flags,
                 std::vector<std::string>& warnings, Complaints& complaints) {
  for (const std::string& header : given.All("prometheus-header")) {
    const std::size_t equals = header.find('=');
    const std::string name = header.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? "" : header.substr(equals + 1);
    if (!IsHeaderName(name)) {
      complaints.Add(
          "--prometheus-header: what stands before the \"=\" is not the name "
          "of a header; write NAME=VALUE, not NAME: VALUE");
    } else if (!IsHeaderValue(value)) {
      complaints.Add("--prometheus-header: the value of " + name +
                     " has a line break or another control character");
    } else if (IsOwnHeader(name)) {
      warnings.push_back("--prometheus-header: " + name +
                         " is left out: the connection decides it");
    } else {
      flags.headers.emplace_back(name, value);
    }
  }
}

// Which flag says in another way who asks; empty: none.
std::string OtherProof(const BackendFlags& flags) {
  if (!flags.token_file.empty()) return "--prometheus-token-file";
  if (!flags.kubeconfig.empty()) return "--prometheus-auth-config";
  if (flags.in_cluster_auth) return "--prometheus-auth-incluster";
  for (const auto& [name, value] : flags.headers) {
    if (EqualsIgnoringCase(name, "Authorization")) {
      return "--prometheus-header=Authorization";
    }
  }
  // Before the path: user info.
  const std::size_t host = flags.url.find("://");
  if (host != std::string::npos &&
      flags.url.substr(0, flags.url.find('/', host + 3)).find('@') !=
          std::string::npos) {
    return "the user of --prometheus-url";
  }
  return {};
}

// The settings of each cloud.
struct CloudFlag {
  const char* name;
  const char* cloud;
};
constexpr CloudFlag kCloudFlags[] = {{"sigv4-region", "aws"},
                                     {"sigv4-service-name", "aws"},
                                     {"sigv4-role-arn", "aws"},
                                     {"google-credentials-file", "google"},
                                     {"azure-audience", "azure"}};

void ReadAuth(const GivenFlags& given, BackendFlags& flags,
              std::vector<std::string>& warnings, Complaints& complaints) {
  const std::string cloud =
      given.Has("backend-auth") ? given.Text("backend-auth") : "none";
  if (cloud == "aws") flags.auth = BackendFlags::Auth::kAws;
  if (cloud == "google") flags.auth = BackendFlags::Auth::kGoogle;
  if (cloud == "azure") flags.auth = BackendFlags::Auth::kAzure;
  given.Read("sigv4-region", flags.sigv4_region);
  given.Read("sigv4-service-name", flags.sigv4_service_name);
  if (flags.sigv4_service_name.empty()) flags.sigv4_service_name = "aps";
  given.Read("sigv4-role-arn", flags.sigv4_role_arn);
  given.Read("google-credentials-file", flags.google_credentials_file);
  given.Read("azure-audience", flags.azure_audience);
  if (flags.auth != BackendFlags::Auth::kNone) {
    const std::string other = OtherProof(flags);
    if (!other.empty()) {
      complaints.Add("--backend-auth=" + cloud + ": " + other +
                     " says too who asks; leave out one of them");
    }
  }
  for (const CloudFlag& flag : kCloudFlags) {
    if (given.Has(flag.name) && cloud != flag.cloud) {
      warnings.push_back("--" + std::string(flag.name) +
                         " does nothing without --backend-auth=" + flag.cloud);
    }
  }
}

void CheckTogether(const BackendFlags& flags, Complaints& complaints) {
  if (flags.url.empty()) {
    complaints.Add(
        "--prometheus-url: must not be empty; write "
        "--prometheus-url=URL");
  }
  if (flags.client_cert_file.empty() != flags.client_key_file.empty()) {
    complaints.Add(
        flags.client_cert_file.empty()
            ? "--prometheus-client-tls-key-file: its certificate is "
              "missing; write --prometheus-client-tls-cert-file=FILE "
              "too"
            : "--prometheus-client-tls-cert-file: its key is "
              "missing; write --prometheus-client-tls-key-file=FILE "
              "too");
  }
  if (flags.in_cluster_auth && !flags.kubeconfig.empty()) {
    complaints.Add(
        "may not use both in-cluster auth and an explicit kubeconfig at the "
        "same time; leave out --prometheus-auth-incluster or "
        "--prometheus-auth-config");
  }
}

}  // namespace

std::span<const Flag> BackendFlagRows() { return kRows; }

void ReadBackendFlags(const GivenFlags& given, BackendFlags& flags,
                      std::vector<std::string>& warnings,
                      Complaints& complaints) {
  given.Read("prometheus-url", flags.url);
  given.Read("backend", flags.dialect);
  if (given.Has("prometheus-verb")) {
    const std::string verb = given.Text("prometheus-verb");
    if (verb != "GET" && verb != "POST") {
      complaints.Add("--prometheus-verb: unsupported Prometheus HTTP verb " +
                     GoQuote(verb) + "; supported verbs: \"GET\" and \"POST\"");
    } else if (verb == "POST") {
      flags.verb = BackendFlags::Verb::kPost;
    }
  }
  ReadHeaders(given, flags, warnings, complaints);
  given.Read("prometheus-timeout", flags.timeout);
  given.Read("prometheus-ca-file", flags.ca_file);
  given.Read("prometheus-client-tls-cert-file", flags.client_cert_file);
  given.Read("prometheus-client-tls-key-file", flags.client_key_file);
  given.Read("prometheus-token-file", flags.token_file);
  given.Read("prometheus-auth-config", flags.kubeconfig);
  given.Read("prometheus-auth-incluster", flags.in_cluster_auth);
  ReadAuth(given, flags, warnings, complaints);
  CheckTogether(flags, complaints);
}

}  // namespace sextant::config
