#pragma once

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/client.h"

namespace sextant::net {

// Proves to a server who sends a request: by a token, or by a signature over
// the request itself.
class RequestSigner {
 public:
  virtual ~RequestSigner() = default;

  // Adds the proof to `request`, or replaces the one it has.  It is the last to
  // change a request: a signature counts for these bytes only.  May wait for
  // another server, until `deadline`.  Errors are kUnavailable and
  // kDeadlineExceeded, and hold no part of a secret.  `request` must outlive
  // the Task.  Loop only.
  virtual Task<Result<Done>> Sign(ClientRequest& request, TimePoint now,
                                  TimePoint deadline) = 0;

  // The server answered `status` (401, 403) to `request` as it was signed.
  // True if Sign() will now make another proof, with which it is worth asking
  // once more; what was refused is forgotten then.
  virtual bool Renew(const ClientRequest& request, int status, TimePoint now) {
    static_cast<void>(request);
    static_cast<void>(status);
    static_cast<void>(now);
    return false;
  }
};

}  // namespace sextant::net
