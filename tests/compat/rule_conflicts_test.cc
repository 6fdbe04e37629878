#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"

namespace sextant::compat {
namespace {

TEST(Compat, rule_conflicts) {
  const YAML::Node group = Group("rule_conflicts");
  Comparison comparison("rule_conflicts");
  Replay replay(Text(group, "config"), RestMapper());
  for (const auto& entry : group["series"]) {
    replay.Record(entry.first.Scalar(), ReadSeries(entry.second));
  }
  replay.Discover();
  std::vector<std::string> listing;
  for (const std::string& line : replay.Listing()) {
    listing.push_back(line.substr(0, line.find(' ')));
  }
  EXPECT_EQ(Lines(listing), SortedLines(group["listing"]));

  for (const Case& c : Cases("rule_conflicts", "queries")) {
    SCOPED_TRACE(c.id);
    // The requests are in words.
    const std::string request = Text(c.node, "request");
    Reply reply;
    if (request == "namespaces m, name n") {
      reply = replay.AskCustom("namespaces", "", "n", "m");
    } else if (request == "pods mm") {
      reply = replay.AskCustom("pods", "n", "p", "mm");
    } else {
      ADD_FAILURE() << "a request that this test does not know: " << request;
    }
    comparison.Expect("promql", Text(c.node, "promql"), reply.promql);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
