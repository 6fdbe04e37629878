#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"

namespace sextant::compat {
namespace {

TEST(Compat, wild_helm_default_rules) {
  const YAML::Node group = Group("wild_helm_default_rules");
  Comparison comparison("wild_helm_default_rules");
  Replay replay(Text(group, "config"), RestMapper());
  for (const auto& entry : group["series"]) {
    replay.Record(entry.first.Scalar(), ReadSeries(entry.second));
  }
  replay.Discover();
  EXPECT_EQ(Lines(replay.Listing()), SortedLines(group["listing"]));

  for (const Case& c : Cases("wild_helm_default_rules", "queries")) {
    SCOPED_TRACE(c.id);
    const YAML::Node request = c.node["request"];
    const Reply reply =
        replay.AskCustom(Text(request, "resource"), Text(request, "namespace"),
                         Text(request, "name"), Text(request, "metric"));
    comparison.Expect("promql", Text(c.node, "promql"), reply.promql);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
