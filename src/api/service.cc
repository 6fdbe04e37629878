#include "sextant/api/service.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
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
#include "documents.h"
#include "explanation.h"
#include "health.h"
#include "inflight.h"
#include "list_options.h"
#include "metric_list.h"
#include "metric_protobuf.h"
#include "metric_request.h"
#include "pretty.h"
#include "protobuf.h"
#include "request_log.h"
#include "request_metrics.h"
#include "request_path.h"
#include "resource_api.h"
#include "sextant/obs/process.h"
#include "status.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

std::vector<ApiGroup> GroupsOf(const ServedApis& apis) {
  std::vector<ApiGroup> served;
  if (apis.custom) {
    served.push_back({std::string(kCustomGroup), {"v1beta2", "v1beta1"}});
  }
  if (apis.external) {
    served.push_back({std::string(kExternalGroup), {"v1beta1"}});
  }
  if (apis.resource) {
    served.push_back({std::string(kResourceGroup), {"v1", "v1beta1"}});
  }
  return served;
}

net::Response Refuse(const Call& call, const model::Refusal& refusal) {
  LogError(call, refusal.error);
  return StatusOfRefusal(refusal).ToResponse(call.accept);
}

net::Response Json(std::string body) {
  return net::Response::Of(200, "application/json", std::move(body));
}

net::Response Protobuf(std::string body) {
  return net::Response::Of(200, std::string(kProtobufType), std::move(body));
}

bool IsOfResourceApi(const Call& call) {
  return call.where.kind == Kind::kResourceList ||
         call.where.kind == Kind::kResourceItem;
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

}  // namespace

class Service::Impl {
 public:
  Impl(Options options, Gate gate, catalog::Refresher& catalog,
       query::Engine& engine, query::ResourceEngine& resources, Clock& clock,
       obs::Metrics& metrics)
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
        resource_api_(resources, clock, request_metrics_),
        documents_(
            {options_.version, CheckPaths(), options_.max_listed_metrics},
            catalog, clock),
        inflight_(options_.max_requests_inflight, metrics) {
    metrics.Gauge("sextant_build_info", "Always 1; the version is the label.",
                  {{"version", options_.version}}, [] { return 1.0; });
    obs::AddProcessMetrics(metrics);
    SetServed(options_.served);
  }

  void SetServed(const ServedApis& apis) {
    documents_.SetServed(GroupsOf(apis));
  }

  Task<net::Response> Handle(net::Request request) {
    const TimePoint start = clock_.Now();
    const Call call = ReadCall(std::move(request), documents_.served());
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
    const Result<Duration> patience =
        ReadTimeout(call.parameters, options_.request_deadline);
    // That it cannot be read is told to who may come in.
    const TimePoint deadline =
        start + (patience ? *patience : options_.request_deadline);
    const model::Admission admission = co_await gate_(call.request, deadline);
    net::Response response;
    if (admission.refusal) {
      response = Refuse(call, *admission.refusal);
    } else if (!AllowsMethod(call.where.kind, call.request.method)) {
      response = NoSuchMethod().ToResponse(call.accept);
    } else if (!patience) {
      response = Refuse(call, patience.error());
    } else {
      response = co_await AnswerAdmitted(call, deadline, admission.caller);
    }
    if (!admission.keep_connection) {
      response.headers.Set("Connection", "close");
    }
    co_return response;
  }

  Task<net::Response> AnswerAdmitted(const Call& call, TimePoint deadline,
                                     const model::Identity& caller) {
    if (!MayWait(call.where.kind)) co_return AnswerAtOnce(call);

    const bool exempt = caller.IsIn(model::kMasters);
    const std::optional<Inflight::Place> place =
        exempt ? std::nullopt : inflight_.Enter();
    if (!place && !exempt) co_return Refuse(call, TooManyRequests());
    if (call.where.kind == Kind::kExplain) {
      co_return co_await AnswerExplain(call, deadline);
    }
    if (IsOfResourceApi(call)) {
      co_return co_await resource_api_.Answer(call, deadline, nullptr);
    }
    co_return co_await AnswerMetric(call, deadline, nullptr);
  }

