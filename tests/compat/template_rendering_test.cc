#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

// Up to the peer's name for the type of its data, which means nothing here.
std::string WithoutTypeName(const std::string& error) {
  return error.substr(0, error.find(" in type naming."));
}

TEST(Compat, template_rendering) {
  const model::Resource pods = FindResource("pods");
  Comparison comparison("template_rendering");
  for (const Case& c : Cases("template_rendering")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.series_query.value = "m";
    rule.metrics_query.value = Text(c.node, "template");
    rule.resources.overrides = NamespaceAndPod();
    const auto compiled = CompileRule(rule);
    comparison.Expect("refused at start",
                      Has(c.node, "startup_error") ? "yes" : "no",
                      compiled ? "no" : "yes");
    if (compiled) {
      rules::QueryInput input;
      input.series = "m";
      input.resource = &pods;
      input.namespace_ = "ns";
      input.names = {"p1", "p2"};
      input.extra_group_by = {"container"};
      const Result<std::string> query = compiled->BuildQuery(input);
      if (Has(c.node, "build_error")) {
        const std::string recorded =
            WithoutTypeName(Text(c.node, "build_error"));
        comparison.Expect(
            "error", recorded,
            query ? "none" : query.error().message.substr(0, recorded.size()));
      } else {
        comparison.Expect("output", Text(c.node, "output"),
                          query ? *query : "error: " + query.error().message);
      }
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
