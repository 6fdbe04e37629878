// From the path and the parameters of a request of metrics.k8s.io to what is
// asked.  Pure; any thread.

#pragma once

#include <variant>

#include "list_options.h"
#include "request_path.h"
#include "sextant/query/resource_engine.h"
#include "status.h"

namespace sextant::api {

// Paging is ignored once it is well-formed, since every list is whole.  A watch
// is 405, and what no list can honour 422.  Of one object only the path counts.
std::variant<query::ResourceRequest, Status> ReadResourceRequest(
    const RequestPath& path, const QueryParameters& parameters);

}  // namespace sextant::api
