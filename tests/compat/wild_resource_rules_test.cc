#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compat/deviations.h"
#include "compat/replay.h"
#include "compat/resource_replay.h"

namespace sextant::compat {
namespace {

TEST(Compat, wild_resource_rules) {
  Comparison comparison("wild_resource_rules");
  for (const Case& c : Cases("wild_resource_rules")) {
    SCOPED_TRACE(c.id);
    ResourceReplay replay(Text(c.node, "config"));
    for (const YAML::Node& pod : c.node["pods"]) {
      const std::string name = pod.Scalar();
      const std::size_t slash = name.find('/');
      replay.AddPod(name.substr(0, slash), name.substr(slash + 1));
    }
    for (const YAML::Node& node : c.node["nodes"]) {
      replay.AddNode(node.Scalar());
    }
    EXPECT_TRUE(replay.Ask({rules::Measured::kPods, "", "", {}, {}}));
    EXPECT_TRUE(replay.Ask({rules::Measured::kNodes, "", "", {}, {}}));
    // The peer asks side by side, so that the order is no matter.
    std::vector<std::string> queries = replay.queries();
    std::sort(queries.begin(), queries.end());
    comparison.Expect("promql", SortedLines(c.node["promql"]), Lines(queries));
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
