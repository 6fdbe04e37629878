#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"
#include "rules/query_template.h"

namespace sextant::compat {
namespace {

// The cases know no mapping: a label is called as its resource.
Result<std::string> ExternalLabel(const model::Resource& resource) {
  return resource.plural;
}

TEST(Compat, metrics_query_build_external) {
  Comparison comparison("metrics_query_build_external");
  for (const Case& c : Cases("metrics_query_build_external")) {
    SCOPED_TRACE(c.id);
    rules::QueryInput input;
    input.series = Text(c.node, "series");
    input.namespace_ = Text(c.node, "namespace");
    auto selector = model::Selector::Parse(Text(c.node, "metric_selector"));
    if (!selector) {
      ADD_FAILURE() << selector.error().message;
      continue;
    }
    input.selector = *selector;
    const bool namespaced = Text(c.node, "namespaced") != "false";

    auto query = rules::QueryTemplate::Parse(Text(c.node, "template"));
    auto data = rules::BuildQueryData(input, namespaced, ExternalLabel);
    if (!query || !data) {
      ADD_FAILURE() << "no query";
      continue;
    }
    // Requests leave them empty; the cases do not.
    data->group_by = Text(c.node, "group_by");
    data->group_by_slice = Texts(c.node, "group_by_slice");
    const Result<std::string> text = query->Render(*data);
    comparison.Expect("query", Text(c.node, "query"),
                      text ? *text : "error: " + text.error().message);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
