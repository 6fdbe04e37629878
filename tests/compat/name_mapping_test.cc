#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

TEST(Compat, name_mapping) {
  Comparison comparison("name_mapping");
  for (const Case& c : Cases("name_mapping")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.name_matches.value = Text(c.node, "matches");
    rule.name_as.value = Text(c.node, "as");
    const auto compiled = CompileRule(rule);
    if (!compiled) {
      ADD_FAILURE() << "the rule does not compile";
      continue;
    }
    // A name that does not match is an error there and no name here, where the
    // filter has taken the series out before.
    const std::string series = Text(c.node, "series");
    comparison.Expect("passes_filter", Text(c.node, "passes_filter"),
                      compiled->Accepts(series) ? "true" : "false");
    comparison.Expect("api_name", Text(c.node, "api_name"),
                      compiled->MetricName(series));
    EXPECT_TRUE(!compiled->Accepts(series) ||
                compiled->MayProduce(compiled->MetricName(series)));
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
