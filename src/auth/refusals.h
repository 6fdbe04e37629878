// What callers are told who may not go on, in the API server's words.

#pragma once

#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/action.h"
#include "sextant/model/admission.h"
#include "sextant/model/identity.h"

namespace sextant::auth {

// 401.  Why goes to the log only.
model::Refusal Unauthorized(const std::vector<std::string>& reasons);

// 403.  `reason` is the API server's, and may be empty.
model::Refusal Forbidden(const model::Identity& who,
                         const model::Action& action,
                         const std::string& reason);

// 504: the request's time was over before the reviewers had answered.
model::Refusal TooLate(const std::string& doing);

// 500: whether the caller may could not be found out.  `target` is the
// request's.
model::Refusal CouldNotAsk(const std::string& target, const Error& error);

}  // namespace sextant::auth
