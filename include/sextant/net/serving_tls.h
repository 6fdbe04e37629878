#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"

namespace sextant::net {

// A certificate chain and its key, both PEM.
struct KeyPair {
  std::string certificate_pem;  // leaf first
  std::string key_pem;
};

// A pair for clients that ask for certain names.
struct NamedKeyPair {
  KeyPair pair;
  // "a.example", or "*.b.example" for one label more; empty: the names that the
  // certificate is for.
  std::vector<std::string> names;
};

// Makes a certificate for these DNS names and IP addresses, signed by itself:
// ECDSA P-256, valid from an hour before `now` for a year, for servers.
Result<KeyPair> MakeSelfSigned(const std::vector<std::string>& names,
                               TimePoint now);

// The server's side of TLS: which certificate new connections get.  Clients are
// asked for a certificate and none is required; a bad one does not fail the
// handshake, because who the client is, is asked for each request (peer.h).
// Loop only.
class ServingTls {
 public:
  struct Options {
    bool only_tls13 = false;  // else TLS 1.2 and 1.3
    // IANA names of suites of TLS 1.2; empty: AEAD with forward secrecy.  Those
    // of TLS 1.3 are always on.
    std::vector<std::string> cipher_suites;
    bool http2 = true;  // offered by ALPN, before HTTP/1.1
  };

  // No resumption.  The error also names a suite that is not known.
  static Result<std::unique_ptr<ServingTls>> Create(KeyPair pair,
                                                    Options options);
  static Result<std::unique_ptr<ServingTls>> Create(KeyPair pair) {
    return Create(std::move(pair), Options());
  }
  ~ServingTls();

  // New connections get this pair; open ones keep theirs.  An error
  // (unreadable, or key and certificate do not belong together) changes
  // nothing.
  Result<Done> Replace(KeyPair pair);

  // New connections whose client asks for a name (SNI) of one of these get the
  // first that has it, exact names before wildcards; all others the pair of
  // Replace().  An error names the place in the list and changes nothing.
  Result<Done> ReplaceNamed(const std::vector<NamedKeyPair>& pairs);

  // The end of the current certificate.
  TimePoint NotAfter() const;

  class Impl;
  Impl& impl() { return *impl_; }  // for the server, in src/net

 private:
  explicit ServingTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Gives `tls` the pair in those files if it is another one: true.  An error (a
// file cannot be read, or the two do not belong together, as half of a change
// is often seen before the other half) names the file and changes nothing.
Result<bool> ReloadKeyPairFiles(const std::string& certificate_file,
                                const std::string& key_file, ServingTls& tls);

// Makes another self-signed pair for `names` a month before the current one
// ends.  Runs until cancelled; everything passed by reference must outlive it.
Task<void> RenewSelfSigned(std::vector<std::string> names, ServingTls& tls,
                           Clock& clock);

// The pair in those files; the error names the file.
Result<KeyPair> ReadKeyPairFiles(const std::string& certificate_file,
                                 const std::string& key_file);

}  // namespace sextant::net
