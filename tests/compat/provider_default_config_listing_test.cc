#include <gtest/gtest.h>

#include "compat/default_config.h"
#include "compat/replay.h"

namespace sextant::compat {
namespace {

TEST(Compat, provider_default_config_listing) {
  const YAML::Node group = Group("provider_default_config_listing");
  Report report("provider_default_config_listing");
  Replay replay(DefaultConfig("1m", ""), ExtensionsMapper());
  for (const auto& entry : group["series"]) {
    replay.Record(entry.first.Scalar(), ReadSeries(entry.second));
  }
  EXPECT_TRUE(replay.Listing().empty());
  replay.Discover();
  EXPECT_EQ(Lines(replay.Listing()), SortedLines(group["listing"]));
  Case whole;
  whole.id = "provider_default_config_listing";
  report.Agrees(whole);
}

}  // namespace
}  // namespace sextant::compat
