// From a path and its parameters to a request of the query engine.  Pure; any
// thread.

#pragma once

#include <variant>

#include "list_options.h"
#include "request_path.h"
#include "sextant/query/engine.h"
#include "status.h"

namespace sextant::api {

// `path.kind` is kCustomMetric; kInvalidArgument if a parameter is wrong.
Result<query::CustomRequest> ReadCustomRequest(
    const RequestPath& path, const QueryParameters& parameters);

// `path.kind` is kExternalMetric.  A Status, because one of the refusals (an
// external metric cannot be watched) has details that no Error has.
std::variant<query::ExternalRequest, Status> ReadExternalRequest(
    const RequestPath& path, const QueryParameters& parameters);

}  // namespace sextant::api
