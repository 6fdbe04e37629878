#include "standalone.h"

#include <algorithm>
#include <utility>

#include "sextant/base/loopback.h"

namespace sextant::app {
namespace {

const model::Resource* FindByKind(const model::ResourceTable& resources,
                                  const std::string& group,
                                  const std::string& kind) {
  const auto& all = resources.resources();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const model::Resource& r) {
        return r.group == group && r.kind == kind;
      });
  return found == all.end() ? nullptr : &*found;
}

Task<model::Admission> Admit(std::string peer_address) {
  if (!IsLoopbackAddress(peer_address)) {
    co_return Error{ErrorCode::kPermissionDenied,
                    "standalone mode answers only this machine",
                    "peer " + peer_address};
  }
  co_return model::Identity{"system:standalone", "", {}, {}};
}

}  // namespace

Result<std::vector<query::FixedObjectLister::Object>> PlaceObjects(
    const std::vector<config::StandaloneObject>& objects,
    const model::ResourceTable& resources) {
  std::vector<query::FixedObjectLister::Object> placed;
  for (const config::StandaloneObject& object : objects) {
    const std::size_t slash = object.api_version.find('/');
    const std::string group =
        slash == std::string::npos ? "" : object.api_version.substr(0, slash);
    const model::Resource* resource = FindByKind(resources, group, object.kind);
    if (resource == nullptr) {
      return Error{ErrorCode::kInvalidArgument,
                   "object " + object.name + ": no resource is known for " +
                       object.api_version + " " + object.kind +
                       "; describe it in a file for --standalone-resources",
                   {}};
    }
    placed.push_back(
        {resource->group_resource(),
         {resource->namespaced ? object.namespace_ : "", object.name},
         object.labels});
  }
  return placed;
}

api::Gate LoopbackGate() {
  return [](const net::Request& request, TimePoint) {
    return Admit(request.peer_address);
  };
}

}  // namespace sextant::app
