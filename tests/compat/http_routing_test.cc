#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "api/call.h"
#include "api/metric_request.h"
#include "compat/deviations.h"
#include "sextant/base/text.h"

namespace sextant::compat {
namespace {

using Kind = api::RequestPath::Kind;

// What a provider would be asked for, or how the request is refused.
struct Routed {
  int status = 200;
  std::string message;
  std::string call;  // "selector", "name", "external"; empty: no metric
  std::string resource, namespace_, name, metric, labels;
};

Routed Refused(const api::Status& status) {
  Routed routed;
  routed.status = status.code;
  routed.message = status.message;
  return routed;
}

Routed RouteCustom(const api::Call& call) {
  const auto request = api::ReadCustomRequest(call.where, call.parameters);
  if (!request) return Refused(api::StatusOf(request.error()));
  Routed routed;
  routed.call = request->name == "*" ? "selector" : "name";
  routed.resource = request->resource;
  routed.namespace_ = request->namespace_;
  routed.name = request->name;
  routed.metric = request->metric;
  routed.labels = request->object_selector.ToString();
  return routed;
}

Routed RouteExternal(const api::Call& call) {
  const auto read = api::ReadExternalRequest(call.where, call.parameters);
  if (const auto* status = std::get_if<api::Status>(&read)) {
    return Refused(*status);
  }
  const auto& request = std::get<query::ExternalRequest>(read);
  Routed routed;
  routed.call = "external";
  routed.namespace_ = request.namespace_;
  routed.metric = request.metric;
  routed.labels = request.selector.ToString();
  return routed;
}

Routed Route(const std::string& target) {
  net::Request request;
  request.method = "GET";
  request.target = target;
  const api::Call call =
      api::ReadCall(std::move(request),
                    {{std::string(api::kCustomGroup), {"v1beta2", "v1beta1"}},
                     {std::string(api::kExternalGroup), {"v1beta1"}}});
  switch (call.where.kind) {
    case Kind::kCustomMetric:
      return RouteCustom(call);
    case Kind::kExternalMetric:
      return RouteExternal(call);
    case Kind::kNoSuchResource:
      return Refused(api::NoSuchResource());
    case Kind::kInvalid:
      return Refused(api::BadRequest("invalid request path"));
    default:
      return {};
  }
}

// Ours in the words that are recorded: not every case tells of everything.
std::string CallInTheWordsOf(const std::string& recorded,
                             const Routed& routed) {
  std::vector<std::string> words = Split(recorded, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string& word = words[i];
    if (i == 0) {
      word = routed.call;
    } else if (word.starts_with("ns=\"")) {
      word = "ns=" + GoQuote(routed.namespace_);
    } else if (word.starts_with("ns=")) {
      word = "ns=" + routed.namespace_;
    } else if (word.starts_with("name=")) {
      word = "name=" + routed.name;
    } else if (word.starts_with("metric=")) {
      word = "metric=" + routed.metric;
    } else if (words[i - 1] == "labels") {
      word = routed.labels;
    } else if (word != "labels") {
      word = routed.resource;
    }
  }
  return Join(words, " ");
}

TEST(Compat, http_routing) {
  const std::string both = "{v1beta1|v1beta2}";
  Comparison comparison("http_routing");
  for (const Case& c : Cases("http_routing")) {
    SCOPED_TRACE(c.id);
    for (const std::string version : {"v1beta1", "v1beta2"}) {
      std::string target = Text(c.node, "path");
      const std::size_t at = target.find(both);
      if (at != std::string::npos) target.replace(at, both.size(), version);
      const Routed routed = Route(target);
      const std::string call = Text(c.node, "provider_call");
      const bool refused = Has(c.node, "http_status");
      comparison.Expect("status", refused ? Text(c.node, "http_status") : "200",
                        std::to_string(routed.status));
      if (Has(c.node, "message")) {
        comparison.Expect("message", Text(c.node, "message"), routed.message);
      }
      if (!refused) {
        comparison.Expect("call", call, CallInTheWordsOf(call, routed));
      }
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
