#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "call.h"
#include "discovery_documents.h"
#include "fixed_documents.h"
#include "sextant/base/clock.h"
#include "sextant/catalog/refresher.h"
#include "sextant/net/http.h"

namespace sextant::api {

// What the program says of itself: the index, its version, OpenAPI, and API
// discovery.  All of it from memory, and never later than it is asked for: the
// API servers ask often, and wait.  Loop only.
class Documents {
 public:
  struct Options {
    std::string version;              // "0.1.0"
    std::vector<std::string> checks;  // paths of health checks, "/readyz/ping"
    std::optional<std::uint32_t> max_listed_metrics;
  };

  // Both must outlive this object.
  Documents(Options options, catalog::Refresher& catalog, Clock& clock);

  // From now on these groups are there.
  void SetServed(std::vector<ApiGroup> served);
  const std::vector<ApiGroup>& served() const { return served_; }

  // Answers a call whose path is a kIndex, kVersion, kOpenApi..., kGroups,
  // kGroup or kResources; any other as NoSuchPath().
  net::Response Answer(const Call& call);

  // 404 with the index.
  net::Response NoSuchPath(const Call& call) const;

 private:
  net::Response AnswerResources(
      const Call& call, const std::map<std::string, Document>& documents,
      const std::string& key) const;
  net::Response AnswerOpenApiGroup(const Call& call) const;
  net::Response AnswerGroups(const Call& call);
  const DiscoveryDocuments& Discovery();

  const Options options_;
  catalog::Refresher& catalog_;
  Clock& clock_;
  std::vector<ApiGroup> served_;
  FixedDocuments fixed_;  // for served_
  std::optional<DiscoveryDocuments> discovery_;
  std::uint64_t discovery_of_ = 0;  // the generation that it shows
};

}  // namespace sextant::api
