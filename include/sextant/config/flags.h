// The flags of `sextant serve`.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant::config {

// How to reach the Prometheus.
struct BackendFlags {
  enum class Verb { kGet, kPost };
  enum class Auth { kNone, kAws, kGoogle, kAzure };

  std::string url = "https://localhost";  // --prometheus-url
  std::string dialect = "auto";  // --backend: "auto", or a dialect's name
  Verb verb = Verb::kGet;        // --prometheus-verb
  // --prometheus-header, in order; "name=value" is split at the first '='.
  std::vector<std::pair<std::string, std::string>> headers;
  Duration timeout = std::chrono::seconds(30);  // --prometheus-timeout

  std::string ca_file;           // --prometheus-ca-file
  std::string client_cert_file;  // --prometheus-client-tls-cert-file
  std::string client_key_file;   // --prometheus-client-tls-key-file
  std::string token_file;        // --prometheus-token-file
  std::string kubeconfig;        // --prometheus-auth-config
  bool in_cluster_auth = false;  // --prometheus-auth-incluster

  Auth auth = Auth::kNone;                 // --backend-auth
  std::string sigv4_region;                // --sigv4-region; empty: found out
  std::string sigv4_service_name = "aps";  // --sigv4-service-name
  std::string sigv4_role_arn;              // --sigv4-role-arn; empty: none
  // --google-credentials-file; empty: looked for
  std::string google_credentials_file;
  std::string azure_audience;  // --azure-audience; empty: by the URL
};

// The HTTPS port and what it allows.
struct ServingFlags {
  enum class TlsVersion { k12, k13 };
  // --tls-sni-cert-key=CERT,KEY or CERT,KEY:NAME,*.NAME
  struct NamedCertificate {
    std::string cert_file;
    std::string key_file;
    std::vector<std::string> names;  // empty: those of the certificate
  };

  std::string bind_address = "0.0.0.0";  // with standalone "127.0.0.1"
  std::uint16_t secure_port = 443;       // 0: any free one
  bool permit_address_sharing = false;   // SO_REUSEADDR
  bool permit_port_sharing = false;      // SO_REUSEPORT

  // Where apiserver.crt and apiserver.key are, unless the two files below say
  // it; empty: nowhere.
  std::string cert_dir;
  std::string tls_cert_file;
  std::string tls_private_key_file;
  std::vector<NamedCertificate> sni_certificates;
  TlsVersion tls_min_version = TlsVersion::k12;
  // IANA names of TLS 1.2 suites that sextant has; empty: its own choice.
  std::vector<std::string> tls_cipher_suites;

  bool disable_http2 = false;
  std::uint32_t http2_max_streams = 0;        // 0: 100
  std::uint32_t max_requests_inflight = 400;  // 0: no limit
  Duration request_timeout = std::chrono::seconds(60);
  // Between the failing of readiness and the closing of the port; standalone 0.
  Duration shutdown_delay = std::chrono::seconds(5);
};

// What the Kubernetes API server is asked, and who may come in.  Of no
// use with --standalone.
struct ClusterFlags {
  std::string lister_kubeconfig;  // empty: in-cluster
  std::string authentication_kubeconfig;
  bool authentication_skip_lookup = false;
  bool authentication_tolerate_lookup_failure = false;
  Duration token_cache_ttl = std::chrono::seconds(10);
  std::string client_ca_file;
  std::string requestheader_client_ca_file;
  std::vector<std::string> requestheader_allowed_names;
  std::vector<std::string> requestheader_username_headers = {"x-remote-user"};
  std::vector<std::string> requestheader_group_headers = {"x-remote-group"};
  std::vector<std::string> requestheader_extra_headers_prefix = {
      "x-remote-extra-"};
  std::string authorization_kubeconfig;
  std::vector<std::string> authorization_always_allow_paths = {
      "/healthz", "/readyz", "/livez"};
  Duration authorized_ttl = std::chrono::seconds(10);
  Duration unauthorized_ttl = std::chrono::seconds(10);
};

struct ServeFlags {
  std::string config;  // --config
  BackendFlags backend;
  ServingFlags serving;
  ClusterFlags cluster;
  Duration metrics_relist_interval = std::chrono::minutes(10);
  Duration metrics_max_age{0};  // 0: as metrics_relist_interval, which
                                // ParseServeFlags() fills in
  // How many metrics the discovery documents list at most; those that are not
  // listed are served all the same.  Nothing: all.
  std::optional<std::uint32_t> max_listed_metrics;
  bool standalone = false;
  std::string standalone_resources;  // file; see config/standalone.h
  std::string standalone_objects;    // file
  int verbosity = 0;                 // -v; 4 and more log each request

  // What was accepted and does nothing, a line each, for the log.
  std::vector<std::string> warnings;
};

// What a command line asks for.
struct ServeCommand {
  ServeFlags flags;
  bool help = false;  // print ServeHelpText() and end; `flags` is not filled
};

// Reads the arguments after "serve", which may begin with the program's path.
// An error says which flag, what is wrong with it, and what to write, of all
// mistakes at once.  Values are checked against each other too:
// --metrics-max-age below --metrics-relist-interval, one of two TLS files
// alone, --standalone with a bind address that is not a loopback one, or with
// a flag that should keep somebody out.
//
// docs/COMMANDS.md lists all flags of prometheus-adapter 0.12, and what becomes
// of each.
Result<ServeCommand> ParseServeFlags(std::span<const std::string> arguments);

// "/adapter", "/usr/bin/sextant": the program's own path, with which the
// arguments of prometheus-adapter's container may begin.
bool IsProgramPath(std::string_view argument);

// Grouped, with examples.
std::string ServeHelpText();

// What another command's line says of the backend.
struct BackendArguments {
  BackendFlags flags;
  bool url_given = false;             // --prometheus-url is there
  std::vector<std::string> rest;      // the other arguments, in order
  std::vector<std::string> warnings;  // as ServeFlags::warnings
};

// Takes the flags of BackendFlags out of the arguments of a command that is not
// `serve`, and checks them as ParseServeFlags() does.  What follows "--" is
// left alone.
Result<BackendArguments> ParseBackendFlags(
    std::span<const std::string> arguments);

// "Backend:" and the flags that ParseBackendFlags() takes, as a part of a help
// text.
std::string BackendHelpText();

}  // namespace sextant::config
