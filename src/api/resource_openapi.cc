#include "resource_openapi.h"

#include <string_view>
#include <vector>

#include "request_path.h"
#include "sextant/base/json.h"
#include "sextant/base/text.h"

namespace sextant::api {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string SchemaName(const std::string& version, std::string_view kind) {
  return "io.k8s.metrics.pkg.apis.metrics." + version + "." + std::string(kind);
}

std::string Reference(OpenApiForm form, const std::string& version,
                      std::string_view kind) {
  const char* place =
      form == OpenApiForm::kV2 ? "#/definitions/" : "#/components/schemas/";
  return R"({"$ref":)" + Quoted(place + SchemaName(version, kind)) + "}";
}

std::string KindObject(const std::string& version, std::string_view kind) {
  return R"({"group":)" + Quoted(kResourceGroup) + R"(,"version":)" +
         Quoted(version) + R"(,"kind":)" + Quoted(kind) + "}";
}

struct Parameter {
  const char* name;
  const char* place;
  const char* description;
};

std::string ParameterObject(OpenApiForm form, const Parameter& parameter) {
  std::string out = R"({"name":)" + Quoted(parameter.name) + R"(,"in":)" +
                    Quoted(parameter.place) + R"(,"description":)" +
                    Quoted(parameter.description);
  if (std::string_view(parameter.place) == "path") out += R"(,"required":true)";
  out += form == OpenApiForm::kV2 ? R"(,"type":"string")"
                                  : R"(,"schema":{"type":"string"})";
  return out + "}";
}

struct Path {
  const char* below;   // /apis/metrics.k8s.io/<version>
  const char* action;  // "list", "get"
  const char* operation;
  const char* kind;      // of the items
  const char* answered;  // the kind of the answer
  const char* summary;
};

constexpr Path kPaths[] = {
    {"nodes", "list", "listNodeMetrics", "NodeMetrics", "NodeMetricsList",
     "list what nodes use"},
    {"nodes/{name}", "get", "readNodeMetrics", "NodeMetrics", "NodeMetrics",
     "read what a node uses"},
    {"pods", "list", "listPodMetricsForAllNamespaces", "PodMetrics",
     "PodMetricsList", "list what the pods of all namespaces use"},
    {"namespaces/{namespace}/pods", "list", "listNamespacedPodMetrics",
     "PodMetrics", "PodMetricsList", "list what pods use"},
    {"namespaces/{namespace}/pods/{name}", "get", "readNamespacedPodMetrics",
     "PodMetrics", "PodMetrics", "read what a pod uses"},
};

std::string ParametersOf(OpenApiForm form, const Path& path) {
  const std::string_view below = path.below;
  std::vector<std::string> parameters;
  const auto add = [&](const Parameter& parameter) {
    parameters.push_back(ParameterObject(form, parameter));
  };
  if (below.find("{namespace}") != std::string_view::npos) {
    add({"namespace", "path", "the namespace of the pods"});
  }
  if (below.find("{name}") != std::string_view::npos) {
    add({"name", "path", "the name of the object"});
  } else {
    add({"labelSelector", "query", "objects with these labels only"});
    add({"fieldSelector", "query",
         "objects with this metadata.name or metadata.namespace only"});
  }
  return "[" + Join(parameters, ",") + "]";
}

std::string ResponsesOf(OpenApiForm form, const std::string& version,
                        const Path& path) {
  const std::string schema =
      R"({"schema":)" + Reference(form, version, path.answered) + "}";
  std::string ok = R"({"description":"OK",)";
  if (form == OpenApiForm::kV2) {
    ok += schema.substr(1);
  } else {
    ok += R"("content":{"application/json":)" + schema + "}}";
  }
  return R"({"200":)" + ok + "}";
}

// A property, with its description.
std::string Property(std::string_view name, std::string_view schema,
                     std::string_view description) {
  return Quoted(name) + R"(:{"description":)" + Quoted(description) + "," +
         std::string(schema) + "}";
}

std::string ListOf(OpenApiForm form, const std::string& version,
                   std::string_view kind) {
  return R"("type":"array","items":)" + Reference(form, version, kind);
}

const std::string& KindProperties() {
  static const std::string kProperties =
      Property("apiVersion", R"("type":"string")",
               "The version of the form in which the object is written.") +
      "," + Property("kind", R"("type":"string")", "What the object is.");
  return kProperties;
}

// Quantities are texts: "250m", "100Mi".
constexpr std::string_view kUsage =
    R"("type":"object","additionalProperties":{"type":"string"})";
constexpr std::string_view kUsageText =
    "What is used, as quantities: `cpu` in cores and `memory` in bytes. What "
    "has not been measured is left out.";

std::string ItemProperties(std::string_view object) {
  return KindProperties() + "," +
         Property(
             "metadata", R"("type":"object")",
             "Name, namespace and labels of the " + std::string(object) + ".") +
         "," +
         Property("timestamp", R"("type":"string","format":"date-time")",
                  "When it was measured; with `window`, the time that the "
                  "values are about: [timestamp-window, timestamp].") +
         "," +
         Property("window", R"("type":"string")",
                  "How long it was measured, as a duration like 1m30s.");
}

std::string Schema(const std::string& version, std::string_view kind,
                   std::string_view description, const std::string& properties,
                   bool has_kind) {
  std::string out = Quoted(SchemaName(version, kind)) + R"(:{"description":)" +
                    Quoted(description) + R"(,"type":"object","properties":{)" +
                    properties + "}";
  if (has_kind) {
    out += R"(,"x-kubernetes-group-version-kind":[)" +
           KindObject(version, kind) + "]";
  }
  return out + "}";
}

std::string ListProperties(OpenApiForm form, const std::string& version,
                           std::string_view kind) {
  return KindProperties() + "," +
         Property("metadata", R"("type":"object")", "Of the list; empty.") +
         "," +
         Property("items", ListOf(form, version, kind),
                  "By namespace and name.");
}

}  // namespace

