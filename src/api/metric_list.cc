#include "metric_list.h"

#include <map>

#include "sextant/base/json.h"
#include "sextant/base/time_text.h"
#include "sextant/model/quantity.h"

namespace sextant::api {
namespace {

using model::Requirement;
using Operator = Requirement::Operator;

void AppendExpression(std::string& out, const Requirement& requirement,
                      std::string_view name) {
  out += R"({"key":)";
  AppendJsonString(out, requirement.key);
  out += R"(,"operator":)";
  AppendJsonString(out, name);
  if (!requirement.values.empty()) {
    out += R"(,"values":[)";
    bool first = true;
    for (const std::string& value : requirement.values) {
      if (!first) out += ',';
      first = false;
      AppendJsonString(out, value);
    }
    out += ']';
  }
  out += '}';
}

// metav1.LabelSelector; null for one that selects everything.
std::string SelectorObject(const model::Selector& selector) {
  if (selector.empty()) return "null";
  std::string labels;
  std::string expressions;
  std::map<std::string_view, std::string_view> equal;
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.op == Operator::kEquals) {
      equal[requirement.key] = requirement.values.front();
      continue;
    }
    const std::string_view name = ExpressionName(requirement.op);
    if (name.empty()) continue;
    if (!expressions.empty()) expressions += ',';
    AppendExpression(expressions, requirement, name);
  }
  for (const auto& [key, value] : equal) {
    if (!labels.empty()) labels += ',';
    AppendJsonString(labels, key);
    labels += ':';
    AppendJsonString(labels, value);
  }
  std::string out = "{";
  if (!labels.empty()) out += R"("matchLabels":{)" + labels + "}";
  if (!labels.empty() && !expressions.empty()) out += ',';
  if (!expressions.empty()) {
    out += R"("matchExpressions":[)" + expressions + "]";
  }
  return out + "}";
}

// The samples of an answer have one time as a rule, written once.
class TimeText {
 public:
  const std::string& Of(TimePoint time) {
    if (text_.empty() || time != time_) text_ = FormatRfc3339(time);
    time_ = time;
    return text_;
  }

 private:
  TimePoint time_;
  std::string text_;
};

void AppendTimeAndValue(std::string& out, const std::string& time,
                        std::int64_t milli) {
  out += R"("timestamp":")";
  out += time;
  out += R"(","value":")";
  out += model::FormatMilli(milli);
  out += '"';
}

void AppendObject(std::string& out, const query::ObjectValue& value) {
  out += R"({"kind":)";
  AppendJsonString(out, value.resource.kind);
  if (!value.namespace_.empty()) {
    out += R"(,"namespace":)";
    AppendJsonString(out, value.namespace_);
  }
  out += R"(,"name":)";
  AppendJsonString(out, value.name);
  out += R"(,"apiVersion":)";
  AppendJsonString(out, value.resource.group + "/" + value.resource.version);
  out += '}';
}

std::string ListHead(std::string_view kind, std::string_view group_version) {
  std::string out = R"({"kind":")";
  out += kind;
  out += R"(","apiVersion":")";
  out += group_version;
  out += R"(","metadata":{},"items":[)";
  return out;
}

}  // namespace

// `!=` is NotIn with one value; prometheus-adapter fails on it, after
// the query.  `<` and `>` have no name, and no PromQL either: a request with
// them ends before it gets here.
std::string_view ExpressionName(Operator op) {
  switch (op) {
    case Operator::kIn:
      return "In";
    case Operator::kNotIn:
    case Operator::kNotEquals:
      return "NotIn";
    case Operator::kExists:
      return "Exists";
    case Operator::kNotExists:
      return "DoesNotExist";
    case Operator::kEquals:
    case Operator::kGreater:
    case Operator::kLess:
      break;
  }
  return "";
}

std::string CustomMetricList(const CustomListHead& head,
                             const std::vector<query::ObjectValue>& values) {
  // The parts that every item repeats are made once: an answer may have
  // thousands of items.
  const std::string selector = SelectorObject(head.metric_selector);
  std::string before_time;
  std::string after_value;
  if (head.version == "v1beta1") {
    before_time = R"(,"metricName":)";
    AppendJsonString(before_time, head.metric);
    before_time += ',';
    after_value = R"(,"selector":)" + selector + "}";
  } else {
    before_time = R"(,"metric":{"name":)";
    AppendJsonString(before_time, head.metric);
    before_time += R"(,"selector":)" + selector + "},";
    after_value = "}";
  }

  std::string out = ListHead(
      "MetricValueList", "custom.metrics.k8s.io/" + std::string(head.version));
  TimeText times;
  bool first = true;
  for (const query::ObjectValue& value : values) {
    if (!first) out += ',';
    first = false;
    out += R"({"describedObject":)";
    AppendObject(out, value);
    out += before_time;
    AppendTimeAndValue(out, times.Of(value.time), value.milli);
    out += after_value;
  }
  return out += "]}\n";
}

std::string ExternalMetricList(
    std::string_view metric, const std::vector<query::ExternalValue>& values) {
  std::string out =
      ListHead("ExternalMetricValueList", "external.metrics.k8s.io/v1beta1");
  TimeText times;
  bool first_item = true;
  for (const query::ExternalValue& value : values) {
    if (!first_item) out += ',';
    first_item = false;
    out += R"({"metricName":)";
    AppendJsonString(out, metric);
    out += R"(,"metricLabels":)";
    if (value.labels) {
      out += '{';
      bool first_label = true;
      for (const auto& [name, text] : *value.labels) {
        if (!first_label) out += ',';
        first_label = false;
        AppendJsonString(out, name);
        out += ':';
        AppendJsonString(out, text);
      }
      out += '}';
    } else {
      out += "null";
    }
    out += ',';
    AppendTimeAndValue(out, times.Of(value.time), value.milli);
    out += '}';
  }
  return out += "]}\n";
}

}  // namespace sextant::api
