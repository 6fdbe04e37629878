#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "backend/fixture.h"
#include "compat/deviations.h"
#include "compat/vectors.h"
#include "sextant/backend/held_token.h"
#include "sextant/catalog/refresher.h"
#include "support/compile_rules.h"
#include "support/launch_task.h"

namespace sextant::compat {
namespace {

using backend::Fixture;

// The list one level further down than Cases() looks, and without ids.
std::vector<Case> Responses() {
  const YAML::Node list = Group("prometheus_http")["responses"]["cases"];
  std::vector<Case> cases;
  for (const YAML::Node& node : list) {
    Case c;
    c.id = "prometheus_http.responses[" + std::to_string(cases.size()) + "]";
    c.node = node;
    cases.push_back(c);
  }
  EXPECT_FALSE(cases.empty());
  return cases;
}

void CompareResponse(const Case& c, Comparison& comparison) {
  Fixture f;
  f.client.Answer("/api/v1/query", {.status = c.node["http_status"].as<int>(),
                                    .body = Text(c.node, "body")});
  const Result<model::QueryResult> result = f.Query();
  comparison.Expect("result", Text(c.node, "result"),
                    result ? "success" : "error: " + result.error().message);
}

// What the case's request looks like from us.
net::ClientRequest RequestOf(const Case& c) {
  const std::string url = Text(c.node, "base_url");
  backend::PrometheusBackend::Options options =
      backend::At(url.empty() ? "http://h" : url);
  options.post_above = Text(c.node, "verb") == "POST"
                           ? 0
                           : std::numeric_limits<std::size_t>::max();
  const std::string header = Text(c.node, "header_flag");
  if (!header.empty()) {
    const std::size_t equals = header.find('=');
    options.headers.Add(header.substr(0, equals), header.substr(equals + 1));
  }
  backend::HeldToken token(Text(c.node, "token_file"));
  if (!token.token().empty()) options.signer = &token;
  Fixture f(options);
  const std::string query = Text(c.node, "query");
  const TimePoint time(std::chrono::milliseconds(
      Has(c.node, "time_ms") ? c.node["time_ms"].as<std::int64_t>() : 0));
  (void)f.Query(query.empty() ? "..." : query, time);
  return f.client.requests.at(0);
}

// "POST /api/v1/query?x=y, body query=...&time=...".  That we add the time that
// is left is compared in the case about it.
std::string WireOf(const net::ClientRequest& request, bool with_time) {
  std::string wire = request.method + " " + request.url.Target();
  if (!request.body.empty()) wire += ", body " + request.body;
  wire = std::regex_replace(wire, std::regex("&timeout=[0-9.]+"), "");
  return with_time
             ? wire
             : std::regex_replace(wire, std::regex("time=[0-9.]+"), "time=...");
}

std::string ParameterNames(const net::ClientRequest& request) {
  return std::regex_replace(request.url.query, std::regex("=[^&]*&?"), " ");
}

// In the words of the case about it.
std::string EffectOn(const Case& c, const net::ClientRequest& request) {
  if (Text(c.node, "header_flag").rfind("Host=", 0) == 0) {
    return request.headers.Find("Host") == nullptr
               ? "ignored, Host stays the URL host"
               : "sent";
  }
  const std::string* const value = request.headers.Find("Authorization");
  std::string effect = value ? "Authorization: " + *value : "no Authorization";
  if (Has(c.node, "header_flag")) effect += " (header flag wins)";
  return effect;
}

void CompareRequest(const Case& c, Comparison& comparison) {
  const net::ClientRequest request = RequestOf(c);
  const auto header = [&request](const std::string& name) {
    const std::string* const value = request.headers.Find(name);
    return value ? name + ": " + *value : "no " + name;
  };
  const std::string wire = Text(c.node, "wire");
  if (!wire.empty()) {
    comparison.Expect(
        "wire", wire,
        WireOf(request, wire.find("time=...") == std::string::npos));
  }
  if (Has(c.node, "path")) {
    comparison.Expect("path", Text(c.node, "path"), request.url.path);
  }
  if (Has(c.node, "content_type")) {
    comparison.Expect("content type",
                      "Content-Type: " + Text(c.node, "content_type"),
                      header("Content-Type"));
  }
  if (Has(c.node, "effect")) {
    comparison.Expect("effect", Text(c.node, "effect"), EffectOn(c, request));
  }
  if (Has(c.node, "params")) {
    std::string names;
    for (const YAML::Node& name : c.node["params"]) {
      names += name.Scalar() + " ";
    }
    comparison.Expect("parameters", names, ParameterNames(request));
  }
}

void CompareTime(const Case& c, Comparison& comparison) {
  Fixture f;
  (void)f.Query(
      "x",
      TimePoint(std::chrono::milliseconds(c.node["ms"].as<std::int64_t>())));
  comparison.Expect("time",
                    "query=x&time=" + Text(c.node, "text") + "&timeout=60",
                    f.client.requests.at(0).url.query);
}

// Answers the discovery of each rule in its own way: the rules' selectors name
// themselves.
class ServerForTwoRules final : public net::HttpClient {
 public:
  Task<Result<net::ResponseHead>> Send(net::ClientRequest request,
                                       TimePoint deadline,
                                       net::BodySink sink) override {
    const bool asks_for_b =
        request.url.query.find("%22b%22") != std::string::npos;
    client_.Answer("/api/v1/label/__name__/values", asks_for_b ? b : a);
    return client_.Send(std::move(request), deadline, std::move(sink));
  }

