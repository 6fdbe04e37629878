#include "api/metric_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::api {
namespace {

// 2026-01-02T01:04:05.678Z
constexpr TimePoint kTime{std::chrono::milliseconds(1767315845678)};

const model::Resource kPods{"", "v1", "pods", "pod", "Pod", true};
const model::Resource kNodes{"", "v1", "nodes", "node", "Node", false};
const model::Resource kDeployments{"apps",       "v1",         "deployments",
                                   "deployment", "Deployment", true};

model::Selector Select(const char* text) {
  Result<model::Selector> selector = model::Selector::Parse(text);
  EXPECT_THAT(selector, IsOk());
  return selector ? *std::move(selector) : model::Selector();
}

TEST(MetricList, WritesV1Beta1) {
  EXPECT_EQ(
      CustomMetricList({"v1beta1", "http_requests", Select("")},
                       {{kPods, "default", "web-0", kTime, 1500},
                        {kDeployments, "default", "web", kTime, 0}}),
      R"({"kind":"MetricValueList","apiVersion":"custom.metrics.k8s.io/v1beta1")"
      R"(,"metadata":{},"items":[{"describedObject":{"kind":"Pod","namespace":)"
      R"("default","name":"web-0","apiVersion":"/v1"},"metricName":)"
      R"("http_requests","timestamp":"2026-01-02T01:04:05Z","value":"1500m",)"
      R"("selector":null},{"describedObject":{"kind":"Deployment","namespace":)"
      R"("default","name":"web","apiVersion":"apps/v1"},"metricName":)"
      R"("http_requests","timestamp":"2026-01-02T01:04:05Z","value":"0",)"
      R"("selector":null}]})"
      "\n");
}

TEST(MetricList, WritesV1Beta2) {
  EXPECT_EQ(
      CustomMetricList({"v1beta2", "load|avg", Select("verb=GET")},
                       {{kNodes, "", "n1", kTime, 1000000}}),
      R"({"kind":"MetricValueList","apiVersion":"custom.metrics.k8s.io/v1beta2")"
      R"(,"metadata":{},"items":[{"describedObject":{"kind":"Node","name":"n1",)"
      R"("apiVersion":"/v1"},"metric":{"name":"load|avg","selector":)"
      R"({"matchLabels":{"verb":"GET"}}},"timestamp":"2026-01-02T01:04:05Z",)"
      R"("value":"1k"}]})"
      "\n");
}

TEST(MetricList, WritesAnEmptyListAsOne) {
  EXPECT_EQ(
      CustomMetricList({"v1beta1", "m", Select("a=b")}, {}),
      R"({"kind":"MetricValueList","apiVersion":"custom.metrics.k8s.io/v1beta1")"
      R"(,"metadata":{},"items":[]})"
      "\n");
  EXPECT_EQ(ExternalMetricList("m", {}),
            R"({"kind":"ExternalMetricValueList","apiVersion":)"
            R"("external.metrics.k8s.io/v1beta1","metadata":{},"items":[]})"
            "\n");
}

TEST(MetricList, EchoesTheSelectorAsAnObject) {
  const struct {
    const char* text;
    const char* object;
  } kCases[] = {
      {"", "null"},
      {"a=b", R"({"matchLabels":{"a":"b"}})"},
      {"b==2,a=", R"({"matchLabels":{"a":"","b":"2"}})"},
      {"a=1,a=2", R"({"matchLabels":{"a":"2"}})"},
      {"verb=GET,code in (201,200)",
       R"({"matchLabels":{"verb":"GET"},"matchExpressions":[)"
       R"({"key":"code","operator":"In","values":["200","201"]}]})"},
      {"code notin (500),code in (500,200),code",
       R"({"matchExpressions":[)"
       R"({"key":"code","operator":"NotIn","values":["500"]},)"
       R"({"key":"code","operator":"In","values":["200","500"]},)"
       R"({"key":"code","operator":"Exists"}]})"},
      {"!x", R"({"matchExpressions":[{"key":"x","operator":"DoesNotExist"}]})"},
      {"a!=b",
       R"({"matchExpressions":[{"key":"a","operator":"NotIn","values":["b"]}]})"},
      {"a,a=b", R"({"matchLabels":{"a":"b"},)"
                R"("matchExpressions":[{"key":"a","operator":"Exists"}]})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const std::string list = CustomMetricList({"v1beta1", "m", Select(c.text)},
                                              {{kNodes, "", "n", kTime, 1}});
    EXPECT_THAT(list, testing::HasSubstr(std::string(R"("selector":)") +
                                         c.object + "}]}"));
  }
}

TEST(MetricList, WritesExternalMetrics) {
  EXPECT_EQ(
      ExternalMetricList(
          "queue_messages_ready",
          {{model::Labels{{"q", "42"}, {"a<b", "\xff\""}}, kTime, 42000},
           {model::Labels{}, kTime, -1500},
           {std::nullopt, kTime, 1}}),
      R"({"kind":"ExternalMetricValueList","apiVersion":)"
      R"("external.metrics.k8s.io/v1beta1","metadata":{},"items":[)"
      R"({"metricName":"queue_messages_ready","metricLabels":)"
      R"({"a\u003cb":"\ufffd\"","q":"42"},"timestamp":"2026-01-02T01:04:05Z",)"
      R"("value":"42"},{"metricName":"queue_messages_ready","metricLabels":{},)"
      R"("timestamp":"2026-01-02T01:04:05Z","value":"-1500m"},)"
      R"({"metricName":"queue_messages_ready","metricLabels":null,)"
      R"("timestamp":"2026-01-02T01:04:05Z","value":"1m"}]})"
      "\n");
}

}  // namespace
}  // namespace sextant::api
