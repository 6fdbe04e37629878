#include "sextant/api/service.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "accept.h"
#include "audit_id.h"
#include "call.h"
#include "compression.h"
#include "discovery_documents.h"
#include "explanation.h"
#include "fixed_documents.h"
#include "health.h"
#include "inflight.h"
#include "list_options.h"
#include "metric_list.h"
#include "metric_request.h"
#include "pretty.h"
#include "request_log.h"
#include "request_metrics.h"
#include "request_path.h"
#include "sextant/net/http_date.h"
#include "sextant/obs/process.h"
#include "status.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

std::vector<ApiGroup> ServedGroups(bool custom, bool external) {
  std::vector<ApiGroup> served;
  if (custom) {
    served.push_back({std::string(kCustomGroup), {"v1beta2", "v1beta1"}});
  }
  if (external) {
    served.push_back({std::string(kExternalGroup), {"v1beta1"}});
  }
  return served;
}

net::Response Refuse(const Call& call, const Error& error) {
  LogError(call, error);
  return StatusOf(error).ToResponse();
}

net::Response Refuse(const Call& call, const model::Refusal& refusal) {
  LogError(call, refusal.error);
  return StatusOfRefusal(refusal).ToResponse();
}

net::Response Malformed() {
  net::Response response =
      net::Response::Of(400, "text/plain; charset=utf-8", "400 Bad Request");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  return response;
}

std::uint64_t RandomSeed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

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

class Service::Impl {
 public:
  Impl(Options options, Gate gate, catalog::Refresher& catalog,
       query::Engine& engine, Clock& clock, obs::Metrics& metrics)
      : options_(std::move(options)),
        gate_(std::move(gate)),
        catalog_(catalog),
        engine_(engine),
        clock_(clock),
        metrics_(metrics),
        failures_(
            metrics.Counter("sextant_http_handler_failures_total",
                            "Requests that ended in an unexpected exception.")),
        request_metrics_(metrics),
        inflight_(options_.max_requests_inflight, metrics) {
    metrics.Gauge("sextant_build_info", "Always 1; the version is the label.",
                  {{"version", options_.version}}, [] { return 1.0; });
    obs::AddProcessMetrics(metrics);
    SetServedGroups(options_.serve_custom, options_.serve_external);
  }

  void SetServedGroups(bool custom, bool external) {
    served_ = ServedGroups(custom, external);
    fixed_ = FixedDocuments::Build(served_, options_.version, CheckPaths());
    discovery_.reset();
  }

  Task<net::Response> Handle(net::Request request) {
    const TimePoint start = clock_.Now();
    const Call call = ReadCall(std::move(request), served_);
    net::Response response;
    try {
      response = co_await Answer(call, start);
    } catch (const boost::system::system_error& error) {
      // The client has gone: nobody waits for an answer.
      if (error.code() == boost::system::errc::operation_canceled) throw;
      response = Crashed(call, error.what());
    } catch (const std::exception& error) {
      response = Crashed(call, error.what());
    }
    Finish(call, clock_.Now() - start, response);
    co_return response;
  }

  void BeginShutdown() { ending_ = true; }

 private:
  Task<net::Response> Answer(const Call& call, TimePoint start) {
    if (call.where.kind == Kind::kMalformed) co_return Malformed();
    const model::Admission admission = co_await gate_(call.request);
    net::Response response;
    if (admission.refusal) {
      response = Refuse(call, *admission.refusal);
    } else {
      response = co_await AnswerAdmitted(call, start, admission.caller);
    }
    if (!admission.keep_connection) {
      response.headers.Set("Connection", "close");
    }
    co_return response;
  }

  Task<net::Response> AnswerAdmitted(const Call& call, TimePoint start,
                                     const model::Identity& caller) {
    if (!AllowsMethod(call.where.kind, call.request.method)) {
      co_return NoSuchMethod().ToResponse();
    }
    const Result<Duration> patience =
        ReadTimeout(call.parameters, options_.request_deadline);
    if (!patience) co_return Refuse(call, patience.error());
    if (!MayWait(call.where.kind)) co_return AnswerAtOnce(call);

    const bool exempt = caller.IsIn(model::kMasters);
    const std::optional<Inflight::Place> place =
        exempt ? std::nullopt : inflight_.Enter();
    if (!place && !exempt) co_return Refuse(call, TooManyRequests());
    if (call.where.kind == Kind::kExplain) {
      co_return co_await AnswerExplain(call, start + *patience);
    }
    co_return co_await AnswerMetric(call, start + *patience, nullptr);
  }

