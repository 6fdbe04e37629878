#include "resource_list.h"

#include <optional>

#include "request_path.h"
#include "sextant/base/json.h"
#include "sextant/base/time_text.h"
#include "sextant/model/quantity.h"

namespace sextant::api {
namespace {

void AppendUsage(std::string& out, const query::Usage& usage) {
  out += R"("usage":{)";
  if (usage.cpu_milli) {
    out += R"("cpu":")" + model::FormatMilli(*usage.cpu_milli) + '"';
  }
  if (usage.memory_milli) {
    if (usage.cpu_milli) out += ',';
    out +=
        R"("memory":")" + model::FormatMilliBinary(*usage.memory_milli) + '"';
  }
  out += '}';
}

// What follows the kind in an item that has one, and is all of it in a list.
void AppendFields(std::string& out, const ResourceHead& head,
                  const query::ResourceUsage& item) {
  out += R"("metadata":)";
  AppendMetadata(out, head, item);
  out += R"(,"timestamp":")" + FormatRfc3339(item.time);
  out += R"(","window":")" + FormatGoDuration(head.window) + R"(",)";
  if (head.what == rules::Measured::kNodes) {
    AppendUsage(out, item.usages.front());
    return;
  }
  out += R"("containers":[)";
  bool first = true;
  for (const query::Usage& usage : item.usages) {
    if (!first) out += ',';
    first = false;
    out += R"({"name":)";
    AppendJsonString(out, usage.container);
    out += ',';
    AppendUsage(out, usage);
    out += '}';
  }
  out += ']';
}

void AppendKind(std::string& out, const ResourceHead& head,
                std::string_view suffix) {
  out += R"("kind":")";
  out += KindOf(head.what);
  out += suffix;
  out += R"(","apiVersion":")";
  out += kResourceGroup;
  out += '/';
  out += head.version;
  out += R"(",)";
}

}  // namespace

std::string_view KindOf(rules::Measured what) {
  return what == rules::Measured::kPods ? "PodMetrics" : "NodeMetrics";
}

void AppendMetadata(std::string& out, const ResourceHead& head,
                    const query::ResourceUsage& item) {
  const model::ObjectRef& ref = item.object.ref;
  out += R"({"name":)";
  AppendJsonString(out, ref.name);
  if (!ref.namespace_.empty()) {
    out += R"(,"namespace":)";
    AppendJsonString(out, ref.namespace_);
  }
  out += R"(,"creationTimestamp":")" + FormatRfc3339(head.now) + '"';
  if (!item.object.labels.empty()) {
    out += R"(,"labels":{)";
    bool first = true;
    for (const auto& [name, value] : item.object.labels) {
      if (!first) out += ',';
      first = false;
      AppendJsonString(out, name);
      out += ':';
      AppendJsonString(out, value);
    }
    out += '}';
  }
  out += '}';
}

void AppendTypedItem(std::string& out, const ResourceHead& head,
                     const query::ResourceUsage& item) {
  out += '{';
  AppendKind(out, head, "");
  AppendFields(out, head, item);
  out += '}';
}

std::string ResourceList(const ResourceHead& head,
                         const std::vector<query::ResourceUsage>& items) {
  std::string out = "{";
  AppendKind(out, head, "List");
  out += R"("metadata":{},"items":[)";
  bool first = true;
  for (const query::ResourceUsage& item : items) {
    if (!first) out += ',';
    first = false;
    out += '{';
    AppendFields(out, head, item);
    out += '}';
  }
  return out += "]}\n";
}

std::string ResourceItem(const ResourceHead& head,
                         const query::ResourceUsage& item) {
  std::string out;
  AppendTypedItem(out, head, item);
  return out += '\n';
}

}  // namespace sextant::api
