#include "resource_request.h"

#include <optional>
#include <string>
#include <utility>

#include "list_rules.h"

namespace sextant::api {
namespace {

bool Fits(const FieldSelector& fields, const model::ObjectRef& ref) {
  for (const FieldSelector::Term& term : fields.terms) {
    const std::string& value =
        term.field == "metadata.name" ? ref.name : ref.namespace_;
    if ((term.value == value) != term.equal) return false;
  }
  return true;
}

}  // namespace

std::variant<query::ResourceRequest, Status> ReadResourceRequest(
    const RequestPath& path, const QueryParameters& parameters) {
  query::ResourceRequest request;
  const bool pods = path.resource == "pods";
  request.what = pods ? rules::Measured::kPods : rules::Measured::kNodes;
  request.namespace_ = path.namespace_;
  request.name = path.name;
  if (path.kind == RequestPath::Kind::kResourceItem) return request;

  Result<ListOptions> options = ReadListOptions(parameters);
  if (!options) return StatusOf(options.error());
  if (std::optional<Status> broken = CheckListRules(parameters)) {
    return *std::move(broken);
  }
  if (options->watch) return CannotWatch(path.resource, path.group);
  request.selector = std::move(options->label_selector);
  const FieldSelector& fields = options->field_selector;
  if (fields.terms.empty()) return request;
  // What the selector demands narrows the list from the start.
  request.name = fields.Demands("metadata.name").value_or("");
  if (pods && request.namespace_.empty()) {
    request.namespace_ = fields.Demands("metadata.namespace").value_or("");
  }
  request.keep = [fields](const model::ObjectRef& ref) {
    return Fits(fields, ref);
  };
  return request;
}

}  // namespace sextant::api
