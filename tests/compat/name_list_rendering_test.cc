#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"

namespace sextant::compat {
namespace {

TEST(Compat, name_list_rendering) {
  const model::Resource pods = FindResource("pods");
  Comparison comparison("name_list_rendering");
  for (const Case& c : Cases("name_list_rendering")) {
    SCOPED_TRACE(c.id);
    rules::QueryInput input;
    input.resource = &pods;
    input.namespace_ = "ns";
    input.names = Texts(c.node, "names");
    for (const auto& [what, query] :
         {std::pair("matchers", "<<.LabelMatchers>>"),
          std::pair("values_by_name_pod",
                    "<<index .LabelValuesByName \"pod\">>")}) {
      config::Rule rule;
      rule.metrics_query.value = query;
      rule.resources.overrides = NamespaceAndPod();
      const auto compiled = CompileRule(rule);
      if (!compiled) {
        ADD_FAILURE() << "the rule does not compile";
        continue;
      }
      const Result<std::string> text = compiled->BuildQuery(input);
      comparison.Expect(what, Text(c.node, what),
                        text ? *text : "error: " + text.error().message);
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
