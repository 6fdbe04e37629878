#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "support/doc_blocks.h"

namespace sextant::config {
namespace {

TEST(ConfigDocs, EveryExampleIsAsItSays) {
  int good = 0;
  int bad = 0;
  std::vector<DocBlock> blocks = DocBlocksOf("docs/CONFIG.md");
  for (DocBlock& block : DocBlocksOf("docs/STACKDRIVER.md")) {
    blocks.push_back(std::move(block));
  }
  for (const DocBlock& block : blocks) {
    SCOPED_TRACE(std::to_string(block.line) + ": " + block.text);
    Problems problems;
    const MetricsConfig config =
        ParseMetricsConfig("example", block.text, problems);
    if (block.kind == "yaml") {
      ++good;
      EXPECT_TRUE(problems.all().empty()) << problems.ErrorText();
      EXPECT_TRUE(!config.rules.empty() || !config.external_rules.empty() ||
                  config.resource_rules || config.stackdriver);
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
