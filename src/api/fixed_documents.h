// Documents that are the same for the life of a configuration.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "document.h"
#include "request_path.h"

namespace sextant::api {

struct FixedDocuments {
  // {"paths":[...]}: what there is, and the body of the 404 for anything else.
  Document index;
  Document version;
  // These hold the paths of metrics.k8s.io only: metrics are found by
  // discovery. They must be there all the same, because after one 404 the
  // aggregator does not ask again until the API server restarts.
  Document openapi_v2;
  Document openapi_v3;
  std::map<std::string, Document> openapi_v3_group;  // by "<group>/<version>"

  // `version`: "0.1.0"; `checks`: paths of health checks, "/readyz/ping".
  static FixedDocuments Build(const std::vector<ApiGroup>& served,
                              const std::string& version,
                              const std::vector<std::string>& checks);
};

}  // namespace sextant::api
