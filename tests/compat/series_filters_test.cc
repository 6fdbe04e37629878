#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

TEST(Compat, series_filters) {
  Comparison comparison("series_filters");
  for (const Case& c : Cases("series_filters")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.name_matches.value = Text(c.node, "matches");
    for (const YAML::Node& filter : c.node["filters"]) {
      config::SeriesFilter added;
      added.is = Text(filter, "is");
      added.is_not = Text(filter, "isNot");
      rule.series_filters.push_back(added);
    }
    const auto compiled = CompileRule(rule);
    comparison.Expect("refused at start",
                      Has(c.node, "startup_error") ? "yes" : "no",
                      compiled ? "no" : "yes");
    if (compiled && Has(c.node, "kept")) {
      comparison.Expect(
          "kept", Text(c.node, "kept"),
          compiled->Accepts(Text(c.node, "series")) ? "true" : "false");
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