std::string ResourcePaths(OpenApiForm form, const std::string& version) {
  std::vector<std::string> paths;
  for (const Path& path : kPaths) {
    std::string operation = R"({"get":{"description":)" + Quoted(path.summary) +
                            R"(,"operationId":)" +
                            Quoted(path.operation + version) +
                            R"(,"parameters":)" + ParametersOf(form, path);
    if (form == OpenApiForm::kV2) {
      operation += R"(,"produces":["application/json"])";
    }
    operation += R"(,"responses":)" + ResponsesOf(form, version, path) +
                 R"(,"x-kubernetes-action":)" + Quoted(path.action) +
                 R"(,"x-kubernetes-group-version-kind":)" +
                 KindObject(version, path.kind) + "}}";
    paths.push_back(Quoted("/apis/" + std::string(kResourceGroup) + "/" +
                           version + "/" + path.below) +
                    ":" + operation);
  }
  return Join(paths, ",");
}

std::string ResourceSchemas(OpenApiForm form, const std::string& version) {
  const std::vector<std::string> schemas = {
      Schema(
          version, "ContainerMetrics", "What a container of a pod uses.",
          Property("name", R"("type":"string")", "The name of the container.") +
              "," + Property("usage", kUsage, kUsageText),
          false),
      Schema(
          version, "NodeMetrics", "What a node uses.",
          ItemProperties("node") + "," + Property("usage", kUsage, kUsageText),
          true),
      Schema(version, "NodeMetricsList", "What nodes use.",
             ListProperties(form, version, "NodeMetrics"), true),
      Schema(
          version, "PodMetrics", "What the containers of a pod use.",
          ItemProperties("pod") + "," +
              Property("containers", ListOf(form, version, "ContainerMetrics"),
                       "By name."),
          true),
      Schema(version, "PodMetricsList", "What pods use.",
             ListProperties(form, version, "PodMetrics"), true),
  };
  return Join(schemas, ",");
}

}  // namespace sextant::api
