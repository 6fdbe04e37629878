#include "resource_api.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "metric_protobuf.h"
#include "protobuf.h"
#include "request_log.h"
#include "resource_list.h"
#include "resource_request.h"
#include "resource_table.h"
#include "sextant/base/text.h"
#include "status.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

// One object was asked for, and there is nothing to show: because there is no
// such object, or because it has no metrics.
Status NothingOf(const RequestPath& where, bool object_exists) {
  if (!object_exists) return NoSuchObject("", where.resource, where.name);
  const bool pods = where.resource == "pods";
  return NoSuchObject(std::string(kResourceGroup),
                      pods ? "podmetrics" : "nodemetrics",
                      pods ? where.namespace_ + "/" + where.name : where.name);
}

std::string BodyOf(const Call& call, ResourceForm form, IncludeObject include,
                   const ResourceHead& head,
                   const std::vector<query::ResourceUsage>& items) {
  switch (form) {
    case ResourceForm::kTable:
      return ResourceTable(head, "v1", include, items);
    case ResourceForm::kTableV1Beta1:
      return ResourceTable(head, "v1beta1", include, items);
    case ResourceForm::kProtobuf:
      return call.where.kind == Kind::kResourceList
                 ? ResourceListProtobuf(head, items)
                 : ResourceItemProtobuf(head, items.front());
    case ResourceForm::kPlain:
      break;
  }
  return call.where.kind == Kind::kResourceList
             ? ResourceList(head, items)
             : ResourceItem(head, items.front());
}

}  // namespace

Task<net::Response> ResourceApi::Answer(const Call& call, TimePoint deadline,
                                        query::ResourceTrace* trace) {
  const Result<ResourceForm> form = ChooseResourceForm(call.accept);
  if (!form) co_return Refuse(call, form.error());
  const std::optional<std::string> include_text =
      call.parameters.First("includeObject");
  const std::optional<IncludeObject> include = ReadIncludeObject(include_text);
  if (!include && *form != ResourceForm::kPlain) {
    co_return BadRequest("unrecognized includeObject value: " +
                         GoQuote(*include_text))
        .ToResponse(call.accept);
  }
  std::variant<query::ResourceRequest, Status> request =
      ReadResourceRequest(call.where, call.parameters);
  if (const auto* refusal = std::get_if<Status>(&request)) {
    co_return refusal->ToResponse(call.accept);
  }
  ResourceHead head;
  head.version = call.where.version;
  head.what = std::get<query::ResourceRequest>(request).what;
  const Result<query::ResourceAnswer> answer = co_await engine_.Ask(
      std::move(std::get<query::ResourceRequest>(request)), deadline, trace);
  if (!answer) co_return Refuse(call, answer.error());
  if (call.where.kind == Kind::kResourceItem && answer->items.empty()) {
    co_return NothingOf(call.where, answer->objects > 0)
        .ToResponse(call.accept);
  }
  head.window = answer->window;
  head.now = clock_.Now();
  request_metrics_.Age(answer->items, head.now);
  const IncludeObject included = include.value_or(IncludeObject::kMetadata);
  co_return net::Response::Of(
      200,
      std::string(*form == ResourceForm::kProtobuf ? kProtobufType
                                                   : "application/json"),
      BodyOf(call, *form, included, head, answer->items));
}

}  // namespace sextant::api
