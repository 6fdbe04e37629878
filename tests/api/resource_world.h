// The program with resourceRules alone, over a backend that knows what web-0
// and n1 use.

#pragma once

#include <string>

#include "api/world.h"

namespace sextant::api {

inline constexpr char kResourceRules[] = R"(
resourceRules:
  cpu:
    containerQuery: cpu{<<.LabelMatchers>>} by (<<.GroupBy>>)
    nodeQuery: node_cpu{<<.LabelMatchers>>}
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, node: {resource: node}}}
    containerLabel: container
  memory:
    containerQuery: mem{<<.LabelMatchers>>} by (<<.GroupBy>>)
    nodeQuery: node_mem{<<.LabelMatchers>>}
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, node: {resource: node}}}
    containerLabel: container
  window: 1m
)";

inline const std::string kRm = "/apis/metrics.k8s.io/v1beta1";

struct ResourceWorld : World {
  ResourceWorld()
      : World(LetIn, {.served = {false, false, true}}, kResourceRules) {
    AnswerPods(R"(pod=~"other|web-0|web-1")", "web-0");
    AnswerPods(R"(pod=~"web-0|web-1")", "web-0");
    AnswerPods(R"(pod="web-0")", "web-0");
    const auto node = [this](double value) {
      return Vector({{{{"node", "n1"}}, value}}, clock.Now());
    };
    backend.answers.insert({R"(node_cpu{node="n1"})", node(1.5)});
    backend.answers.insert({R"(node_mem{node="n1"})", node(1048576)});
  }

  void AnswerPods(const std::string& matcher, const std::string& pod) {
    const std::string rest =
        R"({namespace="default",)" + matcher + "} by (pod,container)";
    const model::Labels labels = {{"pod", pod}, {"container", "app"}};
    backend.answers.insert(
        {"cpu" + rest, Vector({{labels, 0.25}}, clock.Now())});
    backend.answers.insert(
        {"mem" + rest, Vector({{labels, 2048}}, clock.Now())});
  }
};

}  // namespace sextant::api
