#pragma once

#include "client_stream.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/url.h"

namespace sextant::net {

// Asks the proxy at the other end of `stream` for a tunnel to the host of
// `target` (RFC 9110, 9.3.6); from then on the bytes are the target's.  The
// error says what the proxy answered, without naming it.  `stream` must outlive
// the Task.
Task<Result<Done>> OpenTunnel(ClientStream& stream, Url proxy, Url target);

}  // namespace sextant::net
