#include "app/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/check_report.h"
#include "app/findings_report.h"
#include "sextant/config/metrics_config.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/golden.h"
#include "support/run_task.h"

namespace sextant::app {
namespace {

// Each rule has another fate.
constexpr char kRules[] = R"(rules:
- seriesQuery: '{__name__=~"^http_.*",pod!=""}'
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: http_requests
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: 'nothing_like_it'
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: '{__name__=~"^node_.*"}'
  seriesFilters: [{is: ^node_memory_}]
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: node_load1
  resources: {overrides: {kubernetes_node: {resource: node}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: up
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: '{__name__=~"^queue_.*"}'
  name: {as: queue}
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: node_temperature
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
externalRules:
- seriesQuery: backlog
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>})
  resources: {namespaced: false}
)";

std::vector<model::Labels> Everything() {
  const model::Labels pod = {{"namespace", "shop"}, {"pod", "web-0"}};
  const auto series = [](const std::string& name, model::Labels labels) {
    labels["__name__"] = name;
    return labels;
  };
  return {series("http_requests", pod),
          series("http_errors", pod),
          series("node_load1", {{"instance", "n1"}, {"job", "node"}}),
          series("node_temperature", {{"node", "n1"}}),
          series("queue_a", pod),
          series("queue_b", pod),
          series("backlog", {{"queue", "a"}})};
}

struct World {
  std::vector<RuleFinding> Find() {
    RuleProbe probe({std::chrono::minutes(10), std::chrono::seconds(30)},
                    CompileRuleText(kRules), backend, clock);
    return RunTask(loop, probe.Run()).value();
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
};

std::vector<CheckedFile> Report(std::vector<RuleFinding> findings) {
  CheckedFile file;
  file.name = "rules.yaml";
  file.text = kRules;
  config::Problems problems;
  const config::MetricsConfig config =
      config::ParseMetricsConfig(file.name, kRules, problems);
  AddProblems(findings, config, file.problems);
  file.findings = std::move(findings);
  file.stackdriver = true;
  return {file};
}

TEST(RuleProbe, SaysOfEachRuleWhatItFindsAndWhyNot) {
  World world;
  world.backend.series = Everything();
  world.backend.failing.insert(
      {"up",
       {ErrorCode::kUnavailable, "status 503 \033[2J", "is it up \033[2J?"}});
  const std::vector<CheckedFile> files = Report(world.Find());
  const AskedBackend asked = backend::Recognition{
      backend::FindDialect("victoriametrics"), "it says \x1b[2J so"};
  ExpectGolden("app/check_findings.txt",
               CheckText(files, asked, Painter(false)));
  ExpectGolden("app/check_findings.json", CheckJson(files, asked));
}

TEST(RuleProbe, AsksAgainOnlyAboutRulesThatFindNothing) {
  World world;
  world.backend.series = Everything();
  world.Find();
  EXPECT_EQ(world.backend.Count("values __name__ nothing_like_it"), 1U);
  EXPECT_EQ(world.backend.Count("values __name__ node_load1"), 1U);
  EXPECT_EQ(world.backend.Count("values __name__ http_requests"), 0U);
}

TEST(RuleProbe, KnowsHowFarItIs) {
  World world;
  world.backend.hanging = {""};
  RuleProbe probe({std::chrono::minutes(10), std::chrono::seconds(30)},
                  CompileRuleText(kRules), world.backend, world.clock);
  EXPECT_EQ(probe.Progress(), "0 of 9 rules");
  EXPECT_FALSE(RunTask(world.loop, probe.Run()).has_value());
  world.backend.Release();
  world.clock.Settle();
  EXPECT_EQ(probe.Progress(), "9 of 9 rules");
}

}  // namespace
}  // namespace sextant::app
