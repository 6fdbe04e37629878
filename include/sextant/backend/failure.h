#pragma once

#include "sextant/base/result.h"

namespace sextant::backend {

// Has the server failed?  Otherwise it has refused the question, and would
// refuse it again.
inline bool IsFailure(const Error& error) {
  return error.code == ErrorCode::kUnavailable ||
         error.code == ErrorCode::kDeadlineExceeded;
}

}  // namespace sextant::backend
