#include "request_path.h"

#include <algorithm>
#include <span>

#include "sextant/net/request_path.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;
using Segments = std::span<const std::string>;

RequestPath Of(Kind kind) {
  RequestPath path;
  path.kind = kind;
  return path;
}

// Below /apis/custom.metrics.k8s.io/<version>.
void ReadCustom(Segments rest, RequestPath& path) {
  if (rest.empty()) {
    path.kind = Kind::kResources;
    return;
  }
  path.kind = Kind::kNoSuchResource;
  if (rest[0] != "namespaces") {
    if (rest.size() != 3) return;
    path.kind = Kind::kCustomMetric;
    path.resource = rest[0];
    path.name = rest[1];
    path.metric = rest[2];
    return;
  }
  switch (rest.size()) {
    case 3:  // the framework's own words for namespaces/{ns}/{anything}
      path.kind = Kind::kInvalid;
      return;
    case 4:
      if (rest[2] != "metrics") return;
      path.kind = Kind::kCustomMetric;
      path.resource = "namespaces";
      path.name = rest[1];
      path.metric = rest[3];
      return;
    case 5:
      // Not a resource called "metrics": that word is taken by the form above.
      if (rest[2] == "metrics") return;
      path.kind = Kind::kCustomMetric;
      path.namespace_ = rest[1];
      path.resource = rest[2];
      path.name = rest[3];
      path.metric = rest[4];
      return;
    default:
      return;
  }
}

// Below /apis/external.metrics.k8s.io/<version>.  No metric name is special:
// "status", "finalize" and "watch" are metrics too.
void ReadExternal(Segments rest, RequestPath& path) {
  if (rest.empty()) {
    path.kind = Kind::kResources;
  } else if (rest.size() == 3 && rest[0] == "namespaces") {
    path.kind = Kind::kExternalMetric;
    path.namespace_ = rest[1];
    path.metric = rest[2];
  } else {
    path.kind = Kind::kNoSuchResource;
  }
}

// Below /apis/metrics.k8s.io/<version>.
void ReadResource(Segments rest, RequestPath& path) {
  if (rest.empty()) {
    path.kind = Kind::kResources;
    return;
  }
  path.kind = Kind::kNoSuchResource;
  bool in_namespace = false;
  if (rest[0] == "namespaces" && rest.size() > 2) {
    in_namespace = true;
    path.namespace_ = rest[1];
    rest = rest.subspan(2);
  }
  const bool pods = rest[0] == "pods";
  const bool nodes = rest[0] == "nodes" && !in_namespace;
  if ((!pods && !nodes) || rest.size() > 2) return;
  path.resource = rest[0];
  if (rest.size() == 1) {
    path.kind = Kind::kResourceList;
  } else if (nodes || in_namespace) {
    path.kind = Kind::kResourceItem;
    path.name = rest[1];
  }
}

const ApiGroup* FindGroup(const std::vector<ApiGroup>& served,
                          const std::string& name) {
  const auto found =
      std::find_if(served.begin(), served.end(),
                   [&](const ApiGroup& group) { return group.name == name; });
  return found == served.end() ? nullptr : &*found;
}

bool HasVersion(const ApiGroup& group, const std::string& version) {
  return std::find(group.versions.begin(), group.versions.end(), version) !=
         group.versions.end();
}

// Below /apis.
RequestPath ReadApi(Segments rest, bool broken,
                    const std::vector<ApiGroup>& served) {
  if (rest.empty()) return Of(broken ? Kind::kUnknown : Kind::kGroups);
  const ApiGroup* group = FindGroup(served, rest[0]);
  if (group == nullptr) return Of(Kind::kUnknown);
  RequestPath path = Of(Kind::kNoSuchResource);
  path.group = group->name;
  if (broken) return path;
  if (rest.size() == 1) {
    path.kind = Kind::kGroup;
    return path;
  }
  if (!HasVersion(*group, rest[1])) return path;
  path.version = rest[1];
  if (group->name == kCustomGroup) {
    ReadCustom(rest.subspan(2), path);
  } else if (group->name == kResourceGroup) {
    ReadResource(rest.subspan(2), path);
  } else {
    ReadExternal(rest.subspan(2), path);
  }
  return path;
}

RequestPath ReadOpenApi(Segments rest, const std::vector<ApiGroup>& served) {
  if (rest.size() == 1 && rest[0] == "v2") return Of(Kind::kOpenApiV2);
  if (rest.empty() || rest[0] != "v3") return Of(Kind::kUnknown);
  if (rest.size() == 1) return Of(Kind::kOpenApiV3);
  if (rest.size() != 4 || rest[1] != "apis") return Of(Kind::kUnknown);
  const ApiGroup* group = FindGroup(served, rest[2]);
  if (group == nullptr || !HasVersion(*group, rest[3])) {
    return Of(Kind::kUnknown);
  }
  RequestPath path = Of(Kind::kOpenApiV3Group);
  path.group = rest[2];
  path.version = rest[3];
  return path;
}

bool IsHealthEndpoint(const std::string& segment) {
  return segment == "healthz" || segment == "livez" || segment == "readyz";
}

RequestPath ReadOutside(Segments segments) {
  if (IsHealthEndpoint(segments[0]) && segments.size() <= 2) {
    RequestPath path = Of(Kind::kHealth);
    path.endpoint = segments[0];
    if (segments.size() == 2) path.check = segments[1];
    return path;
  }
  if (segments.size() == 2 && segments[0] == "debug" &&
      segments[1] == "explain") {
    return Of(Kind::kExplain);
  }
  if (segments.size() != 1) return Of(Kind::kUnknown);
  if (segments[0] == "version") return Of(Kind::kVersion);
  if (segments[0] == "metrics") return Of(Kind::kOwnMetrics);
  return Of(Kind::kUnknown);
}

}  // namespace

RequestPath ReadPath(std::string_view path,
                     const std::vector<ApiGroup>& served) {
  const net::SplitPath split = net::SplitPath::Of(path);
  if (split.malformed) return Of(Kind::kMalformed);
  if (split.segments.empty()) {
    return Of(split.broken ? Kind::kUnknown : Kind::kIndex);
  }
  const Segments rest = Segments(split.segments).subspan(1);
  if (split.segments[0] == "apis") return ReadApi(rest, split.broken, served);
  if (split.broken) return Of(Kind::kUnknown);
  if (split.segments[0] == "openapi") return ReadOpenApi(rest, served);
  RequestPath outside = ReadOutside(split.segments);
  if (outside.kind == Kind::kHealth && split.slash_at_end) {
    return Of(Kind::kUnknown);
  }
  return outside;
}

}  // namespace sextant::api
