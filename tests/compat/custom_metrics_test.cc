#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "api/metric_list.h"
#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"
#include "sextant/base/text.h"

namespace sextant::compat {
namespace {

// "pod default/p1 app=a", "node n2", "queue.rabbitmq.example.com q
// (cluster...".
void AddObject(Replay& replay, const std::string& text) {
  const std::vector<std::string> words = Split(text, ' ');
  ASSERT_GE(words.size(), 2u) << text;
  const std::size_t slash = words[1].find('/');
  const bool namespaced = slash != std::string::npos;
  model::Labels labels;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) continue;
    labels[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  replay.AddObject(words[0], namespaced ? words[1].substr(0, slash) : "",
                   namespaced ? words[1].substr(slash + 1) : words[1], labels);
}

// The peer stamps with its own clock.
std::string WithoutTimestamps(const std::string& body) {
  return std::regex_replace(body, std::regex(R"("timestamp":"[-0-9T:]+Z")"),
                            R"("timestamp":"...")");
}

// Whole bodies, byte for byte.
void CompareBodies(const YAML::Node& bodies, Replay& replay,
                   Comparison& comparison) {
  replay.Answer(R"({"resultType":"vector","result":[)"
                R"({"metric":{"pod":"p1"},"value":[1712345678.901,"1.5"]}]})");
  const std::string metric = "http_requests_per_second";
  const Reply reply = replay.AskCustom("pods", "default", "p1", metric);
  for (const auto& entry : bodies) {
    Case c;
    const std::string version = entry.first.Scalar();
    c.id = "custom_metrics.full_body_example." + version;
    c.node["body"] = entry.second;
    const model::Selector everything;
    const std::string ours = api::CustomMetricList(
        {.version = version, .metric = metric, .metric_selector = everything},
        reply.custom);
    comparison.Expect("body", WithoutTimestamps(entry.second.Scalar() + "\n"),
                      WithoutTimestamps(ours));
    comparison.Finish(c);
  }
}

TEST(Compat, custom_metrics) {
  const YAML::Node group = Group("custom_metrics");
  Comparison comparison("custom_metrics");
  Replay replay(Text(group, "config"), RestMapper());
  for (const auto& entry : group["series"]) {
    replay.Record(entry.first.Scalar(), ReadSeries(entry.second));
  }
  for (const YAML::Node& object : group["objects"]) {
    AddObject(replay, object.Scalar());
  }
  replay.Discover();

  Case listing;
  listing.id = "custom_metrics.listing";
  listing.node["listing"] = group["listing"];
  comparison.Expect("listing", SortedLines(group["listing"]),
                    Lines(replay.Listing()));
  comparison.Finish(listing);

  CompareBodies(group["full_body_example"], replay, comparison);
  for (const Case& c : Cases("custom_metrics")) {
    SCOPED_TRACE(c.id);
    if (Has(c.node, "prometheus_data")) {
      replay.Answer(ToJson(c.node["prometheus_data"]));
    } else {
      replay.Answer(R"({"resultType":"vector","result":[]})");
    }
    const YAML::Node request = c.node["request"];
    const Reply reply = replay.AskCustom(
        Text(request, "resource"), Text(request, "namespace"),
        Text(request, "name"), Text(request, "metric"),
        Text(request, "labelSelector"), Text(request, "metricLabelSelector"));
    comparison.Expect("promql", Text(c.node, "promql"), reply.promql);
    comparison.Expect("status", Text(c.node, "http_status"),
                      std::to_string(reply.status));
    comparison.Expect("message", Text(c.node, "message"), reply.message);
    comparison.Expect("items", RecordedCustomItems(c.node["items"]),
                      Lines(reply.items));
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
