#pragma once

#include <string>

#include "sextant/base/result.h"
#include "sextant/net/client.h"

namespace sextant::net {

// The bytes of `request` as HTTP/1.1 (RFC 9112).  Host, framing and basic
// authentication come from its other parts: fields that would contradict the
// framing are left out.  kInvalidArgument if a part cannot be written, a line
// break in a header say; the message names the part and not its value.
Result<std::string> WriteRequest(const ClientRequest& request);

}  // namespace sextant::net
