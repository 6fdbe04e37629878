#pragma once

#include <string>

#include "sextant/base/clock.h"

namespace sextant::net {

// "Sun, 22 Nov 2026 18:12:50 GMT" (RFC 9110, 5.6.7).  Pure.
std::string HttpDate(TimePoint now);

}  // namespace sextant::net
