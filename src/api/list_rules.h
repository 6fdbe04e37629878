#pragma once

#include <optional>

#include "list_options.h"
#include "status.h"

namespace sextant::api {

// What the API server refuses to combine in the parameters of a list that is no
// watch: 422, with a cause for each.  Nothing if all is well.  Pure.
std::optional<Status> CheckListRules(const QueryParameters& parameters);

}  // namespace sextant::api