  FakeReply a;
  FakeReply b;

 private:
  FakeHttpClient client_;
};

constexpr char kRulesAAndB[] = R"(
rules:
- &a
  seriesQuery: '{job="a"}'
  resources: {overrides: {node: {resource: node}}}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
- <<: *a
  seriesQuery: '{job="b"}'
)";

FakeReply Names(const std::string& json) {
  return {.body = R"({"status":"success","data":)" + json + "}"};
}

// "a1 a2 b1; no error": what is listed after a relist that rule a survives, and
// how rule b fared.
std::string AfterARelist(const FakeReply& reply_to_b) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  clock.Advance(std::chrono::hours(1));
  obs::Metrics metrics;
  ServerForTwoRules server;
  backend::PrometheusBackend prometheus(backend::At("http://h"), server, clock,
                                        metrics);
  catalog::Refresher refresher({}, CompileRuleText(kRulesAAndB), prometheus,
                               clock, metrics);
  const auto listed = [&refresher] {
    const auto catalog = refresher.Current();
    std::string names;
    for (const auto& [key, metric] : catalog->custom()) {
      EXPECT_EQ(key.first, "nodes");
      names += (names.empty() ? "" : " ") + key.second;
    }
    return names;
  };

  server.a = Names(R"(["a1"])");
  server.b = Names(R"(["b1"])");
  EXPECT_TRUE(RunTask(loop, Finished(refresher.RunOnce())).has_value());
  EXPECT_EQ(listed(), "a1 b1");

  server.a = Names(R"(["a1","a2"])");
  server.b = reply_to_b;
  EXPECT_TRUE(RunTask(loop, Finished(refresher.RunOnce())).has_value());
  const std::vector<catalog::RuleState> states = refresher.RuleStates();
  EXPECT_EQ(states.at(0).error, "");
  const std::string error = states.at(1).error;
  return listed() + "; " + (error.empty() ? "no error" : error);
}

// prometheus_http-cd0098 (null) and prometheus_http-d333d4 (an error).
void CompareRelist(const Case& c, Comparison& comparison) {
  const bool null =
      Text(c.node, "case").find("data: null") != std::string::npos;
  comparison.Expect(
      "effect", Text(c.node, "effect"),
      AfterARelist(null ? Names("null") : FakeReply{.status = 500}));
}

TEST(Compat, prometheus_http) {
  Comparison comparison("prometheus_http");
  const auto compare = [&comparison](const std::vector<Case>& cases, auto one) {
    for (const Case& c : cases) {
      SCOPED_TRACE(c.id);
      one(c, comparison);
      comparison.Finish(c);
    }
  };
  compare(Responses(), CompareResponse);
  compare(Cases("prometheus_http", "requests"), CompareRequest);
  compare(Cases("prometheus_http", "time_format"), CompareTime);
  compare(Cases("prometheus_http", "relist"), CompareRelist);
}

}  // namespace
}  // namespace sextant::compat
