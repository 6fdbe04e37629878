#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"
#include "sextant/base/text.h"

namespace sextant::compat {
namespace {

struct Path {
  std::string ns;
  std::string resource;
  std::string name;
  std::string metric;
  std::string selector;
};

// "namespaces/default/pods/*/m?labelSelector=app%3Dweb", "nodes/n1/m".
Path ParsePath(const std::string& text) {
  Path path;
  const std::size_t mark = text.find('?');
  std::vector<std::string> parts = Split(text.substr(0, mark), '/');
  if (parts[0] == "namespaces") {
    path.ns = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  path.resource = parts.at(0);
  path.name = parts.at(1);
  path.metric = parts.at(2);
  if (mark == std::string::npos) return path;
  for (const auto& [key, value] : ParseQueryString(text.substr(mark + 1))) {
    if (key == "labelSelector") path.selector = value;
  }
  return path;
}

// The reply with the case's samples: pod -> number.
std::string SamplesOf(const Case& c, const std::string& label) {
  YAML::Node data;
  data["resultType"] = "vector";
  data["result"] = YAML::Node(YAML::NodeType::Sequence);
  for (const auto& sample : c.node["samples"]) {
    YAML::Node row;
    row["metric"][label] = sample.first.Scalar();
    row["value"].push_back(1);
    YAML::Node number(sample.second.Scalar());
    number.SetTag("!");  // a string, as quoted text
    row["value"].push_back(number);
    data["result"].push_back(row);
  }
  return ToJson(data);
}

void RunExample(const Case& c, Comparison& comparison) {
  Replay replay(Text(c.node, "config"), RestMapper());
  const rules::Rule& rule = *replay.rules().custom.at(0);
  if (Has(c.node, "series_match")) {
    comparison.Expect("series_match", Text(c.node, "series_match"),
                      rule.series_query());
  }
  replay.Record(rule.series_query(), ReadSeries(c.node["series"]));
  replay.Discover();
  comparison.Expect("listing", SortedLines(c.node["listing"]),
                    Lines(replay.Listing()));

  const Path path = ParsePath(Text(c.node, "request"));
  if (Has(c.node, "samples")) {
    const model::Resource* resource =
        replay.rules().resources->Find("", path.resource);
    const Result<std::string> label = rule.LabelForResource(*resource);
    ASSERT_TRUE(label);
    replay.Answer(SamplesOf(c, *label));
    for (const auto& sample : c.node["samples"]) {
      replay.AddObject(path.resource, path.ns, sample.first.Scalar(),
                       {{"app", "sample-app"}});
    }
  }
  const Reply reply = replay.AskCustom(path.resource, path.ns, path.name,
                                       path.metric, path.selector);
  comparison.Expect("promql", Text(c.node, "promql"), reply.promql);
  std::vector<std::string> values;
  for (const auto& value : c.node["values"]) {
    values.push_back(CustomItem("Pod", path.ns, value.first.Scalar(), "/v1",
                                value.second.Scalar()));
  }
  comparison.Expect("values", Lines(values), Lines(reply.items));
  if (Has(c.node, "http_status")) {
    comparison.Expect("status", Text(c.node, "http_status"),
                      std::to_string(reply.status));
    comparison.Expect("message", Text(c.node, "message"), reply.message);
  }
}

// "docs/config.md rendering example": the upstream documentation has the order
// of the matchers wrong, what it does is under `actual`.
void RunRendering(const Case& c, Comparison& comparison) {
  Replay replay(R"(
rules:
- seriesQuery: 'm'
  resources: {template: '<<.Resource>>'}
  metricsQuery: '<<.LabelMatchers>> (namespace first); GroupBy <<.GroupBy>>'
)",
                RestMapper());
  model::Labels series = {{"__name__", "m"}};
  for (const YAML::Node& label : c.node["series_labels"]) {
    series[label.Scalar()] = "x";
  }
  replay.Record("m", {series});
  replay.Discover();
  ASSERT_EQ(Text(c.node, "request"), "pods pod1,pod2 in somens");
  replay.AddObject("pods", "somens", "pod1", {});
  replay.AddObject("pods", "somens", "pod2", {});
  comparison.Expect("actual", Text(c.node, "actual"),
                    replay.AskCustom("pods", "somens", "*", "m").promql);
}

// A metricsQuery without the rest of its rule.
void RunQueryAlone(const Case& c, Comparison& comparison) {
  YAML::Node rule;
  rule["seriesQuery"] = "nginx_x";
  rule["resources"]["template"] = "<<.Resource>>";
  rule["metricsQuery"] = Text(c.node, "metricsQuery");
  YAML::Node config;
  config["rules"].push_back(rule);
  Replay replay(YAML::Dump(config), RestMapper());
  replay.Record("nginx_x", {{{"__name__", "nginx_x"},
                             {"namespace", "default"},
                             {"service", "web"}}});
  replay.Discover();
  ASSERT_EQ(Text(c.node, "request"), "services web in default");
  comparison.Expect(
      "promql", Text(c.node, "promql"),
      replay.AskCustom("services", "default", "web", "nginx_x").promql);
}

TEST(Compat, docs_examples) {
  Comparison comparison("docs_examples");
  for (const Case& c : Cases("docs_examples")) {
    SCOPED_TRACE(c.id + " " + Text(c.node, "name"));
    if (Has(c.node, "config")) {
      RunExample(c, comparison);
    } else if (Has(c.node, "metricsQuery")) {
      RunQueryAlone(c, comparison);
    } else {
      RunRendering(c, comparison);
    }
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
