#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::config {

// What sextant thinks of a TLS cipher suite that Go knows.
enum class CipherSuite {
  kServed,     // TLS 1.2 with ECDHE and AEAD
  kAlwaysOn,   // of TLS 1.3, which cannot be chosen
  kNotServed,  // without forward secrecy, or with a broken cipher or mode
};

// By its IANA name; nothing if Go does not know it either.
std::optional<CipherSuite> FindCipherSuite(std::string_view name);

// As IANA has it, of a served suite: two have another name in Go's past.
std::string IanaName(std::string_view name);

// The names of those that are served.
std::vector<std::string> ServedCipherSuites();

}  // namespace sextant::config
