#include <gtest/gtest.h>

#include <string>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "support/doc_blocks.h"

namespace sextant::config {
namespace {

TEST(ConfigDocs, EveryExampleIsAsItSays) {
  int good = 0;
  int bad = 0;
  for (const DocBlock& block : DocBlocksOf("docs/CONFIG.md")) {
    SCOPED_TRACE("docs/CONFIG.md:" + std::to_string(block.line));
    Problems problems;
    const MetricsConfig config =
        ParseMetricsConfig("example", block.text, problems);
    if (block.kind == "yaml") {
      ++good;
      EXPECT_TRUE(problems.all().empty()) << problems.ErrorText();
      EXPECT_TRUE(!config.rules.empty() || config.resource_rules ||
                  config.stackdriver);
    } else if (block.kind == "yaml bad") {
      ++bad;
      EXPECT_TRUE(problems.HasErrors());
    }
  }
  EXPECT_GT(good, 5);
  EXPECT_GT(bad, 2);
}

}  // namespace
}  // namespace sextant::config
