#pragma once

#include <functional>
#include <optional>

#include "sextant/base/clock.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// When a certificate ends; nothing while there is none.
using CertificateEnd = std::function<std::optional<TimePoint>()>;

// The certificates that the program shows to others.
struct CertificateEnds {
  CertificateEnd serving;
  CertificateEnd backend_client;
  CertificateEnd api_server_client;  // the first of several; may be empty
};

// sextant_certificate_not_after_seconds{use}: those that there are, as they
// are when the metrics are written out.
void ShowCertificateEnds(CertificateEnds ends, obs::Metrics& metrics);

}  // namespace sextant::app
