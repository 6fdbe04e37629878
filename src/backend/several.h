#pragma once

#include <vector>

#include "sextant/backend/several.h"

namespace sextant::backend {

// What members are taken for together: the first one's dialect, unless another
// takes no patterns of metric names; what that wants, all can answer.
Recognition RecognisedOf(const std::vector<Member>& members);

}  // namespace sextant::backend
