#include "explanation.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

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
  using Kind = RequestPath::Kind;
  Container request(out, '{', '}');
  if (asked.where.kind == Kind::kResourceList ||
      asked.where.kind == Kind::kResourceItem) {
    request.Text("api", "resource");
    request.Text("resource", asked.where.resource);
    request.Text("namespace", asked.where.namespace_);
    request.Text("name", asked.where.name);
    for (const char* selector : {"labelSelector", "fieldSelector"}) {
      request.Text(selector, asked.parameters.First(selector).value_or(""));
    }
    return;
  }
  const bool external = asked.where.kind == Kind::kExternalMetric;
  request.Text("api", external ? "external" : "custom");
  if (!external) request.Text("resource", asked.where.resource);
  request.Text("namespace", asked.where.namespace_);
  if (!external) request.Text("name", asked.where.name);
  request.Text("metric", asked.where.metric);
  for (const char* selector : {"labelSelector", "metricLabelSelector"}) {
    request.Text(selector, asked.parameters.First(selector).value_or(""));
  }
}

void AppendBackend(std::string& out, const Trace::Backend& backend) {
  if (backend.dialect.empty()) {
    out += "null";
    return;
  }
  Container object(out, '{', '}');
  if (backend.name != "default") object.Text("name", backend.name);
  object.Text("dialect", backend.dialect);
  object.Text("title", backend.title);
  object.Text("why", backend.why);
}

void AppendRule(std::string& out, const Trace::Rule& rule) {
  Container object(out, '{', '}');
  object.Text("rule", rule.path);
  // Resource rules have none.
  const bool of_series = !rule.series_query.empty();
  if (of_series) object.Text("seriesQuery", rule.series_query);
  object.Bool("chosen", rule.chosen);
  if (rule.chosen && of_series) object.Text("series", rule.series);
  if (!rule.label.empty()) object.Text("label", rule.label);
  object.Text("reason", rule.reason);
}

void AppendObjects(std::string& out, const std::optional<Trace::Objects>& all) {
  if (!all) {
    out += "null";
    return;
  }
  Container objects(out, '{', '}');
  objects.Bool("listed", all->by_selector);
  objects.Text("selector", all->selector);
  objects.List("names", all->names);
  objects.Text("error", all->error);
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
                 const Trace::Query& query, std::string_view rule) {
  Container object(out, '{', '}');
  if (!rule.empty()) object.Text("rule", rule);
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

constexpr char kBadRequest[] = "bad_request";

// A request that was refused before it got to the engine has no trace.
std::vector<std::string> AdviceOnBadRequest() {
  return {
      "The request is refused before any rule is looked at: mend what the "
      "message names."};
}

// What there is to say of a request, of whichever API.
struct Story {
  std::string cause;
  Trace::Backend backend;
  std::vector<const Trace*> parts;  // their rules and queries
  std::optional<Trace::Objects> objects;
  std::string detail;
  std::vector<std::string> advice;
  bool queries_name_rules = false;  // there may be several
};

std::string Tell(const Call& asked, const Story& story,
                 const net::Response& response) {
  std::string out;
  {
    Container document(out, '{', '}');
    document.Text("path", asked.request.target);
    document.Key("status") += std::to_string(response.status);
    document.Text("cause", story.cause);
    AppendRequest(document.Key("request"), asked);
    AppendBackend(document.Key("backend"), story.backend);
    {
      Container rules(document.Key("rules"), '[', ']');
      std::set<std::string_view> told;
      for (const Trace* part : story.parts) {
        for (const Trace::Rule& rule : part->rules) {
          if (told.insert(rule.path).second) AppendRule(rules.Next(), rule);
        }
      }
    }
    AppendObjects(document.Key("objects"), story.objects);
    {
      Container queries(document.Key("queries"), '[', ']');
      for (const Trace* part : story.parts) {
        const std::string rule =
            story.queries_name_rules ? part->rules.front().path : std::string();
        for (const Trace::Query& query : part->queries) {
          AppendQuery(queries.Next(), *part, query, rule);
        }
      }
    }
    document.Text("detail", story.detail);
    document.List("advice", story.advice);
    const std::string body = response.body ? *response.body : "null";
    document.Key("response") += Trim(body);
  }
  return out + "\n";
}

}  // namespace

std::string Explanation(const Call& asked, const Trace& trace,
                        const net::Response& response) {
  const bool asked_engine = !trace.metric.empty();
  Story story;
  story.cause = asked_engine ? query::NameOf(trace.cause) : kBadRequest;
  story.backend = trace.backend;
  story.parts.push_back(&trace);
  story.objects = trace.objects;
  story.detail = trace.detail;
  story.advice = asked_engine ? query::Advise(trace) : AdviceOnBadRequest();
  return Tell(asked, story, response);
}

std::string Explanation(const Call& asked, const query::ResourceTrace& trace,
                        const net::Response& response) {
  Story story;
  story.cause = trace.asked ? query::NameOf(trace.cause) : kBadRequest;
  story.backend = trace.backend;
  for (const Trace& question : trace.questions) {
    story.parts.push_back(&question);
  }
  story.objects = trace.objects;
  story.detail = trace.detail;
  story.advice = trace.asked ? query::Advise(trace) : AdviceOnBadRequest();
  story.queries_name_rules = true;
  return Tell(asked, story, response);
}

std::string HowToAskForExplain() {
  return "the parameter path is missing; write "
         "/debug/explain?path=PATH, where PATH is the percent-encoded path of "
         "a metric: /apis/custom.metrics.k8s.io/v1beta2/namespaces/NAMESPACE/"
         "pods/*/METRIC, "
         "/apis/external.metrics.k8s.io/v1beta1/namespaces/NAMESPACE/METRIC or "
         "/apis/metrics.k8s.io/v1beta1/namespaces/NAMESPACE/pods";
}

std::string WhyNotExplained(const Call& asked,
                            const std::vector<ApiGroup>& served) {
  constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
      {kCustomGroup, "rules"},
      {kExternalGroup, "externalRules"},
      {kResourceGroup, "resourceRules"}};
  for (const auto& group : kGroups) {
    const std::string name(group.first);
    const bool is_served =
        std::any_of(served.begin(), served.end(),
                    [&name](const ApiGroup& g) { return g.name == name; });
    if (is_served || asked.path.rfind("/apis/" + name + "/", 0) != 0) continue;
    return name + " is not served: the configuration has no " +
           std::string(group.second);
  }
  return "the path " + GoQuote(asked.path) +
         " is not that of a metric; write "
         "/apis/custom.metrics.k8s.io/v1beta2/namespaces/NAMESPACE/RESOURCE/"
         "NAME/METRIC, without /namespaces/NAMESPACE for objects outside of "
         "them, or "
         "/apis/external.metrics.k8s.io/v1beta1/namespaces/NAMESPACE/METRIC, "
         "or "
         "/apis/metrics.k8s.io/v1beta1/namespaces/NAMESPACE/pods[/NAME] or "
         ".../v1beta1/nodes[/NAME]";
}

}  // namespace sextant::api
