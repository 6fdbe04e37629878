#pragma once

#include <optional>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/client.h"

namespace sextant::kube {

// How long to wait before a repeatable request is sent once more, after its
// attempt number `attempt` (from 1) came to `outcome`; nothing: its outcome is
// the answer.  `jitter` is from 0 up to 1 and makes the pause up to a fifth
// longer.  Pure.
std::optional<Duration> WaitBeforeRetry(
    const Result<net::ClientResponse>& outcome, int attempt, double jitter);

}  // namespace sextant::kube
