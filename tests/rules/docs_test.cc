#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/rules/rule_set.h"
#include "support/doc_blocks.h"

namespace sextant::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// Parsed, and compiled where that makes sense.
config::Problems ProblemsOf(const std::string& text) {
  config::Problems problems;
  const config::MetricsConfig config =
      config::ParseMetricsConfig("example", text, problems);
  if (problems.HasErrors()) return problems;
  const auto resources = std::make_shared<const model::ResourceTable>(
      model::ResourceTable::BuiltIn());
  const auto rules = CompileRules(config, resources, problems);
  EXPECT_EQ(rules == nullptr, problems.HasErrors());
  return problems;
}

TEST(RuleDocs, EveryGoodExampleCompiles) {
  for (const std::string page : {"docs/CONFIG.md", "docs/STACKDRIVER.md"}) {
    for (const DocBlock& block : DocBlocksOf(page)) {
      if (block.kind != "yaml") continue;
      SCOPED_TRACE(page + ":" + std::to_string(block.line));
      EXPECT_EQ(ProblemsOf(block.text).ErrorText(), "");
    }
  }
}

TEST(RuleDocs, EveryBadExampleIsRefusedForWhatThePageSays) {
  // In the order of the page.
  const std::vector<std::vector<std::string>> words = {
      {"seriesQuery", "metricQuery"},   // given twice, unknown
      {"prometheus", "rules"},          // values of the Helm chart
      {"did you mean \"shop\"?"},       // a backend's name
      {"quotes inside a quoted text"},  // double quotes in double quotes
      {"stackdriver: has no value"},
  };
  std::size_t bad = 0;
  for (const DocBlock& block : DocBlocksOf("docs/CONFIG.md")) {
    if (block.kind != "yaml bad") continue;
    SCOPED_TRACE("docs/CONFIG.md:" + std::to_string(block.line));
    const config::Problems problems = ProblemsOf(block.text);
    EXPECT_TRUE(problems.HasErrors());
    for (const config::Problem& problem : problems.all()) {
      EXPECT_NE(problem.message, "");
      EXPECT_THAT(problem.ToString(),
                  MatchesRegex("example:[1-9][0-9]*:[1-9][0-9]*: (.|\n)+"));
    }
    ASSERT_LT(bad, words.size());
    for (const std::string& word : words[bad++]) {
      EXPECT_THAT(problems.ErrorText(), HasSubstr(word));
    }
  }
  EXPECT_EQ(bad, words.size());
}

}  // namespace
}  // namespace sextant::rules
