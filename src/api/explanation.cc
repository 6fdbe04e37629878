#include "explanation.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>

#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::api {
namespace {

using query::Trace;

// Writes an object or an array, commas included.
class Container {
 public:
  Container(std::string& out, char open, char close)
      : out_(out), close_(close) {
    out_ += open;
  }
  ~Container() { out_ += close_; }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  // The place for the next value of an object or an array.
  std::string& Key(std::string_view key) {
    Comma();
    AppendJsonString(out_, key);
    out_ += ':';
    return out_;
  }
  std::string& Next() {
    Comma();
    return out_;
  }

  void Text(std::string_view key, std::string_view text) {
    AppendJsonString(Key(key), text);
  }
  void Bool(std::string_view key, bool value) {
    Key(key) += value ? "true" : "false";
  }
  void List(std::string_view key, const std::vector<std::string>& texts) {
    Container list(Key(key), '[', ']');
    for (const std::string& text : texts) AppendJsonString(list.Next(), text);
  }

 private:
  void Comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  const char close_;
  bool first_ = true;
};

// As Prometheus writes it.
std::string ValueText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  return {text, end};
}

void AppendRequest(std::string& out, const Call& asked) {
  Container request(out, '{', '}');
  const bool external = asked.where.kind == RequestPath::Kind::kExternalMetric;
  request.Text("api", external ? "external" : "custom");
  if (!external) request.Text("resource", asked.where.resource);
  request.Text("namespace", asked.where.namespace_);
  if (!external) request.Text("name", asked.where.name);
  request.Text("metric", asked.where.metric);
  for (const char* selector : {"labelSelector", "metricLabelSelector"}) {
    request.Text(selector, asked.parameters.First(selector).value_or(""));
  }
}

void AppendRule(std::string& out, const Trace::Rule& rule) {
  Container object(out, '{', '}');
  object.Text("rule", rule.path);
  object.Text("seriesQuery", rule.series_query);
  object.Bool("chosen", rule.chosen);
  if (rule.chosen) object.Text("series", rule.series);
  if (!rule.label.empty()) object.Text("label", rule.label);
  object.Text("reason", rule.reason);
}

void AppendObjects(std::string& out, const Trace& trace) {
  if (!trace.objects) {
    out += "null";
    return;
  }
  Container objects(out, '{', '}');
  objects.Bool("listed", trace.objects->by_selector);
  objects.Text("selector", trace.objects->selector);
  objects.List("names", trace.objects->names);
  objects.Text("error", trace.objects->error);
}

void AppendSample(std::string& out, const Trace& trace,
                  const Trace::Sample& sample) {
  Container object(out, '{', '}');
  {
    Container labels(object.Key("labels"), '{', '}');
    for (const auto& [name, value] : sample.sample.labels) {
      labels.Text(name, value);
    }
  }
  object.Text("value", ValueText(sample.sample.value));
  object.Text("time", FormatRfc3339Millis(sample.sample.time));
  object.Text("state", query::NameOf(sample.state));
  object.Text("reason", query::Describe(trace, sample));
}

void AppendQuery(std::string& out, const Trace& trace,
                 const Trace::Query& query) {
  Container object(out, '{', '}');
  object.Text("query", query.text);
  object.Text("type", query.type);
  if (query.took) {
    object.Key("seconds") +=
        ValueText(std::chrono::duration<double>(*query.took).count());
  }
  {
    Container samples(object.Key("samples"), '[', ']');
    for (const Trace::Sample& sample : query.samples) {
      AppendSample(samples.Next(), trace, sample);
    }
  }
  object.List("warnings", query.warnings);
  object.Text("error", query.error);
}

// A request that was refused before it got to the engine has no trace.
std::string CauseOf(const Trace& trace) {
  return trace.metric.empty() ? "bad_request" : query::NameOf(trace.cause);
}

std::vector<std::string> AdviceOf(const Trace& trace) {
  if (!trace.metric.empty()) return query::Advise(trace);
  return {
      "The request is refused before any rule is looked at: mend what the "
      "message names."};
}

}  // namespace

std::string Explanation(const Call& asked, const Trace& trace,
                        const net::Response& response) {
  std::string out;
  {
    Container document(out, '{', '}');
    document.Text("path", asked.request.target);
    document.Key("status") += std::to_string(response.status);
    document.Text("cause", CauseOf(trace));
    AppendRequest(document.Key("request"), asked);
    {
      Container rules(document.Key("rules"), '[', ']');
      for (const Trace::Rule& rule : trace.rules) {
        AppendRule(rules.Next(), rule);
      }
    }
    AppendObjects(document.Key("objects"), trace);
    {
      Container queries(document.Key("queries"), '[', ']');
      for (const Trace::Query& query : trace.queries) {
        AppendQuery(queries.Next(), trace, query);
      }
    }
    document.Text("detail", trace.detail);
    document.List("advice", AdviceOf(trace));
    const std::string body = response.body ? *response.body : "null";
    document.Key("response") += Trim(body);
  }
  return out + "\n";
}

std::string HowToAskForExplain() {
  return "the parameter path is missing; write "
         "/debug/explain?path=PATH, where PATH is the percent-encoded path of "
         "a metric: /apis/custom.metrics.k8s.io/v1beta2/namespaces/NAMESPACE/"
         "pods/*/METRIC or "
         "/apis/external.metrics.k8s.io/v1beta1/namespaces/NAMESPACE/METRIC";
}

std::string WhyNotExplained(const Call& asked,
                            const std::vector<ApiGroup>& served) {
  for (const std::string_view name : {kCustomGroup, kExternalGroup}) {
    const bool is_served =
        std::any_of(served.begin(), served.end(),
                    [name](const ApiGroup& g) { return g.name == name; });
    const std::string group(name);
    if (is_served || asked.path.rfind("/apis/" + group + "/", 0) != 0) continue;
    return group + " is not served: the configuration has no " +
           (name == kCustomGroup ? "rules" : "externalRules");
  }
  if (asked.path.rfind("/apis/" + std::string(kResourceGroup) + "/", 0) == 0) {
    return "metrics.k8s.io is not explained, only custom.metrics.k8s.io and "
           "external.metrics.k8s.io; put the containerQuery or nodeQuery of "
           "resourceRules to the backend to see its samples";
  }
  return "the path " + GoQuote(asked.path) +
         " is not that of a metric; write "
         "/apis/custom.metrics.k8s.io/v1beta2/namespaces/NAMESPACE/RESOURCE/"
         "NAME/METRIC, without /namespaces/NAMESPACE for objects outside of "
         "them, or "
         "/apis/external.metrics.k8s.io/v1beta1/namespaces/NAMESPACE/METRIC";
}

}  // namespace sextant::api