  // What the request in ?path= is answered with, and why.  It may show what the
  // backend holds of any namespace, so it has a permission of its own: the gate
  // decides on /debug/explain, not on the path that is explained.
  Task<net::Response> AnswerExplain(const Call& call, TimePoint deadline) {
    const std::optional<std::string> path = call.parameters.First("path");
    if (!path)
      co_return BadRequest(HowToAskForExplain()).ToResponse(call.accept);
    net::Request inner;
    inner.method = "GET";
    inner.target = *path;
    const Call asked = ReadCall(std::move(inner), documents_.served());
    if (IsOfResourceApi(asked)) {
      query::ResourceTrace trace;
      const net::Response response =
          co_await resource_api_.Answer(asked, deadline, &trace);
      co_return Json(Explanation(asked, trace, response));
    }
    if (asked.where.kind != Kind::kCustomMetric &&
        asked.where.kind != Kind::kExternalMetric) {
      co_return BadRequest(WhyNotExplained(asked, documents_.served()))
          .ToResponse(call.accept);
    }
    query::Trace trace;
    const net::Response response =
        co_await AnswerMetric(asked, deadline, &trace);
    co_return Json(Explanation(asked, trace, response));
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
    const Result<BodyForm> form = ChooseBodyForm(call.accept);
    if (!form) co_return Refuse(call, form.error());
    const Result<query::CustomRequest> request =
        ReadCustomRequest(call.where, call.parameters);
    if (!request) co_return Refuse(call, request.error());
    const Result<std::vector<query::ObjectValue>> values =
        co_await engine_.Custom(*request, deadline, trace);
    if (!values) co_return Refuse(call, values.error());
    request_metrics_.Age(*values, clock_.Now());
    const CustomListHead head{call.where.version, call.where.metric,
                              request->metric_selector};
    co_return *form == BodyForm::kJson
        ? Json(CustomMetricList(head, *values))
        : Protobuf(CustomMetricProtobuf(head, *values));
  }

  Task<net::Response> AnswerExternal(const Call& call, TimePoint deadline,
                                     query::Trace* trace) {
    const Result<BodyForm> form = ChooseBodyForm(call.accept);
    if (!form) co_return Refuse(call, form.error());
    const std::variant<query::ExternalRequest, Status> request =
        ReadExternalRequest(call.where, call.parameters);
    if (const auto* refusal = std::get_if<Status>(&request)) {
      co_return refusal->ToResponse(call.accept);
    }
    const Result<std::vector<query::ExternalValue>> values =
        co_await engine_.External(std::get<query::ExternalRequest>(request),
                                  deadline, trace);
    if (!values) co_return Refuse(call, values.error());
    request_metrics_.Age(*values, clock_.Now());
    const std::string& metric = call.where.metric;
    co_return *form == BodyForm::kJson
        ? Json(ExternalMetricList(metric, *values))
        : Protobuf(ExternalMetricProtobuf(metric, *values));
  }

  // Everything that is answered from memory.
  net::Response AnswerAtOnce(const Call& call) {
    switch (call.where.kind) {
      case Kind::kHealth:
        return AnswerHealthOf(call);
      case Kind::kOwnMetrics:
        return net::Response::Of(
            200, "text/plain; version=0.0.4; charset=utf-8", metrics_.Text());
      case Kind::kNoSuchResource:
        return NoSuchResource().ToResponse(call.accept);
      case Kind::kInvalid:
        return BadRequest("invalid request path").ToResponse(call.accept);
      default:
        return documents_.Answer(call);
    }
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
      return check == checks.end() ? documents_.NoSuchPath(call)
                                   : AnswerCheck(*check);
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
        .ToResponse(call.accept);
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
  ResourceApi resource_api_;
  Documents documents_;
  Inflight inflight_;
  Compression compression_;
  AuditIds audit_ids_{RandomSeed()};
  bool ending_ = false;
};

ServedApis ServedApis::Of(const rules::RuleSet& rules) {
  // Its metrics are on no list, and are asked for all the same.
  const bool any_name = rules.stackdriver != nullptr;
  return {any_name || !rules.custom.empty(),
          any_name || !rules.external.empty(), rules.resource.has_value()};
}

Service::Service(Options options, Gate gate, catalog::Refresher& catalog,
                 query::Engine& engine, query::ResourceEngine& resources,
                 Clock& clock, obs::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(gate), catalog,
                                   engine, resources, clock, metrics)) {}

Service::~Service() = default;

Task<net::Response> Service::Handle(net::Request request) {
  return impl_->Handle(std::move(request));
}

void Service::SetServed(const ServedApis& apis) { impl_->SetServed(apis); }

void Service::BeginShutdown() { impl_->BeginShutdown(); }

}  // namespace sextant::api
