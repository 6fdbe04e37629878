#pragma once

#include <string>
#include <string_view>

namespace sextant::net {

// SHA-512 of `bytes` as 128 upper-case hex digits: what Kubernetes puts into
// the ETags of its documents.  Any thread.
std::string Sha512Hex(std::string_view bytes);

}  // namespace sextant::net
