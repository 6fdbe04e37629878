// The program behind its port, for tests of api::Service.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sextant/api/service.h"
#include "sextant/config/metrics_config.h"
#include "sextant/query/listers.h"
#include "sextant/query/resource_engine.h"
#include "sextant/rules/rule_set.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/run_task.h"

namespace sextant::api {

inline constexpr char kRules[] = R"(
rules:
- seriesQuery: 'http_requests{namespace!="",pod!=""}'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: 'node_load{node!=""}'
  resources: {overrides: {node: {resource: node}}}
  name: {as: "a|b:c"}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
externalRules:
- seriesQuery: 'queue_depth'
  resources: {namespaced: false}
  name: {as: "status"}
  metricsQuery: <<.Series>>{<<.LabelMatchers>>}
)";

inline const std::string kCm1 = "/apis/custom.metrics.k8s.io/v1beta1";
inline const std::string kCm2 = "/apis/custom.metrics.k8s.io/v1beta2";
inline const std::string kEm1 = "/apis/external.metrics.k8s.io/v1beta1";
inline const std::string kPodForm =
    kCm1 + "/namespaces/default/pods/web-0/http_requests";

inline std::shared_ptr<const rules::RuleSet> CompiledRules(
    const std::string& text = kRules) {
  config::Problems problems;
  const config::MetricsConfig config =
      config::ParseMetricsConfig("config.yaml", text, problems);
  auto rules = rules::CompileRules(
      config,
      std::make_shared<model::ResourceTable>(model::ResourceTable::BuiltIn()),
      problems);
  EXPECT_FALSE(problems.HasErrors()) << problems.ErrorText();
  return rules;
}

inline Task<model::Admission> LetIn(const net::Request&, TimePoint) {
  co_return model::Identity{};
}

// The whole program behind the port, with real parts and a fake backend that
// has one series of each rule.
struct World {
  explicit World(Gate gate = LetIn, Service::Options options = {},
                 const std::string& rules_text = kRules)
      : catalog({}, CompiledRules(rules_text), backend, clock, metrics),
        service(WithNotes(std::move(options)), std::move(gate), catalog, engine,
                resource_engine, clock, metrics) {
    backend.series = {
        {{"__name__", "http_requests"},
         {"namespace", "default"},
         {"pod", "web-0"}},
        {{"__name__", "node_load"}, {"node", "n1"}},
        {{"__name__", "queue_depth"}},
    };
    // 1970-01-01T00:16:40Z
    clock.Advance(std::chrono::seconds(1000));
  }
  // What still waits ends before the things it waits for do.
  ~World() {
    backend.Release();
    clock.Settle();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void Discover() {
    Spawn(loop.get_executor(), catalog.RunOnce());
    clock.Settle();
  }

  // Nothing if the answer has to wait for something.
  std::optional<net::Response> Send(net::Request request) {
    return RunTask(loop, service.Handle(std::move(request)));
  }

  net::Response Get(const std::string& target, net::Headers headers = {}) {
    net::Request request;
    request.method = "GET";
    request.target = target;
    request.headers = std::move(headers);
    std::optional<net::Response> response = Send(std::move(request));
    EXPECT_TRUE(response) << target << " has to wait";
    return response.value_or(net::Response{});
  }

  Service::Options WithNotes(Service::Options options) {
    options.notes = [this] { return notes; };
    return options;
  }

  std::vector<std::string> notes;  // of those outside of the service
  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FakeBackend backend{clock};
  catalog::Refresher catalog;
  query::FixedObjectLister lister{
      {{{"", "pods"}, {"default", "web-0"}, {{"app", "web"}}},
       {{"", "pods"}, {"default", "web-1"}, {{"app", "web"}}},
       {{"", "pods"}, {"default", "other"}, {{"app", "other"}}},
       {{"", "nodes"}, {"", "n1"}, {}}}};
  query::Engine engine{{}, catalog, lister, backend, clock, metrics};
  query::ResourceEngine resource_engine{{},      catalog, lister,
                                        backend, clock,   metrics};
  Service service;
};

inline std::string BodyOf(const net::Response& response) {
  return response.body ? *response.body : "";
}

// A Status after the keys that all of them begin with.
inline std::string Failure(const std::string& rest) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},)"
         R"("status":"Failure",)" +
         rest + "}\n";
}

}  // namespace sextant::api
