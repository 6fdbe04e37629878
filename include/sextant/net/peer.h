#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant::net {

// Certificates that clients are verified against.  Immutable.
class CaBundle {
 public:
  // One or more PEM certificates.
  static Result<std::shared_ptr<const CaBundle>> Parse(const std::string& pem);
  ~CaBundle();

  class Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit CaBundle(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Who a verified client certificate says it is.
struct CertificateSubject {
  std::string common_name;
  std::vector<std::string> organizations;
  std::string sha256;  // of the DER, lower-case hex
};

// The certificate (and intermediates) that a client showed.  Nothing about it
// is proved but that the client has the key.
class PeerCertificate {
 public:
  virtual ~PeerCertificate() = default;

  // Does it chain to `bundle`, is it valid at `now`, and for clients?  Costs
  // 0.2 ms the first time; the answer for the same bundle is kept with the
  // connection until the certificate ends.
  virtual Result<CertificateSubject> Verify(
      const std::shared_ptr<const CaBundle>& bundle, TimePoint now) const = 0;
};

}  // namespace sextant::net
