#include "cipher_suites.h"

namespace sextant::config {

namespace {

using enum CipherSuite;

struct Row {
  std::string_view name;
  CipherSuite suite;
};

// crypto/tls' CipherSuites() and InsecureCipherSuites().
constexpr Row kRows[] = {
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", kServed},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", kServed},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", kServed},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", kServed},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", kServed},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", kServed},
    {"TLS_AES_128_GCM_SHA256", kAlwaysOn},
    {"TLS_AES_256_GCM_SHA384", kAlwaysOn},
    {"TLS_CHACHA20_POLY1305_SHA256", kAlwaysOn},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", kNotServed},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", kNotServed},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", kNotServed},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", kNotServed},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", kNotServed},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", kNotServed},
    {"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", kNotServed},
    {"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", kNotServed},
    {"TLS_ECDHE_RSA_WITH_RC4_128_SHA", kNotServed},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", kNotServed},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", kNotServed},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", kNotServed},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", kNotServed},
    {"TLS_RSA_WITH_AES_128_CBC_SHA256", kNotServed},
    {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", kNotServed},
    {"TLS_RSA_WITH_RC4_128_SHA", kNotServed},
};

}  // namespace

std::string IanaName(std::string_view name) {
  std::string iana(name);
  if (name == "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305" ||
      name == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305") {
    iana += "_SHA256";
  }
  return iana;
}

std::optional<CipherSuite> FindCipherSuite(std::string_view name) {
  const std::string iana = IanaName(name);
  for (const Row& row : kRows) {
    if (row.name == iana) return row.suite;
  }
  return std::nullopt;
}

std::vector<std::string> ServedCipherSuites() {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.suite == kServed) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace sextant::config
