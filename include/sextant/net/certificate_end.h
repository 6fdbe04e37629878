#pragma once

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/serving_tls.h"

namespace sextant::net {

// When the certificate of that pair ends, the leaf's.  kInvalidArgument if it
// has none that can be read.
Result<TimePoint> CertificateEndOf(const KeyPair& pair);

}  // namespace sextant::net
