#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"
#include "sextant/base/text.h"

namespace sextant::compat {
namespace {

// "namespace->namespaces, pod->pods (no node mapping, no template)"
YAML::Node OverridesInWords(const std::string& words) {
  YAML::Node map(YAML::NodeType::Map);
  for (const std::string& part :
       Split(words.substr(0, words.find(" (")), ',')) {
    const std::size_t arrow = part.find("->");
    if (arrow == std::string::npos) continue;
    map[std::string(Trim(part.substr(0, arrow)))] =
        std::string(Trim(part.substr(arrow + 2)));
  }
  return map;
}

TEST(Compat, resource_label_only) {
  Comparison comparison("resource_label_only");
  for (const Case& c : Cases("resource_label_only")) {
    SCOPED_TRACE(c.id);
    config::Rule rule;
    rule.metrics_query.value = "<<.LabelMatchers>>";
    rule.resources.overrides =
        ReadOverrides(OverridesInWords(Text(c.node, "overrides")));
    const auto compiled = CompileRule(rule);
    if (!compiled) {
      ADD_FAILURE() << "the rule does not compile";
      continue;
    }
    const model::Resource resource = FindResource(Text(c.node, "resource"));
    rules::QueryInput input;
    input.resource = &resource;
    input.namespace_ = Text(c.node, "namespace");
    input.names = Texts(c.node, "names");
    const Result<std::string> query = compiled->BuildQuery(input);
    comparison.Expect("matchers", Text(c.node, "matchers"),
                      query ? *query : "");
    comparison.Expect("error", Text(c.node, "build_error"),
                      query ? "" : query.error().message);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
