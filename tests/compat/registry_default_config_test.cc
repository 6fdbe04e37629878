#include <gtest/gtest.h>

#include "compat/default_config.h"
#include "compat/deviations.h"
#include "compat/replay.h"

namespace sextant::compat {
namespace {

TEST(Compat, registry_default_config) {
  const YAML::Node group = Group("registry_default_config");
  Comparison comparison("registry_default_config");
  Replay replay(DefaultConfig("1m", "kube_"), ExtensionsMapper());
  const auto& rules = replay.rules().custom;
  const YAML::Node series = group["series_by_rule"];
  ASSERT_EQ(series.size(), rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    replay.Record(rules[i]->series_query(), ReadSeries(series[i]));
  }
  replay.Discover();
  EXPECT_EQ(Lines(replay.Listing()), SortedLines(group["listing"]));

  for (const Case& c : Cases("registry_default_config", "queries")) {
    SCOPED_TRACE(c.id);
    const std::string resource = Text(c.node, "resource");
    const std::string ns = Text(c.node, "namespace");
    const YAML::Node names = c.node["names"];
    replay.ForgetObjects();
    for (const YAML::Node& name : names) {
      replay.AddObject(resource, ns, name.Scalar(), {});
    }
    const std::string name = names.size() == 1 ? names[0].Scalar() : "*";
    const Reply reply =
        replay.AskCustom(resource, ns, name, Text(c.node, "metric"), "",
                         Text(c.node, "metric_selector"));
    comparison.Expect("query", Text(c.node, "query"), reply.promql);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
