#include "query_template.h"

#include <utility>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/promql/name_in_braces.h"
#include "sextant/promql/quote.h"
#include "template_lexer.h"

namespace sextant::rules {

namespace {

constexpr const char* kFields[] = {
    "Series", "LabelMatchers", "LabelValuesByName", "GroupBy", "GroupBySlice"};

// One matcher after the other, and what they select by label.
class Matchers {
 public:
  // A matcher as it is, and the value that templates see for its label.
  void Append(const std::string& label, const std::string& matcher,
              std::string value) {
    if (!text_.empty()) text_ += ',';
    text_ += matcher;
    values_[label] = std::move(value);
  }

  void Add(const std::string& label, std::string_view op,
           const std::string& value) {
    Append(label,
           promql::QuoteLabelName(label) + std::string(op) +
               promql::QuoteValue(value),
           value);
  }

  // A set of values, as a regular expression even if it is one.
  void AddAny(const std::string& label, std::string_view op,
              const std::vector<std::string>& values) {
    std::vector<std::string> escaped;
    escaped.reserve(values.size());
    for (const std::string& value : values) {
      escaped.push_back(promql::EscapeRegex(value));
    }
    Append(label,
           promql::QuoteLabelName(label) + std::string(op) +
               promql::QuoteValue(Join(escaped, "|")),
           Join(values, "|"));
  }

  void AddNames(const std::string& label,
                const std::vector<std::string>& names) {
    if (names.empty()) {
      Add(label, "=", "");
    } else {
      Append(label, promql::NameMatcher(label, names), Join(names, "|"));
    }
  }

  Result<Done> Add(const model::Requirement& requirement) {
    using Operator = model::Requirement::Operator;
    const std::string& key = requirement.key;
    const std::vector<std::string>& values = requirement.values;
    const std::string first = values.empty() ? "" : values.front();
    switch (requirement.op) {
      case Operator::kEquals:
        Add(key, "=", first);
        return Done{};
      case Operator::kNotEquals:
        Add(key, "!=", first);
        return Done{};
      case Operator::kIn:
        AddAny(key, "=~", values);
        return Done{};
      case Operator::kNotIn:
        AddAny(key, "!~", values);
        return Done{};
      case Operator::kExists:
        Add(key, "!=", "");
        return Done{};
      case Operator::kNotExists:
        Add(key, "=", "");
        return Done{};
      case Operator::kGreater:
      case Operator::kLess:
        break;
    }
    return Error{ErrorCode::kInvalidArgument,
                 "operator not supported by prometheus: " + key +
                     (requirement.op == Operator::kGreater ? ">" : "<") + first,
                 {}};
  }

  std::string TakeText() { return std::move(text_); }
  Map TakeValues() { return std::move(values_); }

 private:
  std::string text_;
  Map values_;
};

}  // namespace

const model::Resource& NamespaceResource() {
  static const model::Resource namespaces = {
      "", "v1", "namespaces", "namespace", "Namespace", false};
  return namespaces;
}

Result<QueryData> BuildQueryData(const QueryInput& input, bool with_namespace,
                                 const LabelOf& label_of) {
  Matchers matchers;
  for (const model::Requirement& requirement : input.selector.requirements()) {
    Result<Done> added = matchers.Add(requirement);
    if (!added) return std::move(added).error();
  }
  for (const model::Requirement& requirement : input.requirements) {
    Result<Done> added = matchers.Add(requirement);
    if (!added) return std::move(added).error();
  }
  if (with_namespace && !input.namespace_.empty()) {
    Result<std::string> label = label_of(NamespaceResource());
    if (!label) return std::move(label).error();
    matchers.Add(*label, "=", input.namespace_);
  }

  QueryData data;
  data.series = input.series;
  if (input.resource != nullptr) {
    Result<std::string> label = label_of(*input.resource);
    if (!label) return std::move(label).error();
    matchers.AddNames(*label, input.names);
    data.group_by_slice.push_back(*std::move(label));
    data.group_by_slice.insert(data.group_by_slice.end(),
                               input.extra_group_by.begin(),
                               input.extra_group_by.end());
    for (const std::string& name : data.group_by_slice) {
      if (!data.group_by.empty()) data.group_by += ',';
      data.group_by += promql::QuoteLabelName(name);
    }
  }
  data.label_matchers = matchers.TakeText();
  data.label_values_by_name = matchers.TakeValues();
  return data;
}

Result<QueryTemplate> QueryTemplate::Parse(std::string_view text) {
  Result<Template> parsed = Template::Parse("metrics-query", text);
  if (!parsed) return std::move(parsed).error();
  return QueryTemplate(*std::move(parsed));
}

void QueryTemplate::Lint(config::Position at, const std::string& field,
                         const FieldReporter& report) const {
  const std::vector<std::string> known(std::begin(kFields), std::end(kFields));
  for (const FieldUse& use : template_.fields_of_data()) {
    bool is_known = false;
    for (const std::string& name : known) is_known |= name == use.name;
    if (is_known) continue;
    const auto near = NearestWord(use.name, known);
    report.Warning(
        at, field, "unknown-field",
        TemplateError(template_.text(), use.at,
                      "there is no field ." + use.name +
                          ", so every request for these metrics fails")
            .message,
        near ? "did you mean ." + *near + "?"
             : "the fields are ." + Join(known, ", ."));
  }
  for (const char* opening : {"{{.", "{{ .", "${."}) {
    for (const std::string& name : known) {
      if (template_.text().find(opening + name) == std::string::npos) continue;
      report.Warning(at, field, "foreign-template",
                     std::string(opening) + name +
                         " is no template here and goes to the backend as it "
                         "is",
                     "write <<." + name + ">>");
    }
  }
}

Result<std::string> QueryTemplate::Render(const QueryData& data) const {
  Record record;
  record.fields = {{kFields[0], data.series},
                   {kFields[1], data.label_matchers},
                   {kFields[2], data.label_values_by_name},
                   {kFields[3], data.group_by},
                   {kFields[4], data.group_by_slice}};
  Result<std::string> query = template_.Render(record);
  if (query && query->empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "empty query produced by metrics query template",
                 {}};
  }
  if (!query) return query;
  return promql::WithNameInBraces(*query, data.series);
}

}  // namespace sextant::rules
