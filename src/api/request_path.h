// Where a request's path leads.  Pure functions of the path; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sextant::api {

inline constexpr std::string_view kCustomGroup = "custom.metrics.k8s.io";
inline constexpr std::string_view kExternalGroup = "external.metrics.k8s.io";
inline constexpr std::string_view kResourceGroup = "metrics.k8s.io";

// An API group that is served, its versions in the order of preference.
struct ApiGroup {
  std::string name;
  std::vector<std::string> versions;
};

struct RequestPath {
  enum class Kind {
    kMalformed,       // not a path: a bad escape, or no '/' at its start
    kUnknown,         // outside every API: 404 with the index
    kNoSuchResource,  // inside an API, but of no form it has: 404
    kInvalid,         // a form the API refuses by name: 400
    kIndex,           // /
    kHealth,          // /healthz /livez /readyz and their checks
    kVersion,         // /version
    kOwnMetrics,      // /metrics
    kExplain,         // /debug/explain?path=
    kOpenApiV2,       // /openapi/v2
    kOpenApiV3,       // /openapi/v3
    kOpenApiV3Group,  // /openapi/v3/apis/<group>/<version>
    kGroups,          // /apis
    kGroup,           // /apis/<group>
    kResources,       // /apis/<group>/<version>
    kCustomMetric,
    kExternalMetric,
    kResourceList,  // pods or nodes of metrics.k8s.io
    kResourceItem,  // one of them
  };
  Kind kind = Kind::kUnknown;

  std::string group;    // of everything below /apis/<group>
  std::string version;  // of everything below that

  std::string endpoint;  // kHealth: "healthz", "livez", "readyz"
  std::string check;     // kHealth: "ping"; empty: all of them

  // Of metrics; see query::CustomRequest.  The Namespace form
  // (namespaces/{ns}/metrics/{metric}) is already turned into the object that
  // it means: resource "namespaces", no namespace, the namespace's name.
  // Of metrics.k8s.io: resource is "pods" or "nodes", no namespace means all.
  std::string namespace_;
  std::string resource;
  std::string name;
  std::string metric;

  friend bool operator==(const RequestPath&, const RequestPath&) = default;
};

// Reads the part of a request's target before '?'.
//
// Segments are those of net::SplitPath.  One slash at the end changes nothing,
// except below the health checks.  auth::ActionOf() says who may have what is
// found here: the two are compared in tests/api/request_action_test.cc.
RequestPath ReadPath(std::string_view path,
                     const std::vector<ApiGroup>& served);

}  // namespace sextant::api
