#include "sextant/rules/resource_rules.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/compile_rules.h"
#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

constexpr char kRules[] = R"(
resourceRules:
  cpu:
    containerQuery: 'sum by (<<.GroupBy>>) (rate(cpu{<<.LabelMatchers>>,container!=""}[2m]))'
    nodeQuery: |
      sum by (<<.GroupBy>>) (idle{mode="idle"} * on(pod) group_left(node) (info{<<.LabelMatchers>>}))
    resources:
      overrides:
        namespace: {resource: namespace}
        pod: {resource: pod}
        node: {resource: node}
    containerLabel: container
  memory:
    containerQuery: 'mem{<<.LabelMatchers>>} by (<<.GroupBy>>'
    nodeQuery: ''
    resources:
      overrides:
        instance: {resource: node}
        k8s.pod.name: {resource: pod}
  window: 5m
)";

TEST(ResourceRules, AskForPodsAndNodesByTheirOwnLabels) {
  const auto set = CompileRuleText(kRules);
  ASSERT_TRUE(set && set->resource);
  EXPECT_EQ(set->resource->window, std::chrono::minutes(5));
  const ResourceRule& cpu = *set->resource->cpu;
  const ResourceRule& memory = *set->resource->memory;
  EXPECT_EQ(cpu.path(), "resourceRules.cpu");
  EXPECT_EQ(cpu.container_label(), "container");
  EXPECT_EQ(*cpu.LabelFor(Measured::kNodes), "node");
  EXPECT_EQ(*memory.LabelFor(Measured::kNodes), "instance");
  EXPECT_EQ(*cpu.BuildQuery(Measured::kPods, "shop", {"a", "b.c"}),
            "sum by (pod,container) (rate(cpu{namespace=\"shop\",pod=~"
            "\"a|b\\\\.c\",container!=\"\"}[2m]))");
  EXPECT_EQ(*cpu.BuildQuery(Measured::kNodes, "", {"n1"}),
            "sum by (node) (idle{mode=\"idle\"} * on(pod) group_left(node) "
            "(info{node=\"n1\"}))\n");
}

TEST(ResourceRules, SayWhyAQueryCannotBeWritten) {
  const auto set = CompileRuleText(kRules);
  ASSERT_TRUE(set && set->resource);
  const ResourceRule& memory = *set->resource->memory;
  EXPECT_THAT(memory.BuildQuery(Measured::kPods, "shop", {"a"}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "unable to convert resource namespaces into label: no "
                        "generic resource label form specified for this "
                        "metric"));
  EXPECT_THAT(memory.BuildQuery(Measured::kNodes, "", {"n1"}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "empty query produced by metrics query template"));
}

TEST(ResourceRules, FindTheSeriesThatNameTheObjects) {
  const auto set = CompileRuleText(kRules);
  ASSERT_TRUE(set && set->resource);
  const ResourceRule& cpu = *set->resource->cpu;
  EXPECT_EQ(cpu.SeriesOf(Measured::kPods, "shop"),
            "{__name__=\"cpu\",namespace=\"shop\",pod!=\"\",container!=\"\"}");
  EXPECT_EQ(cpu.SeriesOf(Measured::kPods, ""),
            "{__name__=\"cpu\",pod!=\"\",container!=\"\"}");
  // Not the selector that takes no matchers.
  EXPECT_EQ(cpu.SeriesOf(Measured::kNodes, ""),
            "{__name__=\"info\",node!=\"\"}");
  // No PromQL, and nothing at all.
  const ResourceRule& memory = *set->resource->memory;
  EXPECT_EQ(memory.SeriesOf(Measured::kPods, ""), std::nullopt);
  EXPECT_EQ(memory.SeriesOf(Measured::kNodes, ""), std::nullopt);
}

}  // namespace
}  // namespace sextant::rules
