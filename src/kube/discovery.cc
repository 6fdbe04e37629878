#include "discovery.h"

#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"

namespace sextant::kube {
namespace {

using nlohmann::json;

bool IsServedByUs(const std::string& group) {
  return group == "custom.metrics.k8s.io" ||
         group == "external.metrics.k8s.io" || group == "metrics.k8s.io";
}

Error NoDiscovery() {
  return {ErrorCode::kUnavailable,
          "the API server's answer is no discovery document", ""};
}

// A resource without a kind stands there only for its subresources.
bool IsResource(const model::Resource& resource) {
  return !resource.plural.empty() && !resource.kind.empty() &&
         resource.plural.find('/') == std::string::npos;
}

GroupVersion ReadAggregatedVersion(const std::string& group,
                                   const json& version) {
  GroupVersion read{group, TextOf(version, "version"), std::nullopt};
  // The API server could not reach who serves it.
  if (TextOf(version, "freshness") == "Stale") {
    read.failure = read.ToString() + ": the API server cannot reach its server";
    return read;
  }
  read.resources.emplace();
  for (const json& item : ItemsOf(version, "resources")) {
    const json* const kind = Member(item, "responseKind");
    model::Resource resource{group,
                             read.version,
                             TextOf(item, "resource"),
                             TextOf(item, "singularResource"),
                             kind == nullptr ? "" : TextOf(*kind, "kind"),
                             TextOf(item, "scope") == "Namespaced"};
    if (IsResource(resource)) read.resources->push_back(std::move(resource));
  }
  return read;
}

// items: [{metadata: {name: apps}, versions: [{version: v1, ...}]}]
DiscoveryRoot ReadAggregated(const json& list) {
  DiscoveryRoot root{true, {}};
  for (const json& item : ItemsOf(list, "items")) {
    const json* const metadata = Member(item, "metadata");
    const std::string group =
        metadata == nullptr ? "" : TextOf(*metadata, "name");
    if (IsServedByUs(group)) continue;
    for (const json& version : ItemsOf(item, "versions")) {
      if (TextOf(version, "version").empty()) continue;
      root.versions.push_back(ReadAggregatedVersion(group, version));
    }
  }
  return root;
}

// groups: [{name: apps, versions: [{version: v1}], preferredVersion: {...}}]
DiscoveryRoot ReadGroupList(const json& list) {
  DiscoveryRoot root;
  for (const json& item : ItemsOf(list, "groups")) {
    const std::string group = TextOf(item, "name");
    if (IsServedByUs(group)) continue;
    const json* const first = Member(item, "preferredVersion");
    const std::string preferred =
        first == nullptr ? "" : TextOf(*first, "version");
    if (!preferred.empty()) {
      root.versions.push_back({group, preferred, std::nullopt});
    }
    for (const json& version : ItemsOf(item, "versions")) {
      std::string name = TextOf(version, "version");
      if (name.empty() || name == preferred) continue;
      root.versions.push_back({group, std::move(name), std::nullopt});
    }
  }
  return root;
}

// versions: [v1]
DiscoveryRoot ReadVersions(const json& list) {
  DiscoveryRoot root;
  for (std::string& version : TextsOf(list, "versions")) {
    root.versions.push_back({"", std::move(version), std::nullopt});
  }
  return root;
}

}  // namespace

Result<DiscoveryRoot> ParseDiscoveryRoot(std::string_view text) {
  const Result<json> document = ParseJson(text);
  const std::string kind = document ? TextOf(*document, "kind") : "";
  if (kind == "APIGroupDiscoveryList") return ReadAggregated(*document);
  if (kind == "APIGroupList") return ReadGroupList(*document);
  if (kind == "APIVersions") return ReadVersions(*document);
  return NoDiscovery();
}

Result<std::vector<model::Resource>> ParseResourceList(
    const GroupVersion& version, std::string_view text) {
  const Result<json> document = ParseJson(text);
  if (!document || TextOf(*document, "kind") != "APIResourceList") {
    return NoDiscovery();
  }
  std::vector<model::Resource> resources;
  for (const json& item : ItemsOf(*document, "resources")) {
    model::Resource resource{version.group,        version.version,
                             TextOf(item, "name"), TextOf(item, "singularName"),
                             TextOf(item, "kind"), FlagOf(item, "namespaced")};
    if (IsResource(resource)) resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace sextant::kube
