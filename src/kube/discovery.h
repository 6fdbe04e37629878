// The documents in which an API server says what it serves.  Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/resource.h"

namespace sextant::kube {

// One version of one group.
struct GroupVersion {
  std::string group;  // empty: the core group
  std::string version;
  // Without subresources.  Nothing: the document has only names, or it could
  // not be had, and `failure` says of which version what failed.
  std::optional<std::vector<model::Resource>> resources;
  std::string failure = {};

  std::string ToString() const {
    return group.empty() ? version : group + "/" + version;
  }
};

// What /api or /apis says, in the API server's order of groups and with the
// preferred version of a group first.
struct DiscoveryRoot {
  // The resources stand in it; else there are only names, and each version is
  // to be asked for.
  bool aggregated = false;
  std::vector<GroupVersion> versions;
};

// Reads an APIGroupDiscoveryList (v2 or v2beta1), an APIGroupList or an
// APIVersions.  The three groups of metrics APIs are left out: whoever asks is
// the one who serves them.  kUnavailable: it is none of these.
Result<DiscoveryRoot> ParseDiscoveryRoot(std::string_view text);

// Reads the APIResourceList of that version.
Result<std::vector<model::Resource>> ParseResourceList(
    const GroupVersion& version, std::string_view text);

}  // namespace sextant::kube
