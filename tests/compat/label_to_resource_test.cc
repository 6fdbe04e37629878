#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

TEST(Compat, label_to_resource) {
  Comparison comparison("label_to_resource");
  for (const Case& c : Cases("label_to_resource")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.resources.template_.value = Text(c.node, "template");
    const auto compiled = CompileRule(rule);
    if (!compiled) {
      ADD_FAILURE() << "the rule does not compile";
      continue;
    }
    const model::Resource* found =
        compiled->ResourceForLabel(Text(c.node, "label"));
    const YAML::Node recorded = c.node["resource"];
    comparison.Expect(
        "resource", recorded.IsNull() ? "none" : recorded.Scalar(),
        found == nullptr ? "none" : found->group_resource().ToString());
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
