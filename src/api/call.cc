#include "call.h"

#include <cstddef>
#include <utility>

namespace sextant::api {

using Kind = RequestPath::Kind;

Call ReadCall(net::Request request, const std::vector<ApiGroup>& served) {
  const std::size_t mark = request.target.find('?');
  std::string path = request.target.substr(0, mark);
  const std::string query =
      mark == std::string::npos ? "" : request.target.substr(mark + 1);
  RequestPath where = ReadPath(path, served);
  std::vector<MediaRange> accept =
      ReadAccept(request.headers.FindAll("Accept"));
  return {std::move(request), std::move(path), std::move(where),
          QueryParameters(query), std::move(accept)};
}

bool AllowsMethod(Kind kind, const std::string& method) {
  switch (kind) {
    case Kind::kMalformed:
    case Kind::kUnknown:
    case Kind::kNoSuchResource:
    case Kind::kHealth:
    case Kind::kOpenApiV2:
    case Kind::kOpenApiV3:
    case Kind::kOpenApiV3Group:
      return true;
    case Kind::kIndex:
    case Kind::kOwnMetrics:
      return method == "GET" || method == "HEAD";
    case Kind::kVersion:
    case Kind::kInvalid:
    case Kind::kGroups:
    case Kind::kGroup:
    case Kind::kResources:
    case Kind::kCustomMetric:
    case Kind::kExternalMetric:
    case Kind::kResourceList:
    case Kind::kResourceItem:
    case Kind::kExplain:
      break;
  }
  return method == "GET";
}

bool MayWait(Kind kind) {
  return kind == Kind::kCustomMetric || kind == Kind::kExternalMetric ||
         kind == Kind::kResourceList || kind == Kind::kResourceItem ||
         kind == Kind::kExplain;
}

}  // namespace sextant::api
