#include "fixed_documents.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pretty.h"
#include "resource_openapi.h"
#include "sextant/base/json.h"
#include "sextant/base/text.h"

namespace sextant::api {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

Document IndexDocument(const std::vector<ApiGroup>& served,
                       const std::vector<std::string>& checks) {
  std::vector<std::string> paths = {"/apis", "/metrics", "/openapi/v2",
                                    "/openapi/v3", "/version"};
  paths.insert(paths.end(), checks.begin(), checks.end());
  for (const ApiGroup& group : served) {
    paths.push_back("/apis/" + group.name);
    for (const std::string& version : group.versions) {
      paths.push_back("/apis/" + group.name + "/" + version);
    }
  }
  std::sort(paths.begin(), paths.end());
  for (std::string& path : paths) path = Quoted(path);
  return Document::Plain(Pretty(R"({"paths":[)" + Join(paths, ",") + "]}"));
}

// "0.1.0" -> major "0", minor "1".
Document VersionDocument(const std::string& version) {
  std::vector<std::string> parts = Split(version, '.');
  parts.resize(std::max<std::size_t>(parts.size(), 2));
  return Document::Plain(R"({"major":)" + Quoted(parts[0]) + R"(,"minor":)" +
                         Quoted(parts[1]) + R"(,"gitVersion":)" +
                         Quoted("v" + version) + "}\n");
}

std::string Info(const std::string& version) {
  return R"("info":{"title":"sextant","version":)" + Quoted(version) + "}";
}

// Only metrics.k8s.io has kinds that `kubectl explain` can find.
std::string OpenApiV2(const std::vector<ApiGroup>& served,
                      const std::string& version) {
  std::vector<std::string> paths;
  std::vector<std::string> definitions;
  for (const ApiGroup& group : served) {
    if (group.name != kResourceGroup) continue;
    for (const std::string& group_version : group.versions) {
      paths.push_back(ResourcePaths(OpenApiForm::kV2, group_version));
      definitions.push_back(ResourceSchemas(OpenApiForm::kV2, group_version));
    }
  }
  std::string document = R"({"swagger":"2.0",)" + Info(version) +
                         R"(,"paths":{)" + Join(paths, ",") + "}";
  if (!definitions.empty()) {
    document += R"(,"definitions":{)" + Join(definitions, ",") + "}";
  }
  return document + "}\n";
}

std::string OpenApiV3(const std::string& group,
                      const std::string& group_version,
                      const std::string& version) {
  std::string document = R"({"openapi":"3.0.0",)" + Info(version);
  if (group != kResourceGroup) return document + R"(,"paths":{}})" + "\n";
  document += R"(,"paths":{)" + ResourcePaths(OpenApiForm::kV3, group_version) +
              R"(},"components":{"schemas":{)" +
              ResourceSchemas(OpenApiForm::kV3, group_version) + "}}";
  return document + "}\n";
}

}  // namespace

FixedDocuments FixedDocuments::Build(const std::vector<ApiGroup>& served,
                                     const std::string& version,
                                     const std::vector<std::string>& checks) {
  FixedDocuments documents;
  documents.index = IndexDocument(served, checks);
  documents.version = VersionDocument(version);
  documents.openapi_v2 = Document::Tagged(OpenApiV2(served, version));
  std::vector<std::string> entries;
  for (const ApiGroup& group : served) {
    for (const std::string& group_version : group.versions) {
      const std::string name = group.name + "/" + group_version;
      const Document document =
          Document::Tagged(OpenApiV3(group.name, group_version, version));
      const std::string hash =
          document.etag.substr(1, document.etag.size() - 2);
      entries.push_back(Quoted("apis/" + name) +
                        R"(:{"serverRelativeURL":"/openapi/v3/apis/)" + name +
                        "?hash=" + hash + "\"}");
      documents.openapi_v3_group[name] = document;
    }
  }
  documents.openapi_v3 =
      Document::Tagged(R"({"paths":{)" + Join(entries, ",") + "}}\n");
  return documents;
}

}  // namespace sextant::api
