#pragma once

#include <memory>
#include <string>
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
  // TLS 1.2 at least, AEAD ciphers with forward secrecy, ALPN h2 and http/1.1,
  // no resumption (cpp-libraries 2.4).
  static Result<std::unique_ptr<ServingTls>> Create(KeyPair pair);
  ~ServingTls();

  // New connections get this pair; open ones keep theirs.  An error
  // (unreadable, or key and certificate do not belong together) changes
  // nothing.
  Result<Done> Replace(KeyPair pair);

  // The end of the current certificate.
  TimePoint NotAfter() const;

  class Impl;
  Impl& impl() { return *impl_; }  // for the server, in src/net

 private:
  explicit ServingTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Follows a certificate and a key file: watches their directories (a mounted
// Secret is replaced by renaming a link beside it) and looks at least once a
// minute.  A pair that does not fit together is logged and the old one kept, as
// half of a change is often seen before the other half.  Runs until cancelled;
// everything passed by reference must outlive it.
Task<void> FollowKeyPairFiles(std::string certificate_file,
                              std::string key_file, ServingTls& tls,
                              Clock& clock);

// The pair in those files; the error names the file.
Result<KeyPair> ReadKeyPairFiles(const std::string& certificate_file,
                                 const std::string& key_file);

}  // namespace sextant::net
