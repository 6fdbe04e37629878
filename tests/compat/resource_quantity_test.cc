#include <gtest/gtest.h>

#include <string>

#include "compat/deviations.h"
#include "compat/resource_replay.h"

namespace sextant::compat {
namespace {

constexpr char kRules[] = R"(
resourceRules:
  cpu:
    nodeQuery: cpu
    resources: {overrides: {instance: {resource: node}}}
  memory:
    nodeQuery: memory
    resources: {overrides: {instance: {resource: node}}}
)";

TEST(Compat, resource_quantity) {
  Comparison comparison("resource_quantity");
  for (const Case& c : Cases("resource_quantity")) {
    SCOPED_TRACE(c.id);
    ResourceReplay replay(kRules);
    replay.AddNode("n1");
    replay.AddCpu("n1 " + Text(c.node, "value"));
    replay.AddMemory("n1 " + Text(c.node, "value"));
    const auto answer = replay.Ask({rules::Measured::kNodes, "", "", {}, {}});
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->items.size(), 1u);
    comparison.Expect("quantities",
                      "n1 @0 0s =" + Text(c.node, "cpu_decimalSI") + "/" +
                          Text(c.node, "memory_binarySI"),
                      Lines(*answer)[0]);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
