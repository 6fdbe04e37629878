#include "discovery_documents.h"

#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "sextant/base/json.h"

namespace sextant::api {
namespace {

// A list of JSON values with its commas.
class List {
 public:
  explicit List(std::string& out) : out_(out) { out_ += '['; }
  void Next() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void End() { out_ += ']'; }

 private:
  std::string& out_;
  bool first_ = true;
};

std::string GroupVersion(const ApiGroup& group, std::string_view version) {
  return group.name + "/" + std::string(version);
}

// {"groupVersion":"g/v","version":"v"}; names of groups need no escapes.
std::string VersionObject(const ApiGroup& group, const std::string& version) {
  return R"({"groupVersion":")" + GroupVersion(group, version) +
         R"(","version":")" + version + R"("})";
}

// The fields that an APIGroup has alone and in a list.
std::string GroupFields(const ApiGroup& group) {
  std::string out = R"("name":")" + group.name + R"(","versions":)";
  List versions(out);
  for (const std::string& version : group.versions) {
    versions.Next();
    out += VersionObject(group, version);
  }
  versions.End();
  return out + R"(,"preferredVersion":)" +
         VersionObject(group, group.versions.front());
}

std::string GroupDocument(const ApiGroup& group) {
  return R"({"kind":"APIGroup","apiVersion":"v1",)" + GroupFields(group) +
         "}\n";
}

std::string GroupListDocument(const std::vector<ApiGroup>& served) {
  std::string out = R"({"kind":"APIGroupList","apiVersion":"v1","groups":)";
  List groups(out);
  for (const ApiGroup& group : served) {
    groups.Next();
    out += "{" + GroupFields(group) + "}";
  }
  groups.End();
  return out + "}\n";
}

void AppendResource(std::string& out, std::string_view name, bool namespaced,
                    std::string_view kind,
                    std::string_view verbs = R"("get")") {
  out += R"({"name":)";
  AppendJsonString(out, name);
  out += R"(,"singularName":"","namespaced":)";
  out += namespaced ? "true" : "false";
  out += R"(,"kind":")";
  out += kind;
  out += R"(","verbs":[)";
  out += verbs;
  out += "]}";
}

// metrics.k8s.io has the same two in every world.
struct MeasuredResource {
  std::string_view name;
  bool namespaced;
  std::string_view kind;
};
constexpr MeasuredResource kMeasured[] = {{"nodes", false, "NodeMetrics"},
                                          {"pods", true, "PodMetrics"}};
constexpr std::string_view kGetAndList = R"("get","list")";

// What is listed: a catalog, and how many entries of it.
struct Listing {
  const catalog::Catalog& catalog;
  std::size_t limit;
};

// The entries of one resource are neighbours, as the catalog is ordered by it.
// They must agree on their scope, or clients drop the whole version: the first
// one decides.
template <typename Function>
void ForEachCustom(const Listing& listing, Function function) {
  std::string_view resource;
  bool namespaced = false;
  bool first = true;
  std::size_t left = listing.limit;
  for (const auto& [key, metric] : listing.catalog.custom()) {
    if (left-- == 0) return;
    const bool starts = first || key.first != resource;
    first = false;
    if (starts) {
      resource = key.first;
      namespaced = metric.resource->namespaced;
    }
    function(key.first, metric.name, namespaced, starts);
  }
}

template <typename Function>
void ForEachExternal(const Listing& listing, Function function) {
  std::size_t left = listing.limit;
  for (const auto& [name, metric] : listing.catalog.external()) {
    if (left-- == 0) return;
    function(name);
  }
}

std::string LegacyResources(const ApiGroup& group, const Listing& listing) {
  std::string out;
  List resources(out);
  if (group.name == kCustomGroup) {
    ForEachCustom(listing,
                  [&](const std::string& resource, const std::string& metric,
                      bool namespaced, bool) {
                    resources.Next();
                    AppendResource(out, resource + "/" + metric, namespaced,
                                   "MetricValueList");
                  });
  } else if (group.name == kResourceGroup) {
    for (const MeasuredResource& one : kMeasured) {
      resources.Next();
      AppendResource(out, one.name, one.namespaced, one.kind, kGetAndList);
    }
  } else {
    ForEachExternal(listing, [&](const std::string& name) {
      resources.Next();
      AppendResource(out, name, true, "ExternalMetricValueList");
    });
  }
  resources.End();
  return out;
}

std::string ResponseKind(std::string_view kind) {
  return R"("responseKind":{"group":"","version":"","kind":")" +
         std::string(kind) + R"("})";
}

