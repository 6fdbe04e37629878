// What the APIs say they have: API discovery in its two forms.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "document.h"
#include "request_path.h"
#include "sextant/catalog/catalog.h"

namespace sextant::api {

// The documents for one catalog.  Immutable.
//
// Only the aggregated ones have ETags: when the aggregator falls back to a
// resource list it repeats the ETag of the aggregated document, and to a 304
// there it has no answer.
struct DiscoveryDocuments {
  Document groups;              // /apis, APIGroupList
  Document aggregated_v2;       // /apis, APIGroupDiscoveryList
  Document aggregated_v2beta1;  // the same for Kubernetes 1.28 and 1.29
  std::map<std::string, Document> group;      // by name: /apis/<group>
  std::map<std::string, Document> resources;  // by "<group>/<version>"

  // The metrics of `catalog` in its order, so that the same world gives the
  // same bytes; of each API group at most `max_listed`, the first ones.
  static DiscoveryDocuments Build(
      const std::vector<ApiGroup>& served, const catalog::Catalog& catalog,
      std::optional<std::uint32_t> max_listed = std::nullopt);
};

}  // namespace sextant::api