  // What the request in ?path= is answered with, and why.  It may show what the
  // backend holds of any namespace, so it has a permission of its own: the gate
  // decides on /debug/explain, not on the path that is explained.
  Task<net::Response> AnswerExplain(const Call& call, TimePoint deadline) {
    const std::optional<std::string> path = call.parameters.First("path");
    if (!path) co_return BadRequest(HowToAskForExplain()).ToResponse();
    net::Request inner;
    inner.method = "GET";
    inner.target = *path;
    const Call asked = ReadCall(std::move(inner), served_);
    if (asked.where.kind != Kind::kCustomMetric &&
        asked.where.kind != Kind::kExternalMetric) {
      co_return BadRequest(WhyNotExplained(asked, served_)).ToResponse();
    }
    query::Trace trace;
    const net::Response response =
        co_await AnswerMetric(asked, deadline, &trace);
    co_return net::Response::Of(200, "application/json",
                                Explanation(asked, trace, response));
  }

  // `trace` may be null.
  Task<net::Response> AnswerMetric(const Call& call, TimePoint deadline,
                                   query::Trace* trace) {
    if (call.where.kind == Kind::kCustomMetric) {
      co_return co_await AnswerCustom(call, deadline, trace);
    }
    co_return co_await AnswerExternal(call, deadline, trace);
  }

  Task<net::Response> AnswerCustom(const Call& call, TimePoint deadline,
                                   query::Trace* trace) {
    const Result<Done> acceptable = AcceptsJson(call.accept);
    if (!acceptable) co_return Refuse(call, acceptable.error());
    const Result<query::CustomRequest> request =
        ReadCustomRequest(call.where, call.parameters);
    if (!request) co_return Refuse(call, request.error());
    const Result<std::vector<query::ObjectValue>> values =
        co_await engine_.Custom(*request, deadline, trace);
    if (!values) co_return Refuse(call, values.error());
    request_metrics_.Age(*values, clock_.Now());
    const CustomListHead head{call.where.version, call.where.metric,
                              request->metric_selector};
    co_return net::Response::Of(200, "application/json",
                                CustomMetricList(head, *values));
  }

  Task<net::Response> AnswerExternal(const Call& call, TimePoint deadline,
                                     query::Trace* trace) {
    const Result<Done> acceptable = AcceptsJson(call.accept);
    if (!acceptable) co_return Refuse(call, acceptable.error());
    const std::variant<query::ExternalRequest, Status> request =
        ReadExternalRequest(call.where, call.parameters);
    if (const auto* refusal = std::get_if<Status>(&request)) {
      co_return refusal->ToResponse();
    }
    const Result<std::vector<query::ExternalValue>> values =
        co_await engine_.External(std::get<query::ExternalRequest>(request),
                                  deadline, trace);
    if (!values) co_return Refuse(call, values.error());
    request_metrics_.Age(*values, clock_.Now());
    co_return net::Response::Of(200, "application/json",
                                ExternalMetricList(call.where.metric, *values));
  }

  // Everything that is answered from memory.
  net::Response AnswerAtOnce(const Call& call) {
    const net::Headers& headers = call.request.headers;
    switch (call.where.kind) {
      case Kind::kIndex:
        return Serve(fixed_.index, headers);
      case Kind::kHealth:
        return AnswerHealthOf(call);
      case Kind::kVersion:
        return Serve(fixed_.version, headers);
      case Kind::kOwnMetrics:
        return net::Response::Of(
            200, "text/plain; version=0.0.4; charset=utf-8", metrics_.Text());
      case Kind::kOpenApiV2:
        return ServeOpenApi(call, fixed_.openapi_v2);
      case Kind::kOpenApiV3:
        return ServeOpenApi(call, fixed_.openapi_v3);
      case Kind::kOpenApiV3Group:
        return AnswerOpenApiGroup(call);
      case Kind::kGroups:
        return AnswerGroups(call);
      case Kind::kGroup:
        return ServeDiscovery(call, Discovery().group, call.where.group);
      case Kind::kResources:
        return ServeDiscovery(call, Discovery().resources,
                              call.where.group + "/" + call.where.version);
      case Kind::kNoSuchResource:
        return NoSuchResource().ToResponse();
      case Kind::kInvalid:
        return BadRequest("invalid request path").ToResponse();
      default:
        return NoSuchPath(call);
    }
  }

  net::Response NoSuchPath(const Call& call) {
    net::Response response = Serve(fixed_.index, call.request.headers);
    response.status = 404;
    return response;
  }

  // A group may have gone since the path was read: SetServedGroups().
  net::Response ServeDiscovery(const Call& call,
                               const std::map<std::string, Document>& documents,
                               const std::string& key) {
    const auto document = documents.find(key);
    if (document == documents.end()) return NoSuchPath(call);
    const Result<Done> acceptable = AcceptsJson(call.accept);
    if (!acceptable) return Refuse(call, acceptable.error());
    return Serve(document->second, call.request.headers);
  }

