#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "field_reporter.h"
#include "sextant/base/result.h"
#include "sextant/config/problem.h"
#include "sextant/model/resource.h"
#include "sextant/rules/rule.h"
#include "template.h"

namespace sextant::rules {

// What the template of a query sees.
//
// label_matchers and group_by are PromQL, label names quoted where they must
// be; the map and the list hold names and values as they are.
struct QueryData {
  std::string series;
  std::string label_matchers;
  Map label_values_by_name;
  std::string group_by;
  List group_by_slice;
};

// The resource whose objects are namespaces, in every cluster.
const model::Resource& NamespaceResource();

// The label that names objects of a resource in this rule's series.
using LabelOf =
    std::function<Result<std::string>(const model::Resource& resource)>;

// The matchers of a request: those of the selector by key, the namespace's (if
// `with_namespace` and there is one), the objects'.  Nothing is merged: a
// selector on `namespace` stands beside the namespace's own matcher.
Result<QueryData> BuildQueryData(const QueryInput& input, bool with_namespace,
                                 const LabelOf& label_of);

// metricsQuery, containerQuery or nodeQuery.  Immutable.
class QueryTemplate {
 public:
  static Result<QueryTemplate> Parse(std::string_view text);

  // Warns of fields that no request will have, and of fields between the
  // delimiters of something else.
  void Lint(config::Position at, const std::string& field,
            const FieldReporter& report) const;

  // A text of no bytes is an error too.  A series whose name PromQL cannot
  // write before braces (my.metric) stands within them.
  Result<std::string> Render(const QueryData& data) const;

 private:
  explicit QueryTemplate(Template text) : template_(std::move(text)) {}

  Template template_;
};

}  // namespace sextant::rules
