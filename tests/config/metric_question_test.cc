#include "sextant/config/metric_question.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/result_matchers.h"

namespace sextant::config {
namespace {

TEST(MetricQuestion, BecomesThePathThatAnAutoscalerWouldAskFor) {
  const std::string custom = "/apis/custom.metrics.k8s.io/v1beta2";
  const std::string external = "/apis/external.metrics.k8s.io/v1beta1";
  const struct {
    std::vector<std::string> words;
    std::string namespace_;
    std::string selector;
    std::string metric_selector;
    std::string path;
  } kCases[] = {
      {{"pods/*", "gpu"}, "shop", "", "", "/namespaces/shop/pods/*/gpu"},
      {{"pods", "gpu"}, "shop", "", "", "/namespaces/shop/pods/*/gpu"},
      {{"pods/*", "gpu"},
       "shop",
       "app=web,tier in (a)",
       "code!=500",
       "/namespaces/shop/pods/*/gpu?labelSelector=app%3Dweb%2Ctier+in+%28a%29"
       "&metricLabelSelector=code%21%3D500"},
      {{"deployments.apps/web", "m"},
       "shop",
       "",
       "",
       "/namespaces/shop/deployments.apps/web/m"},
      {{"nodes/n1", "load"}, "", "", "", "/nodes/n1/load"},
      {{"namespaces/shop", "m"}, "", "", "", "/namespaces/shop/metrics/m"},
      {{"pods/a b", "x/y"}, "n", "", "", "/namespaces/n/pods/a%20b/x%2Fy"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    const auto path =
        QuestionPath(c.words, c.namespace_, c.selector, c.metric_selector);
    ASSERT_THAT(path, IsOk());
    EXPECT_EQ(*path, custom + c.path);
  }
  const std::vector<std::string> words = {"external", "queue_depth"};
  EXPECT_EQ(*QuestionPath(words, "shop", "queue=a", ""),
            external + "/namespaces/shop/queue_depth?labelSelector=queue%3Da");
}

TEST(MetricQuestion, SaysWhatToWriteInstead) {
  const struct {
    std::vector<std::string> words;
    std::string namespace_;
    std::string selector;
    std::string message;
  } kCases[] = {
      {{},
       "",
       "",
       "write RESOURCE/NAME METRIC, for example pods/* http_requests -n shop, "
       "or external METRIC -n NAMESPACE, or the path of the request"},
      {{"external", "m"},
       "",
       "",
       "external metrics are asked for in a namespace: add -n NAMESPACE"},
      {{"pods/", "m"},
       "",
       "",
       "\"pods/\" is not an object; write RESOURCE/NAME or RESOURCE/*"},
      {{"pods/web-0", "m"},
       "n",
       "app=web",
       "-l chooses among objects, and \"pods/web-0\" is one: write pods/* or "
       "leave -l out"},
      {{"namespaces/shop", "m"},
       "n",
       "",
       "a namespace lives in no other: leave -n out"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_THAT(QuestionPath(c.words, c.namespace_, c.selector, ""),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

}  // namespace
}  // namespace sextant::config
