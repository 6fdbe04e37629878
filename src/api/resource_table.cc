#include "resource_table.h"

#include <cstdint>

#include "sextant/base/json.h"
#include "sextant/base/time_text.h"
#include "sextant/model/quantity.h"

namespace sextant::api {
namespace {

using Milli = std::optional<std::int64_t>;

constexpr std::string_view kColumns =
    R"([{"name":"Name","type":"string","format":"name",)"
    R"("description":"Name of the resource","priority":0},)"
    R"({"name":"cpu","type":"string","format":"quantity",)"
    R"("description":"","priority":0},)"
    R"({"name":"memory","type":"string","format":"quantity",)"
    R"("description":"","priority":0},)"
    R"({"name":"Window","type":"string","format":"duration",)"
    R"("description":"","priority":0}])";

// Nothing if a container has no value, or the sum does not fit.
Milli Sum(const std::vector<query::Usage>& usages,
          Milli query::Usage::*measure) {
  std::int64_t sum = 0;
  for (const query::Usage& usage : usages) {
    const Milli& value = usage.*measure;
    if (!value || __builtin_add_overflow(sum, *value, &sum)) {
      return std::nullopt;
    }
  }
  return sum;
}

void AppendObject(std::string& out, const ResourceHead& head,
                  std::string_view table_version, IncludeObject include,
                  const query::ResourceUsage& item) {
  switch (include) {
    case IncludeObject::kNone:
      out += "null";
      return;
    case IncludeObject::kObject:
      AppendTypedItem(out, head, item);
      return;
    case IncludeObject::kMetadata:
      break;
  }
  out += R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/)";
  out += table_version;
  out += R"(","metadata":)";
  AppendMetadata(out, head, item);
  out += '}';
}

}  // namespace

std::optional<IncludeObject> ReadIncludeObject(
    const std::optional<std::string>& text) {
  if (!text || text->empty() || *text == "Metadata") {
    return IncludeObject::kMetadata;
  }
  if (*text == "None") return IncludeObject::kNone;
  if (*text == "Object") return IncludeObject::kObject;
  return std::nullopt;
}

std::string ResourceTable(const ResourceHead& head,
                          std::string_view table_version, IncludeObject include,
                          const std::vector<query::ResourceUsage>& items) {
  std::string out = R"({"kind":"Table","apiVersion":"meta.k8s.io/)";
  out += table_version;
  out += R"(","metadata":{},"columnDefinitions":)";
  // As the API server's converter has it.
  if (items.empty())
    return out += R"(null,"rows":null})"
                  "\n";
  out += kColumns;
  out += R"(,"rows":[)";
  bool first = true;
  for (const query::ResourceUsage& item : items) {
    if (!first) out += ',';
    first = false;
    const Milli cpu = Sum(item.usages, &query::Usage::cpu_milli);
    const Milli memory = Sum(item.usages, &query::Usage::memory_milli);
    out += R"({"cells":[)";
    AppendJsonString(out, item.object.ref.name);
    out += ',';
    AppendJsonString(out, cpu ? model::FormatMilli(*cpu) : "<unknown>");
    out += ',';
    AppendJsonString(out,
                     memory ? model::FormatMilliBinary(*memory) : "<unknown>");
    out += ',';
    AppendJsonString(out, FormatGoDuration(head.window));
    out += R"(],"object":)";
    AppendObject(out, head, table_version, include, item);
    out += '}';
  }
  return out += "]}\n";
}

}  // namespace sextant::api
