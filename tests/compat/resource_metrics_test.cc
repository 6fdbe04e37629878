#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "api/status.h"
#include "compat/deviations.h"
#include "compat/replay.h"
#include "compat/resource_replay.h"

namespace sextant::compat {
namespace {

using Mishap = ResourceReplay::Mishap;

constexpr auto kPods = rules::Measured::kPods;
constexpr auto kNodes = rules::Measured::kNodes;

// Those that the group's note describes.
constexpr char kRules[] = R"(
resourceRules:
  cpu:
    containerQuery: sum(rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>}[1m])) by (<<.GroupBy>>)
    nodeQuery: sum(rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>, id='/'}[1m])) by (<<.GroupBy>>)
    resources: &resources
      overrides: {namespace: {resource: namespace}, pod: {resource: pod}, instance: {resource: node}}
    containerLabel: container
  memory:
    containerQuery: sum(container_memory_working_set_bytes{<<.LabelMatchers>>}) by (<<.GroupBy>>)
    nodeQuery: sum(container_memory_working_set_bytes{<<.LabelMatchers>>,id='/'}) by (<<.GroupBy>>)
    resources: *resources
    containerLabel: container
  window: 1m
)";

void AddObject(ResourceReplay& replay, const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) {
    replay.AddNode(name);
  } else {
    const std::size_t end = name.find('/', slash + 1);
    replay.AddPod(name.substr(0, slash),
                  name.substr(slash + 1, end - slash - 1));
  }
}

// The samples of a recorded case, and their objects.
void Load(ResourceReplay& replay, const YAML::Node& one_case) {
  for (const YAML::Node& sample : one_case["cpu"]) {
    replay.AddCpu(sample.Scalar());
    AddObject(replay, sample.Scalar().substr(0, sample.Scalar().find(' ')));
  }
  for (const YAML::Node& sample : one_case["memory"]) {
    replay.AddMemory(sample.Scalar());
  }
}

std::string RecordedItems(const YAML::Node& items) {
  std::vector<std::string> lines;
  for (const YAML::Node& item : items) {
    std::string line = Text(item, Has(item, "pod") ? "pod" : "node");
    line += " @" + Text(item, "timestamp_ms") + " " + Text(item, "window");
    const auto add = [&line](const std::string& name, const YAML::Node& usage) {
      line +=
          " " + name + "=" + Text(usage, "cpu") + "/" + Text(usage, "memory");
    };
    if (Has(item, "containers")) {
      for (const auto& one : item["containers"]) {
        add(one.first.Scalar(), one.second);
      }
    } else {
      add("", item);
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return Lines(lines);
}

std::string ItemsOf(const Result<query::ResourceAnswer>& answer) {
  if (!answer) return answer.error().message;
  return Lines(Lines(*answer));
}

// "200 0 items", or the status of an error.
std::string Outcome(const Result<query::ResourceAnswer>& answer, bool list) {
  if (!answer) return std::to_string(api::StatusOf(answer.error()).code);
  if (!list && answer->items.empty()) return "404";
  return "200 " + std::to_string(answer->items.size()) + " items";
}

// The cases that are told in words, each with what it is about.
void Compare(const Case& c, Comparison& comparison) {
  const std::string name = Text(c.node, "name");
  ResourceReplay replay(kRules);
  replay.AddPod("ns", "p");
  const auto ask = [&replay] { return replay.Ask({kPods, "ns", "", {}, {}}); };
  if (name == "container present only in one of cpu/memory") {
    replay.AddCpu("ns/p/a 1");
    replay.AddCpu("ns/p/b 2");
    replay.AddMemory("ns/p/b 3");
    replay.AddMemory("ns/p/c 4");
    comparison.Expect("containers", "ns/p @0 1m0s a=1/0 b=2/3 c=0/4",
                      ItemsOf(ask()));
  } else if (name ==
             "cpu result has the pod, memory result does not (or reverse)") {
    replay.AddCpu("ns/p/a 1");
    replay.AddPod("ns", "q");
    replay.AddMemory("ns/q/a 1");
    comparison.Expect("pods", "", ItemsOf(ask()));
  } else if (name == "sample without container label") {
    replay.AddCpu("ns/p 1");
    replay.AddMemory("ns/p 2");
    comparison.Expect("containers", "ns/p @0 1m0s =1/2", ItemsOf(ask()));
  } else {
    const bool list =
        name == "Prometheus answers 500 / scalar / empty vector for list";
    EXPECT_TRUE(list || name == "same for GET of one pod") << name;
    const std::string recorded = list ? Text(c.node, "http_status") + " 0 items"
                                      : Text(c.node, "http_status");
    comparison.Expect("an empty vector", recorded, Outcome(ask(), list));
    replay.SetMishap(Mishap::kError);
    comparison.Expect("an error", recorded, Outcome(ask(), list));
    replay.SetMishap(Mishap::kScalar);
    comparison.Expect("a scalar", recorded, Outcome(ask(), list));
  }
}

TEST(Compat, resource_metrics) {
  Comparison comparison("resource_metrics");
  for (const std::string key : {"pod_cases", "node_cases"}) {
    const auto what = key == "pod_cases" ? kPods : kNodes;
    const std::vector<Case> cases = Cases("resource_metrics", key);
    for (const Case& c : cases) {
      SCOPED_TRACE(c.id);
      if (Has(c.node, "cpu")) {
        ResourceReplay replay(kRules);
        Load(replay, c.node);
        comparison.Expect("items", RecordedItems(c.node["expect"]),
                          ItemsOf(replay.Ask({what, "", "", {}, {}})));
      } else if (Has(c.node, "asked")) {
        // The samples are those of the case before it.
        ResourceReplay replay(kRules);
        Load(replay, cases.front().node);
        for (const YAML::Node& name : c.node["asked"]) {
          AddObject(replay, name.Scalar());
        }
        const auto answer = replay.Ask({what, "", "", {}, {}});
        ASSERT_TRUE(answer);
        std::vector<std::string> found;
        for (const std::string& line : Lines(*answer)) {
          const std::string name = line.substr(0, line.find(' '));
          for (const YAML::Node& asked : c.node["asked"]) {
            if (asked.Scalar() == name) found.push_back(name);
          }
        }
        const char* expected = what == kPods ? "expect_pods" : "expect_nodes";
        comparison.Expect("found", SortedLines(c.node[expected]), Lines(found));
      } else {
        Compare(c, comparison);
      }
      comparison.Finish(c);
    }
  }
}

}  // namespace
}  // namespace sextant::compat
