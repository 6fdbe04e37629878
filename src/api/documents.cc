#include "documents.h"

#include <chrono>
#include <utility>

#include "accept.h"
#include "request_log.h"
#include "sextant/net/http_date.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

net::Response ServeOpenApi(const Call& call, const Document& document) {
  // Without a Status: what the API server's OpenAPI handler does.
  if (!AcceptsJson(call.accept)) {
    net::Response response;
    response.status = 406;
    return response;
  }
  return Serve(document, call.request.headers);
}

}  // namespace

Documents::Documents(Options options, catalog::Refresher& catalog, Clock& clock)
    : options_(std::move(options)), catalog_(catalog), clock_(clock) {
  SetServed({});
}

void Documents::SetServed(std::vector<ApiGroup> served) {
  served_ = std::move(served);
  fixed_ = FixedDocuments::Build(served_, options_.version, options_.checks);
  discovery_.reset();
}

net::Response Documents::Answer(const Call& call) {
  const net::Headers& headers = call.request.headers;
  switch (call.where.kind) {
    case Kind::kIndex:
      return Serve(fixed_.index, headers);
    case Kind::kVersion:
      return Serve(fixed_.version, headers);
    case Kind::kOpenApiV2:
      return ServeOpenApi(call, fixed_.openapi_v2);
    case Kind::kOpenApiV3:
      return ServeOpenApi(call, fixed_.openapi_v3);
    case Kind::kOpenApiV3Group:
      return AnswerOpenApiGroup(call);
    case Kind::kGroups:
      return AnswerGroups(call);
    case Kind::kGroup:
      return AnswerResources(call, Discovery().group, call.where.group);
    case Kind::kResources:
      return AnswerResources(call, Discovery().resources,
                             call.where.group + "/" + call.where.version);
    default:
      return NoSuchPath(call);
  }
}

net::Response Documents::NoSuchPath(const Call& call) const {
  net::Response response = Serve(fixed_.index, call.request.headers);
  response.status = 404;
  return response;
}

// A group may have gone since the path was read: SetServed().
net::Response Documents::AnswerResources(
    const Call& call, const std::map<std::string, Document>& documents,
    const std::string& key) const {
  const auto document = documents.find(key);
  if (document == documents.end()) return NoSuchPath(call);
  const Result<Done> acceptable = AcceptsJson(call.accept);
  if (!acceptable) return Refuse(call, acceptable.error());
  return Serve(document->second, call.request.headers);
}

net::Response Documents::AnswerOpenApiGroup(const Call& call) const {
  const auto document =
      fixed_.openapi_v3_group.find(call.where.group + "/" + call.where.version);
  if (document == fixed_.openapi_v3_group.end()) return NoSuchPath(call);
  net::Response response = ServeOpenApi(call, document->second);
  // Who names the text that he wants may keep it for ever.  Another hash gets
  // what there is: the aggregator takes no redirects.
  const std::optional<std::string> hash = call.parameters.First("hash");
  if (hash && '"' + *hash + '"' == document->second.etag) {
    response.headers.Set("Cache-Control", "public, immutable");
    response.headers.Set(
        "Expires", net::HttpDate(clock_.Now() + std::chrono::hours(24 * 365)));
  }
  return response;
}

net::Response Documents::AnswerGroups(const Call& call) {
  const Result<GroupListForm> form = ChooseGroupListForm(call.accept);
  if (!form) return Refuse(call, form.error());
  const DiscoveryDocuments& documents = Discovery();
  const Document& document = *form == GroupListForm::kAggregatedV2
                                 ? documents.aggregated_v2
                             : *form == GroupListForm::kAggregatedV2Beta1
                                 ? documents.aggregated_v2beta1
                                 : documents.groups;
  net::Response response = Serve(document, call.request.headers);
  response.headers.Add("Vary", "Accept");
  if (*form != GroupListForm::kLegacy) {
    response.headers.Set("Cache-Control", "public");
  }
  return response;
}

// Made when somebody asks after the catalog has changed: the API servers ask
// far more often than it does.
const DiscoveryDocuments& Documents::Discovery() {
  const std::uint64_t generation = catalog_.generation();
  if (!discovery_ || discovery_of_ != generation) {
    discovery_ = DiscoveryDocuments::Build(served_, *catalog_.Current(),
                                           options_.max_listed_metrics);
    discovery_of_ = generation;
  }
  return *discovery_;
}

}  // namespace sextant::api