void AppendScope(std::string& out, bool namespaced) {
  out += R"(,"scope":")";
  out += namespaced ? "Namespaced" : "Cluster";
  out += R"(","singularResource":"","verbs":[)";
}

// Metrics of objects are sub-resources.  The resource itself has no kind, which
// makes clients pass over it and keep what is below it.
void AppendCustomAggregated(std::string& out, const Listing& listing) {
  List resources(out);
  bool open = false;
  ForEachCustom(
      listing, [&](const std::string& resource, const std::string& metric,
                   bool namespaced, bool starts) {
        if (starts) {
          if (open) out += "]}";
          open = true;
          resources.Next();
          out += R"({"resource":)";
          AppendJsonString(out, resource);
          out += "," + ResponseKind("");
          AppendScope(out, namespaced);
          out += R"(],"subresources":[)";
        } else {
          out += ',';
        }
        out += R"({"subresource":)";
        AppendJsonString(out, metric);
        out += "," + ResponseKind("MetricValueList") + R"(,"verbs":["get"]})";
      });
  if (open) out += "]}";
  resources.End();
}

void AppendExternalAggregated(std::string& out, const Listing& listing) {
  List resources(out);
  ForEachExternal(listing, [&](const std::string& name) {
    resources.Next();
    out += R"({"resource":)";
    AppendJsonString(out, name);
    out += "," + ResponseKind("ExternalMetricValueList");
    AppendScope(out, true);
    out += R"("get"]})";
  });
  resources.End();
}

void AppendMeasuredAggregated(std::string& out) {
  List resources(out);
  for (const MeasuredResource& one : kMeasured) {
    resources.Next();
    out += R"({"resource":)";
    AppendJsonString(out, one.name);
    out += "," + ResponseKind(one.kind);
    AppendScope(out, one.namespaced);
    out += kGetAndList;
    out += "]}";
  }
  resources.End();
}

std::string AggregatedResources(const ApiGroup& group, const Listing& listing) {
  std::string out;
  if (group.name == kCustomGroup) {
    AppendCustomAggregated(out, listing);
  } else if (group.name == kResourceGroup) {
    AppendMeasuredAggregated(out);
  } else {
    AppendExternalAggregated(out, listing);
  }
  return out;
}

// The `items` of an APIGroupDiscoveryList, the same for all its versions.
std::string AggregatedItems(const std::vector<ApiGroup>& served,
                            const Listing& listing) {
  std::string out;
  List items(out);
  for (const ApiGroup& group : served) {
    const std::string resources = AggregatedResources(group, listing);
    items.Next();
    out += R"({"metadata":{"name":")" + group.name + R"("},"versions":)";
    List versions(out);
    for (const std::string& version : group.versions) {
      versions.Next();
      out += R"({"version":")" + version + R"(","resources":)";
      out += resources;
      out += R"(,"freshness":"Current"})";
    }
    versions.End();
    out += '}';
  }
  items.End();
  return out;
}

Document AggregatedDocument(std::string_view version,
                            const std::string& items) {
  std::string body =
      R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/)";
  body += version;
  body += R"(","metadata":{},"items":)";
  body += items;
  body += "}\n";
  Document document = Document::Tagged(std::move(body));
  document.content_type =
      "application/json;g=apidiscovery.k8s.io;v=" + std::string(version) +
      ";as=APIGroupDiscoveryList";
  return document;
}

}  // namespace

DiscoveryDocuments DiscoveryDocuments::Build(
    const std::vector<ApiGroup>& served, const catalog::Catalog& catalog,
    std::optional<std::uint32_t> max_listed) {
  const Listing listing{
      catalog, max_listed.value_or(std::numeric_limits<std::uint32_t>::max())};
  DiscoveryDocuments documents;
  documents.groups = Document::Plain(GroupListDocument(served));
  const std::string items = AggregatedItems(served, listing);
  documents.aggregated_v2 = AggregatedDocument("v2", items);
  documents.aggregated_v2beta1 = AggregatedDocument("v2beta1", items);
  for (const ApiGroup& group : served) {
    documents.group[group.name] = Document::Plain(GroupDocument(group));
    const std::string resources = LegacyResources(group, listing);
    for (const std::string& version : group.versions) {
      const std::string group_version = GroupVersion(group, version);
      std::string body =
          R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":")";
      body += group_version;
      body += R"(","resources":)";
      body += resources;
      body += "}\n";
      documents.resources[group_version] = Document::Plain(std::move(body));
    }
  }
  return documents;
}

}  // namespace sextant::api
