#pragma once

#include <string_view>

namespace sextant {

// Is this the text of an address that only this machine can reach: one of
// 127.0.0.0/8, as IPv4 or mapped into IPv6, or ::1?  Names are none.  Pure; any
// thread.
bool IsLoopbackAddress(std::string_view address);

}  // namespace sextant
