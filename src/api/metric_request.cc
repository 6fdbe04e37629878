#include "metric_request.h"

#include <optional>
#include <string>
#include <utility>

namespace sextant::api {
namespace {

// A field selector may only say again what the path says, also if that is "*".
bool Contradicts(const FieldSelector& fields, const std::string& name) {
  if (fields.terms.empty()) return false;
  return fields.Demands("metadata.name") != std::optional<std::string>(name);
}

}  // namespace

Result<query::CustomRequest> ReadCustomRequest(
    const RequestPath& path, const QueryParameters& parameters) {
  // ?watch= is ignored here, as custom-metrics-apiserver does: the answer is a
  // list.
  Result<ListOptions> options = ReadListOptions(parameters);
  if (!options) return std::move(options).error();
  if (Contradicts(options->field_selector, path.name)) {
    return Error{ErrorCode::kInvalidArgument,
                 "fieldSelector metadata.name doesn't match requested name",
                 ""};
  }
  Result<model::Selector> metric_selector = ReadMetricSelector(parameters);
  if (!metric_selector) return std::move(metric_selector).error();

  query::CustomRequest request;
  request.resource = path.resource;
  request.namespace_ = path.namespace_;
  request.name = path.name;
  request.metric = path.metric;
  // Read for a named object too, so that a bad one is refused, but without
  // effect there.
  if (path.name == "*") {
    request.object_selector = std::move(options->label_selector);
  }
  request.metric_selector = *std::move(metric_selector);
  return request;
}

std::variant<query::ExternalRequest, Status> ReadExternalRequest(
    const RequestPath& path, const QueryParameters& parameters) {
  Result<ListOptions> options = ReadListOptions(parameters);
  if (!options) return StatusOf(options.error());
  if (options->watch) return CannotWatch("*", path.group);
  query::ExternalRequest request;
  request.namespace_ = path.namespace_;
  request.metric = path.metric;
  request.selector = std::move(options->label_selector);
  return request;
}

}  // namespace sextant::api
