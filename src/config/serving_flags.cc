#include "serving_flags.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cipher_suites.h"
#include "flag_value.h"
#include "sextant/base/loopback.h"
#include "sextant/base/text.h"

namespace sextant::config {

namespace {

using enum FlagFate;
using enum FlagKind;

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

constexpr Flag kRows[] = {
    {.name = "bind-address",
     .value = "ADDRESS",
     .initial = "0.0.0.0, with --standalone 127.0.0.1",
     .help = "Where to listen",
     .note = "With `--standalone` only a loopback address is served."},
    {.name = "secure-port",
     .kind = kInteger,
     .value = "PORT",
     .most = 65535,
     .initial = "443",
     .help = "The HTTPS port; 0 picks a free one",
     .note = "To the peer 0 means no HTTPS at all, which nobody could use."},
    {.name = "permit-address-sharing",
     .kind = kSwitch,
     .help = "Bind although others use the port on other addresses "
             "(SO_REUSEADDR)"},
    {.name = "permit-port-sharing",
     .kind = kSwitch,
     .help = "Let several processes share the port (SO_REUSEPORT)"},
    {.name = "tls-cert-file",
     .value = "FILE",
     .initial = "a self-signed one, in memory only",
     .help = "The certificate, PEM, and the chain after it; read again when "
             "it changes"},
    {.name = "tls-private-key-file",
     .value = "FILE",
     .help = "Its key, PEM; goes with --tls-cert-file"},
    {.name = "cert-dir",
     .value = "DIRECTORY",
     .help = "Where apiserver.crt and apiserver.key are, if "
             "--tls-cert-file is not given; if they are not there either, a "
             "self-signed certificate is made, in memory only",
     .note = "The peer writes what it makes into the directory, by default "
             "`apiserver.local.config/certificates`, which must be writable; "
             "here nothing is written."},
    {.name = "tls-sni-cert-key",
     .value = "CERT,KEY[:NAMES]",
     .help = "Another certificate, for clients that ask for one of its names, "
             "or of NAMES (a.example,*.b.example); may be given several "
             "times"},
    {.name = "tls-min-version",
     .value = "VERSION",
     .initial = "VersionTLS12",
     .help = "VersionTLS12 or VersionTLS13",
     .note = "`VersionTLS10` and `VersionTLS11` are refused: sextant does not "
             "speak them, as they no longer protect anything."},
    {.name = "tls-cipher-suites",
     .kind = kList,
     .value = "NAMES",
     .initial = "all that are served",
     .help = "The cipher suites of TLS 1.2, by their IANA names; those of TLS "
             "1.3 are always on",
     .note = "Suites of CBC, RSA key exchange, 3DES and RC4 are not served; "
             "they are left out of the list with a warning, as a stricter list "
             "weakens nothing. A name that Go does not know, and a list of "
             "which nothing is left, are errors."},
    {.name = "tls-curve-preferences",
     .fate = kRefused,
     .kind = kList,
     .value = "CURVES",
     .help = "the curves cannot be chosen, and without the list more of them "
             "than wanted would be served",
     .note = "Not a flag of the peer, but of later releases of its framework."},
    {.name = "disable-http2", .kind = kSwitch, .help = "Serve HTTP/1.1 only"},
    {.name = "disable-http2-serving",
     .kind = kSwitch,
     .help = "The same as --disable-http2",
     .note = "The name in later releases of the peer's framework."},
    {.name = "http2-max-streams-per-connection",
     .kind = kInteger,
     .value = "COUNT",
     .most = kMaxInt32,
     .initial = "100",
     .help = "How many requests an HTTP/2 connection may have at once; 0 "
             "is 100"},
    {.name = "max-requests-inflight",
     .kind = kInteger,
     .value = "COUNT",
     .most = kMaxInt32,
     .initial = "400",
     .help = "How many requests are worked on at once, before 429 is the "
             "answer; 0 sets no limit; health is always answered",
     .note = "kube-apiserver's name; the peer has the same limit, but no flag "
             "for it."},
    {.name = "request-timeout",
     .kind = kDuration,
     .value = "TIME",
     .least = 1,
     .initial = "60s",
     .help = "How long a request may take, before 504 is the answer",
     .note = "kube-apiserver's name; the peer has the same limit, but no flag "
             "for it."},
    {.name = "shutdown-delay-duration",
     .kind = kDuration,
     .value = "TIME",
     .initial = "5s, with --standalone 0s",
     .help = "How long to serve on, as not ready, after the signal to stop, "
             "so that callers learn of it",
     .note = "kube-apiserver's name; the peer closes its port at once."},
};

void ReadBindAddress(const GivenFlags& given, bool standalone,
                     ServingFlags& flags, Complaints& complaints) {
  if (standalone) flags.bind_address = "127.0.0.1";
  const std::string address = given.Text("bind-address");
  if (!address.empty()) {
    // The name that everybody types, for the one address that it must mean.
    flags.bind_address =
        EqualsIgnoringCase(address, "localhost") ? "127.0.0.1" : address;
  }
  if (standalone && !IsLoopbackAddress(flags.bind_address)) {
    complaints.Add(
        "--bind-address: with --standalone nobody is asked who they are, so "
        "only a loopback address is served, not " +
        GoQuote(flags.bind_address) +
        "; write --bind-address=127.0.0.1 or leave it out");
  }
}

bool IsServerName(const std::string& name) {
  const std::string_view base =
      std::string_view(name).substr(name.starts_with("*.") ? 2 : 0);
  return !base.empty() && base.find_first_of("* /\t") == std::string_view::npos;
}

// What is wrong with it; nothing if it could be read.
std::optional<std::string> ReadNamedCertificate(
    const std::string& text, ServingFlags::NamedCertificate& certificate) {
  const std::size_t colon = text.find(':');
  const std::vector<std::string> files = Split(text.substr(0, colon), ',');
  if (files.size() != 2 || Trim(files[0]).empty() || Trim(files[1]).empty()) {
    return "expected comma separated certificate and key file paths, not " +
           GoQuote(text);
  }
  certificate.cert_file = Trim(files[0]);
  certificate.key_file = Trim(files[1]);
  if (colon == std::string::npos) return {};
  for (const std::string& part : Split(text.substr(colon + 1), ',')) {
    const std::string name(Trim(part));
    if (!IsServerName(name)) {
      return GoQuote(name) + " is not the name of a server";
    }
    certificate.names.push_back(name);
  }
  return {};
}

void ReadCertificates(const GivenFlags& given, ServingFlags& flags,
                      Complaints& complaints) {
  given.Read("tls-cert-file", flags.tls_cert_file);
  given.Read("tls-private-key-file", flags.tls_private_key_file);
  given.Read("cert-dir", flags.cert_dir);
  if (flags.tls_cert_file.empty() != flags.tls_private_key_file.empty()) {
    complaints.Add(flags.tls_cert_file.empty()
                       ? "--tls-private-key-file: its certificate is missing; "
                         "write --tls-cert-file=FILE too"
                       : "--tls-cert-file: its key is missing; write "
                         "--tls-private-key-file=FILE too");
  }
  for (const std::string& text : given.All("tls-sni-cert-key")) {
    ServingFlags::NamedCertificate certificate;
    if (const auto wrong = ReadNamedCertificate(text, certificate)) {
      complaints.Add("--tls-sni-cert-key: " + *wrong +
                     "; write CERT,KEY or CERT,KEY:a.example,*.b.example");
    } else {
      flags.sni_certificates.push_back(std::move(certificate));
    }
  }
}

void ReadTlsVersion(const GivenFlags& given, ServingFlags& flags,
                    Complaints& complaints) {
  const std::string version = given.Text("tls-min-version");
  if (version.empty() || version == "VersionTLS12") return;
  if (version == "VersionTLS13") {
    flags.tls_min_version = ServingFlags::TlsVersion::k13;
  } else if (version == "VersionTLS10" || version == "VersionTLS11") {
    complaints.Add("--tls-min-version: " + version +
                   " no longer protects anything, and sextant does not speak "
                   "it; write VersionTLS12 or VersionTLS13");
  } else {
    complaints.Add("--tls-min-version: unknown tls version " +
                   GoQuote(version) + "; write VersionTLS12 or VersionTLS13");
  }
}

void ReadCipherSuites(const GivenFlags& given, ServingFlags& flags,
                      std::vector<std::string>& warnings,
                      Complaints& complaints) {
  std::vector<std::string> names;
  given.Read("tls-cipher-suites", names);
  if (names.empty()) return;
  std::vector<std::string> left_out;
  bool unknown = false;
  for (const std::string& given_name : names) {
    const std::string name(Trim(given_name));
    const std::optional<CipherSuite> suite = FindCipherSuite(name);
    if (!suite) {
      complaints.Add("--tls-cipher-suites: Cipher suite " + GoQuote(name) +
                     " not supported or doesn't exist; write some of " +
                     Join(ServedCipherSuites(), ","));
      unknown = true;
    } else if (*suite == CipherSuite::kServed) {
      flags.tls_cipher_suites.push_back(IanaName(name));
    } else if (*suite == CipherSuite::kNotServed) {
      left_out.push_back(name);
    }
  }
  if (unknown) return;
  // An empty list would mean all of them.
  if (flags.tls_cipher_suites.empty() &&
      flags.tls_min_version == ServingFlags::TlsVersion::k12) {
    complaints.Add(
        "--tls-cipher-suites: no suite is left for TLS 1.2; write some of " +
        Join(ServedCipherSuites(), ",") +
        ", or --tls-min-version=VersionTLS13 to serve TLS 1.3 only");
  } else if (!left_out.empty()) {
    warnings.push_back(
        "--tls-cipher-suites: left out, because they lack forward secrecy or "
        "are broken: " +
        Join(left_out, ","));
  }
}

}  // namespace

std::span<const Flag> ServingFlagRows() { return kRows; }

void ReadServingFlags(const GivenFlags& given, bool standalone,
                      ServingFlags& flags, std::vector<std::string>& warnings,
                      Complaints& complaints) {
  ReadBindAddress(given, standalone, flags, complaints);
  given.ReadInteger("secure-port", flags.secure_port);
  given.Read("permit-address-sharing", flags.permit_address_sharing);
  given.Read("permit-port-sharing", flags.permit_port_sharing);

  ReadCertificates(given, flags, complaints);
  ReadTlsVersion(given, flags, complaints);
  ReadCipherSuites(given, flags, warnings, complaints);

  bool no_http2 = false;
  given.Read("disable-http2-serving", no_http2);
  given.Read("disable-http2", flags.disable_http2);
  flags.disable_http2 = flags.disable_http2 || no_http2;
  given.ReadInteger("http2-max-streams-per-connection",
                    flags.http2_max_streams);
  given.ReadInteger("max-requests-inflight", flags.max_requests_inflight);
  given.Read("request-timeout", flags.request_timeout);
  if (standalone) flags.shutdown_delay = Duration::zero();
  given.Read("shutdown-delay-duration", flags.shutdown_delay);
}

}  // namespace sextant::config