  net::Response AnswerOpenApiGroup(const Call& call) {
    const auto document = fixed_.openapi_v3_group.find(call.where.group + "/" +
                                                       call.where.version);
    if (document == fixed_.openapi_v3_group.end()) return NoSuchPath(call);
    net::Response response = ServeOpenApi(call, document->second);
    // Who names the text that he wants may keep it for ever.  Another hash gets
    // what there is: the aggregator takes no redirects.
    const std::optional<std::string> hash = call.parameters.First("hash");
    if (hash && '"' + *hash + '"' == document->second.etag) {
      response.headers.Set("Cache-Control", "public, immutable");
      response.headers.Set(
          "Expires",
          net::HttpDate(clock_.Now() + std::chrono::hours(24 * 365)));
    }
    return response;
  }

  net::Response AnswerGroups(const Call& call) {
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
  const DiscoveryDocuments& Discovery() {
    const std::uint64_t generation = catalog_.generation();
    if (!discovery_ || discovery_of_ != generation) {
      discovery_ = DiscoveryDocuments::Build(served_, *catalog_.Current(),
                                             options_.max_listed_metrics);
      discovery_of_ = generation;
    }
    return *discovery_;
  }

  static std::vector<std::string> CheckPaths() {
    return {"/healthz",     "/healthz/ping",   "/livez",
            "/livez/ping",  "/readyz",         "/readyz/discovery",
            "/readyz/ping", "/readyz/shutdown"};
  }

  // Only /readyz looks further than "the loop turns": a backend that is down is
  // no reason to restart this program, nor to take it out of service.
  std::vector<HealthCheck> Checks(const std::string& endpoint) const {
    std::vector<HealthCheck> checks = {{"ping", ""}};
    if (endpoint == "readyz") {
      checks.push_back(
          {"discovery", catalog_.FirstRoundEnded()
                            ? ""
                            : "the first round of discovery has not ended"});
      checks.push_back(
          {"shutdown", ending_ ? "the program is about to end" : ""});
    }
    return checks;
  }

  net::Response AnswerHealthOf(const Call& call) {
    const std::vector<HealthCheck> checks = Checks(call.where.endpoint);
    if (!call.where.check.empty()) {
      const auto check = std::find_if(
          checks.begin(), checks.end(),
          [&call](const HealthCheck& c) { return c.name == call.where.check; });
      return check == checks.end() ? NoSuchPath(call) : AnswerCheck(*check);
    }
    std::vector<std::string> notes;
    if (call.where.endpoint == "readyz") {
      notes = RuleNotes(catalog_.RuleStates());
      if (options_.notes) {
        for (std::string& note : options_.notes()) {
          notes.push_back(std::move(note));
        }
      }
    }
    return AnswerHealth(call.where.endpoint, checks, notes, call.parameters);
  }

  net::Response Crashed(const Call& call, const std::string& what) {
    LogCrash(call, what);
    ++failures_;
    return StatusOf({ErrorCode::kInternal,
                     "Internal error occurred: the request failed "
                     "unexpectedly; the log of sextant says more",
                     ""})
        .ToResponse();
  }

  // What every answer has.
  void Finish(const Call& call, Duration took, net::Response& response) {
    const std::string* type = response.headers.Find("Content-Type");
    const std::string* agent = call.request.headers.Find("User-Agent");
    if (response.body && type != nullptr &&
        type->rfind("application/json", 0) == 0 &&
        WantsPretty(call.parameters.First("pretty"), call.accept,
                    agent == nullptr ? "" : *agent)) {
      response.body =
          std::make_shared<const std::string>(Pretty(*response.body));
    }
    if (response.headers.Find("Cache-Control") == nullptr) {
      response.headers.Set("Cache-Control", "no-cache, private");
    }
    compression_.Apply(call, response);
    std::string audit_id = audit_ids_.Of(call.request.headers);
    LogRequest(call, response, took, audit_id);
    response.headers.Set("Audit-Id", std::move(audit_id));
    request_metrics_.Count(call, response.status, took);
  }

  const Options options_;
  const Gate gate_;
  catalog::Refresher& catalog_;
  query::Engine& engine_;
  Clock& clock_;
  obs::Metrics& metrics_;
  std::uint64_t& failures_;
  RequestMetrics request_metrics_;
  std::vector<ApiGroup> served_;
  FixedDocuments fixed_;  // for served_
  Inflight inflight_;
  Compression compression_;
  AuditIds audit_ids_{RandomSeed()};
  std::optional<DiscoveryDocuments> discovery_;
  std::uint64_t discovery_of_ = 0;  // the generation that it shows
  bool ending_ = false;
};

Service::Service(Options options, Gate gate, catalog::Refresher& catalog,
                 query::Engine& engine, Clock& clock, obs::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(gate), catalog,
                                   engine, clock, metrics)) {}

Service::~Service() = default;

Task<net::Response> Service::Handle(net::Request request) {
  return impl_->Handle(std::move(request));
}

void Service::SetServedGroups(bool custom, bool external) {
  impl_->SetServedGroups(custom, external);
}

void Service::BeginShutdown() { impl_->BeginShutdown(); }

}  // namespace sextant::api
