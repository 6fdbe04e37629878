#include "explain_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::app {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostSamples = 20;
constexpr std::size_t kMostNames = 8;

// Documents come from a server that may be of another version: what is not
// there, or is something else, is empty.
std::string Text(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  return Harmless(found->get<std::string>());
}

const Json& At(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

bool IsTrue(const Json& object, const char* key) {
  const Json& value = At(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::size_t Count(const Json& array) {
  return array.is_array() ? array.size() : 0;
}

std::string Counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::vector<std::string> Texts(const Json& array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return texts;
  for (const Json& item : array) {
    if (item.is_string()) texts.push_back(Harmless(item.get<std::string>()));
  }
  return texts;
}

// The values of an answer.  That about one object of metrics.k8s.io is one.
std::vector<Json> Items(const Json& response) {
  std::vector<Json> all;
  const Json& items = At(response, "items");
  if (items.is_array()) all.assign(items.begin(), items.end());
  const std::string kind = Text(response, "kind");
  if (kind == "PodMetrics" || kind == "NodeMetrics") all.push_back(response);
  return all;
}

std::string Question(const Json& document) {
  const Json& request = At(document, "request");
  const std::string api = Text(request, "api");
  const std::string name = Text(request, "name");
  std::string text = "external";
  if (api != "external") {
    text = Text(request, "resource") + "/" + (name.empty() ? "*" : name);
  }
  text += " " + (api == "resource" ? "usage" : Text(request, "metric"));
  const std::string place = Text(request, "namespace");
  if (!place.empty()) text += " in namespace " + place;
  return text;
}

std::string Verdict(const Json& document, bool offline, const Painter& paint) {
  const std::string question = Question(document);
  if (offline) {
    return EndsWell(document, true)
               ? paint.Green(question + ": a query would be sent")
               : paint.Red(question + ": no query would be sent");
  }
  const Json& response = At(document, "response");
  const std::size_t items = Items(response).size();
  if (items > 0) return paint.Green(question + ": " + Counted(items, "value"));
  const std::string cause = " (" + Text(document, "cause") + ")";
  const std::string message = Text(response, "message");
  if (message.empty()) return paint.Red(question + ": no value" + cause);
  const Json& status = At(document, "status");
  return paint.Red(question + ": fails with " +
                   (status.is_number() ? status.dump() : "") + cause + ": " +
                   message);
}

// Numbers the steps of the text.
class Steps {
 public:
  explicit Steps(const Painter& paint) : paint_(paint) {}

  void Begin(const std::string& title, const std::string& text) {
    text_ += "\n" + paint_.Bold(std::to_string(++count_) + ". " + title) +
             "  " + text + "\n";
  }
  void Line(const std::string& text) { text_ += "     " + text + "\n"; }
  const std::string& text() const { return text_; }

 private:
  const Painter& paint_;
  std::string text_;
  int count_ = 0;
};

void AddRules(const Json& document, const Painter& paint, Steps& steps) {
  const Json& rules = At(document, "rules");
  if (Count(rules) == 0) return;
  const auto chosen =
      std::find_if(rules.begin(), rules.end(),
                   [](const Json& rule) { return IsTrue(rule, "chosen"); });
  if (chosen == rules.end()) {
    steps.Begin("Rule", "none of " + std::to_string(rules.size()));
  } else {
    steps.Begin("Rule", Text(*chosen, "rule") + ": " + Text(*chosen, "reason"));
    const std::string series = Text(*chosen, "seriesQuery");
    if (!series.empty()) steps.Line("seriesQuery: " + series);
  }
  for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
    if (rule == chosen) continue;
    steps.Line((IsTrue(*rule, "chosen") ? "" : paint.Dim("not ")) +
               Text(*rule, "rule") + ": " + Text(*rule, "reason"));
  }
}

void AddObjects(const Json& document, bool offline, Steps& steps) {
  const Json& objects = At(document, "objects");
  if (!IsTrue(objects, "listed")) return;
  const std::string error = Text(objects, "error");
  if (!error.empty()) {
    steps.Begin("Objects", "not listed: " + error);
    return;
  }
  std::vector<std::string> names = Texts(At(objects, "names"));
  std::string text = Counted(names.size(), "object");
  if (offline) text = "not known without a cluster, here";
  const std::string selector = Text(objects, "selector");
  if (!selector.empty()) text += " with " + selector;
  const std::size_t more =
      names.size() > kMostNames ? names.size() - kMostNames : 0;
  names.resize(names.size() - more);
  if (!names.empty()) text += ": " + Join(names, ", ");
  if (more > 0) text += " and " + std::to_string(more) + " more";
  steps.Begin("Objects", text);
}

std::string LabelsText(const Json& labels) {
  std::vector<std::string> parts;
  if (labels.is_object()) {
    for (const auto& [name, value] : labels.items()) {
      parts.push_back(Harmless(name) + "=" +
                      GoQuote(value.is_string() ? value.get<std::string>()
                                                : std::string()));
    }
  }
  return "{" + Join(parts, ", ") + "}";
}

std::string SampleText(const Json& sample, const Painter& paint) {
  const bool served = Text(sample, "state") == "value";
  const std::string fate = Text(sample, "reason");
  return LabelsText(At(sample, "labels")) + "  " + Text(sample, "value") +
         "  " + (served ? paint.Green(fate) : paint.Yellow(fate));
}

// ", after 12 ms"; empty if nobody knows.
std::string Took(const Json& query) {
  const Json& seconds = At(query, "seconds");
  if (!seconds.is_number()) return "";
  return ", after " +
         std::to_string(std::llround(seconds.get<double>() * 1000)) + " ms";
}

void AddQueries(const Json& document, bool offline, const Painter& paint,
                Steps& steps) {
  const Json& queries = At(document, "queries");
  if (Count(queries) == 0) return;
  const std::size_t parts = queries.size();
  for (std::size_t i = 0; i < parts; ++i) {
    const Json& query = queries[i];
    const std::string which = parts == 1 ? ""
                                         : " " + std::to_string(i + 1) +
                                               " of " + std::to_string(parts);
    const std::string rule = Text(query, "rule");
    steps.Begin("Query" + which, (rule.empty() ? "" : rule + ": ") +
                                     paint.Cyan(Text(query, "query")));
    if (offline) continue;
    const std::string error = Text(query, "error");
    if (!error.empty()) {
      steps.Begin("Answer" + which, paint.Red(error) + Took(query));
      continue;
    }
    const Json& samples = At(query, "samples");
    steps.Begin("Answer" + which, Text(query, "type") + ", " +
                                      Counted(Count(samples), "sample") +
                                      Took(query));
    std::size_t shown = 0;
    for (const Json& sample : samples) {
      if (shown++ == kMostSamples) {
        steps.Line("... --output=json shows them all");
        break;
      }
      steps.Line(SampleText(sample, paint));
    }
    for (const std::string& warning : Texts(At(query, "warnings"))) {
      steps.Line(paint.Yellow("warning of the backend: ") + warning);
    }
  }
}

// "cpu=250m memory=64Mi"
std::string UsageText(const Json& usage) {
  std::string text;
  for (const char* measure : {"cpu", "memory"}) {
    const std::string value = Text(usage, measure);
    if (value.empty()) continue;
    text += (text.empty() ? "" : " ") + std::string(measure) + "=" + value;
  }
  return text;
}

std::string ItemText(const Json& item) {
  const std::string owner = Text(At(item, "metadata"), "name");
  if (At(item, "usage").is_object()) {
    return owner + ": " + UsageText(At(item, "usage"));
  }
  if (At(item, "containers").is_array()) {
    std::vector<std::string> parts;
    for (const Json& container : At(item, "containers")) {
      parts.push_back(Text(container, "name") + " " +
                      UsageText(At(container, "usage")));
    }
    return owner + ": " + Join(parts, ", ");
  }
  const Json& object = At(item, "describedObject");
  const std::string value = Text(item, "value");
  if (!object.is_object()) {
    return LabelsText(At(item, "metricLabels")) + " = " + value;
  }
  return Text(object, "kind") + " " + Text(object, "name") + " = " + value;
}

void AddReply(const Json& document, Steps& steps) {
  const Json& response = At(document, "response");
  const Json& status = At(document, "status");
  const std::vector<Json> items = Items(response);
  std::string text = status.is_number() ? status.dump() : "";
  const std::string message = Text(response, "message");
  if (!message.empty()) text += " " + message;
  if (message.empty()) text += ", " + Counted(items.size(), "item");
  steps.Begin("Reply", text);
  std::size_t shown = 0;
  for (const Json& item : items) {
    if (shown++ == kMostSamples) {
      steps.Line("... --output=json shows them all");
      break;
    }
    steps.Line(ItemText(item));
  }
}

// Empty if a request was refused before the backend was asked.
std::string BackendText(const Json& document, const Painter& paint) {
  const Json& backend = At(document, "backend");
  const std::string title = Text(backend, "title");
  const std::string why = Text(backend, "why");
  if (title.empty()) return "";
  const std::string name = Text(backend, "name");
  return paint.Dim("backend: " + (name.empty() ? "" : name + ", ") + title +
                   (why.empty() ? "" : ", as " + why)) +
         "\n";
}

}  // namespace

bool EndsWell(const Json& document, bool offline) {
  if (offline) return Count(At(document, "queries")) > 0;
  return !Items(At(document, "response")).empty();
}

std::string ExplainText(const Json& document, bool offline,
                        const Painter& paint) {
  std::string text = Verdict(document, offline, paint) + "\n";
  if (!offline) text += BackendText(document, paint);
  Steps steps(paint);
  AddRules(document, paint, steps);
  AddObjects(document, offline, steps);
  AddQueries(document, offline, paint, steps);
  if (!offline) AddReply(document, steps);
  text += steps.text();
  const std::vector<std::string> advice = Texts(At(document, "advice"));
  if (advice.empty() || offline) return text;
  text += "\n" + paint.Bold("What to do next") + "\n";
  for (const std::string& line : advice) text += "  - " + line + "\n";
  return text;
}

}  // namespace sextant::app
