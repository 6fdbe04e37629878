#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sextant/base/result.h"
#include "sextant/kube/client.h"
#include "sextant/model/object.h"

namespace sextant::kube {

// Objects that are listed and watched together: those of one resource, in one
// namespace or in all.
struct Collection {
  std::string group;  // empty: the core group
  std::string version;
  std::string plural;
  bool namespaced = true;
  std::string namespace_;  // empty: all of them, or cluster-scoped

  // What `request` is about, whatever its name and selector.
  static Collection Of(const model::ListRequest& request);

  // The same resource in all namespaces.
  Collection InAllNamespaces() const;
  bool IsOneNamespace() const { return namespaced && !namespace_.empty(); }

  // "deployments.apps"
  std::string ResourceText() const;
  // `deployments.apps in namespace "shop"`
  std::string ToString() const;

  friend auto operator<=>(const Collection&, const Collection&) = default;
};

// What is left of a list that comes in pages.
struct PageRequest {
  std::string selector;  // as text; empty: everything
  std::string name;      // empty: any
  int limit = 0;         // 0: all at once
  std::string continue_token;
};

// Both ask for metadata only, of servers that know it; others send the objects.
Request ListRequestOf(const Collection& collection, const PageRequest& page);
Request WatchRequestOf(const Collection& collection,
                       const std::string& resource_version,
                       std::chrono::seconds timeout);

// Can the API server have a namespace or object of this name at all?  A path
// with any other in it may be that of something else.
bool IsPossibleName(const std::string& name);

// The rule that a ClusterRole needs, as a line of its YAML.
std::string RuleFor(const Collection& collection);

// What a reply of status >= 400 to a list means: kPermissionDenied, with the
// rule that would give us the right; kDeadlineExceeded; else kUnavailable.
Error ListErrorOf(const Reply& reply, const Collection& collection);

}  // namespace sextant::kube
