#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"

namespace sextant::compat {
namespace {

constexpr char kRules[] = R"(
rules:
- seriesQuery: 'm'
  resources: {overrides: {pod: {resource: pod}, namespace: {resource: namespace}}}
  metricsQuery: 'm'
externalRules:
- {seriesQuery: 'm', resources: {namespaced: false}, metricsQuery: 'm'}
)";

// The quantity at the end of the only item.
std::string Quantity(const Reply& reply) {
  if (reply.items.size() != 1) return "no value";
  const std::string& item = reply.items[0];
  return item.substr(item.rfind(' ') + 1);
}

TEST(Compat, value_to_quantity) {
  Comparison comparison("value_to_quantity");
  Replay replay(kRules, RestMapper());
  replay.Record("m", {{{"__name__", "m"}, {"pod", "p"}, {"namespace", "n"}}});
  replay.Discover();
  for (const Case& c : Cases("value_to_quantity")) {
    SCOPED_TRACE(c.id);
    replay.Answer(
        R"({"resultType":"vector","result":[{"metric":{"pod":"p"},"value":[1,")" +
        Text(c.node, "sample") + R"("]}]})");
    comparison.Expect("custom", Text(c.node, "custom"),
                      Quantity(replay.AskCustom("pods", "n", "p", "m")));
    comparison.Expect("external", Text(c.node, "external"),
                      Quantity(replay.AskExternal("n", "m")));
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
