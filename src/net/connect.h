#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client_stream.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"

namespace sextant::net {

// Resolves `host` (a name or an address) and connects to the first of its
// addresses that answers.  Each address gets its share of the time until
// `deadline`, so that one which swallows packets does not use up all of it.
// The error says the reason only: "connection refused (::1, 127.0.0.1)".
Task<Result<std::unique_ptr<ClientStream>>> Connect(std::string host,
                                                    std::uint16_t port,
                                                    TimePoint deadline,
                                                    Clock& clock);

}  // namespace sextant::net
