#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/rule_support.h"
#include "rules/query_template.h"

namespace sextant::compat {
namespace {

// The cases know no mapping: a label is called as its resource.
Result<std::string> LabelIsResource(const model::Resource& resource) {
  return resource.plural;
}

TEST(Compat, metrics_query_build) {
  Comparison comparison("metrics_query_build");
  for (const Case& c : Cases("metrics_query_build")) {
    SCOPED_TRACE(c.id);
    const auto target = model::GroupResource::Parse(Text(c.node, "resource"));
    model::Resource resource;
    resource.group = target.group;
    resource.plural = target.resource;

    rules::QueryInput input;
    input.series = Text(c.node, "series");
    if (Has(c.node, "resource")) input.resource = &resource;
    input.namespace_ = Text(c.node, "namespace");
    input.names = Texts(c.node, "names");
    input.extra_group_by = Texts(c.node, "extra_group_by");

    auto query = rules::QueryTemplate::Parse(Text(c.node, "template"));
    auto data = rules::BuildQueryData(input, true, LabelIsResource);
    if (!query || !data) {
      ADD_FAILURE() << "no query";
      continue;
    }
    const Result<std::string> text = query->Render(*data);
    comparison.Expect("query", Text(c.node, "query"),
                      text ? *text : "error: " + text.error().message);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
