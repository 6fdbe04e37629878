#include "api/metric_protobuf.h"

#include <gtest/gtest.h>

#include <string>

#include "api/hex.h"
#include "api/protobuf.h"

namespace sextant::api {
namespace {

using P = ProtoMessage;

const TimePoint kThen = TimePoint(std::chrono::seconds(1000));

P Time(std::int64_t seconds) { return P().Integer(1, seconds).Integer(2, 0); }
P Entry(const std::string& key, const std::string& value) {
  return P().Text(1, key).Text(2, value);
}
P Quantity(const std::string& text) { return P().Text(1, text); }
P Used(const std::string& name, const std::string& quantity) {
  return P().Text(1, name).Message(2, Quantity(quantity));
}

// The fields are those of Kubernetes' own descriptions (kubernetes-wire 5.3).
TEST(MetricProtobuf, WritesCustomMetricsInBothVersions) {
  const model::Resource pods = {"", "v1", "pods", "pod", "Pod", true};
  const std::vector<query::ObjectValue> values = {
      {pods, "default", "web-0", kThen, 1500}};
  const P reference = P().Text(1, "Pod")
                          .Text(2, "default")
                          .Text(3, "web-0")
                          .Text(4, "")
                          .Text(5, "/v1")
                          .Text(6, "")
                          .Text(7, "");
  const auto selector = *model::Selector::Parse("verb=GET,code in (200,201),x");
  const P selector_message =
      P().Message(1, Entry("verb", "GET"))
          .Message(2, P().Text(1, "code").Text(2, "In").Text(3, "200").Text(
                          3, "201"))
          .Message(2, P().Text(1, "x").Text(2, "Exists"));

  const P first = P().Message(1, reference)
                      .Text(2, "m")
                      .Message(3, Time(1000))
                      .Message(5, Quantity("1500m"))
                      .Message(6, selector_message);
  EXPECT_EQ(
      Hex(CustomMetricProtobuf({"v1beta1", "m", selector}, values)),
      Hex(KubernetesProtobuf("custom.metrics.k8s.io/v1beta1", "MetricValueList",
                             P().Message(1, ListMeta()).Message(2, first))));

  const P second =
      P().Message(1, reference)
          .Message(2, P().Text(1, "m").Message(2, selector_message))
          .Message(3, Time(1000))
          .Message(5, Quantity("1500m"));
  EXPECT_EQ(
      Hex(CustomMetricProtobuf({"v1beta2", "m", selector}, values)),
      Hex(KubernetesProtobuf("custom.metrics.k8s.io/v1beta2", "MetricValueList",
                             P().Message(1, ListMeta()).Message(2, second))));

  const P plain = P().Message(1, reference)
                      .Text(2, "m")
                      .Message(3, Time(1000))
                      .Message(5, Quantity("1500m"));
  EXPECT_EQ(
      Hex(CustomMetricProtobuf({"v1beta1", "m", {}}, values)),
      Hex(KubernetesProtobuf("custom.metrics.k8s.io/v1beta1", "MetricValueList",
                             P().Message(1, ListMeta()).Message(2, plain))));
}

TEST(MetricProtobuf, WritesExternalMetrics) {
  const std::vector<query::ExternalValue> values = {
      {model::Labels{{"a", "x"}, {"q", "42"}}, kThen, 42000},
      {std::nullopt, kThen, -1500}};
  const P labelled = P().Text(1, "queue")
                         .Message(2, Entry("a", "x"))
                         .Message(2, Entry("q", "42"))
                         .Message(3, Time(1000))
                         .Message(5, Quantity("42"));
  const P scalar = P().Text(1, "queue")
                       .Message(3, Time(1000))
                       .Message(5, Quantity("-1500m"));
  EXPECT_EQ(
      Hex(ExternalMetricProtobuf("queue", values)),
      Hex(KubernetesProtobuf(
          "external.metrics.k8s.io/v1beta1", "ExternalMetricValueList",
          P().Message(1, ListMeta()).Message(2, labelled).Message(2, scalar))));
}

TEST(MetricProtobuf, WritesWhatPodsAndNodesUse) {
  const ResourceHead pods = {"v1", rules::Measured::kPods,
                             std::chrono::seconds(90),
                             TimePoint(std::chrono::seconds(1004))};
  const query::ResourceUsage pod = {
      {{"shop", "web-0"}, {{"app", "web"}}},
      kThen,
      {{"a", 250, 104857600000}, {"b", std::nullopt, 0}}};
  const P pod_message =
      P().Message(1, P().Text(1, "web-0")
                         .Text(3, "shop")
                         .Message(8, Time(1004))
                         .Message(11, Entry("app", "web")))
          .Message(2, Time(1000))
          .Message(3, P().Integer(1, 90000000000))
          .Message(4, P().Text(1, "a")
                          .Message(2, Used("cpu", "250m"))
                          .Message(2, Used("memory", "100Mi")))
          .Message(4, P().Text(1, "b").Message(2, Used("memory", "0")));
  EXPECT_EQ(
      Hex(ResourceItemProtobuf(pods, pod)),
      Hex(KubernetesProtobuf("metrics.k8s.io/v1", "PodMetrics", pod_message)));
  EXPECT_EQ(Hex(ResourceListProtobuf(pods, {pod})),
            Hex(KubernetesProtobuf(
                "metrics.k8s.io/v1", "PodMetricsList",
                P().Message(1, ListMeta()).Message(2, pod_message))));

  ResourceHead nodes = pods;
  nodes.what = rules::Measured::kNodes;
  const query::ResourceUsage node = {{{"", "n1"}, {}}, kThen, {{"", 7, 8000}}};
  const P node_message =
      P().Message(1, P().Text(1, "n1").Text(3, "").Message(8, Time(1004)))
          .Message(2, Time(1000))
          .Message(3, P().Integer(1, 90000000000))
          .Message(4, Used("cpu", "7m"))
          .Message(4, Used("memory", "8"));
  EXPECT_EQ(Hex(ResourceItemProtobuf(nodes, node)),
            Hex(KubernetesProtobuf("metrics.k8s.io/v1", "NodeMetrics",
                                   node_message)));
}

}  // namespace
}  // namespace sextant::api
