#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"

namespace sextant::model {

// A resource by group and plural name: {"apps", "deployments"}.
struct GroupResource {
  std::string group;  // empty: the core group
  std::string resource;

  // "deployments.apps"; "pods" for the core group.
  std::string ToString() const;

  // Splits at the first dot: "ingresses.networking.k8s.io".
  static GroupResource Parse(std::string_view text);

  friend auto operator<=>(const GroupResource&, const GroupResource&) = default;
};

// What the API server says of a resource.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
  std::string singular;
  std::string kind;
  bool namespaced = true;

  GroupResource group_resource() const { return {group, plural}; }

  friend bool operator==(const Resource&, const Resource&) = default;
};

// The resources of a cluster.  An immutable value; any thread.
class ResourceTable {
 public:
  ResourceTable() = default;

  // `resources` in the order of preference: the API server's group list, the
  // preferred version of a group first.  Sub-resources ("pods/log") are left
  // out; a resource without a singular gets its lower-cased kind.
  static ResourceTable Build(std::vector<Resource> resources);

  // Core, apps, batch, networking, autoscaling, policy, storage, and Argo's
  // Rollout: what --standalone knows without a cluster.
  static ResourceTable BuiltIn();

  // By plural or singular name in any letter case.  An empty group means any:
  // the core group first, then the order of preference.  A group that is not
  // there may be the beginning of one ("networking"), as in prometheus-adapter
  // 3.6.  Null if there is none.
  const Resource* Find(std::string_view group, std::string_view name) const;

  // The same for "deployments.apps".
  const Resource* Find(const GroupResource& wanted) const {
    return Find(wanted.group, wanted.resource);
  }

  const std::vector<Resource>& resources() const { return resources_; }

  // This table with `more` before (preferred to) its own.
  ResourceTable With(std::vector<Resource> more) const;

 private:
  std::vector<Resource> resources_;
};

}  // namespace sextant::model
