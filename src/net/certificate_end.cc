#include "sextant/net/certificate_end.h"

#include <vector>

#include "x509.h"

namespace sextant::net {

Result<TimePoint> CertificateEndOf(const KeyPair& pair) {
  const Result<std::vector<X509Pointer>> chain =
      ParseCertificates(pair.certificate_pem);
  if (!chain) return chain.error();
  return NotAfter(*chain->front());
}

}  // namespace sextant::net
