#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

TEST(Compat, resource_to_label) {
  Comparison comparison("resource_to_label");
  for (const Case& c : Cases("resource_to_label")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.resources.template_.value = Text(c.node, "template");
    rule.resources.overrides = ReadOverrides(c.node["overrides"]);
    const auto compiled = CompileRule(rule);
    if (!compiled) {
      ADD_FAILURE() << "the rule does not compile";
      continue;
    }
    const Result<std::string> label =
        compiled->LabelForResource(FindResource(Text(c.node, "resource")));
    comparison.Expect("label", Text(c.node, "label"),
                      label ? *label : "error: " + label.error().message);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
