// A request with what was read from its target and headers.

#pragma once

#include <string>
#include <vector>

#include "accept.h"
#include "list_options.h"
#include "request_path.h"
#include "sextant/net/http.h"

namespace sextant::api {

struct Call {
  net::Request request;
  std::string path;  // of the target, without the query
  RequestPath where;
  QueryParameters parameters;
  std::vector<MediaRange> accept;
};

Call ReadCall(net::Request request, const std::vector<ApiGroup>& served);

// Is the path one that knows the request's method?  Health and OpenAPI take
// any, as the API server's do; what does not exist is 404 by every method.
bool AllowsMethod(RequestPath::Kind kind, const std::string& method);

// Is the answer one that may have to be waited for?  All others are given at
// once, from memory.
bool MayWait(RequestPath::Kind kind);

}  // namespace sextant::api
