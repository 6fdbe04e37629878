#include "api/request_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sextant::api {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

Call Ask(const std::string& method, const std::string& target) {
  net::Request request;
  request.method = method;
  request.target = target;
  return ReadCall(std::move(request),
                  {{std::string(kCustomGroup), {"v1beta2", "v1beta1"}},
                   {std::string(kExternalGroup), {"v1beta1"}}});
}

// Checklist of the wire, 95.
TEST(RequestMetrics, CountsUnderTheApiServersNames) {
  const std::string custom = "/apis/custom.metrics.k8s.io/v1beta2";
  const struct {
    const char* method;
    std::string target;
    const char* labels;  // those after code, component and dry_run
  } kCases[] = {
      {"GET", custom + "/namespaces/d/pods/*/m",
       "group=\"custom.metrics.k8s.io\",resource=\"*\",scope=\"resource\","
       "subresource=\"*\",verb=\"GET\",version=\"v1beta2\""},
      {"GET", "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/m",
       "group=\"external.metrics.k8s.io\",resource=\"*\",scope=\"namespace\","
       "subresource=\"*\",verb=\"LIST\",version=\"v1beta1\""},
      {"GET", custom,
       "group=\"custom.metrics.k8s.io\",resource=\"\",scope=\"\","
       "subresource=\"/apis\",verb=\"GET\",version=\"v1beta2\""},
      {"POST", "/readyz/ping",
       "group=\"\",resource=\"\",scope=\"\",subresource=\"/readyz\","
       "verb=\"POST\",version=\"\""},
      {"BREW", "/secret",
       "group=\"\",resource=\"\",scope=\"\",subresource=\"\",verb=\"other\","
       "version=\"\""},
      {"HEAD", "/metrics",
       "group=\"\",resource=\"\",scope=\"\",subresource=\"/metrics\","
       "verb=\"GET\",version=\"\""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    obs::Metrics metrics;
    RequestMetrics counters(metrics);
    counters.Count(Ask(c.method, c.target), 200, milliseconds(30));
    counters.Count(Ask(c.method, c.target), 200, milliseconds(2000));
    const std::string text = metrics.Text();
    const std::string labels =
        std::string("component=\"\",dry_run=\"\",") + c.labels;
    EXPECT_THAT(text, HasSubstr("apiserver_request_total{code=\"200\"," +
                                labels + "} 2\n"));
    EXPECT_THAT(text, HasSubstr("apiserver_request_duration_seconds_sum{" +
                                labels + "} 2.03\n"));
    EXPECT_THAT(text, Not(HasSubstr("secret")));
  }
}

TEST(RequestMetrics, KeepStatusesApart) {
  obs::Metrics metrics;
  RequestMetrics counters(metrics);
  counters.Count(Ask("GET", "/version"), 200, milliseconds(1));
  counters.Count(Ask("GET", "/version"), 401, milliseconds(1));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("apiserver_request_total{code=\"401\","));
  EXPECT_THAT(text, HasSubstr("verb=\"GET\",version=\"\"} 2\n"));  // durations
}

TEST(RequestMetrics, ShowHowOldValuesAre) {
  obs::Metrics metrics;
  RequestMetrics counters(metrics);
  query::ExternalValue value;
  value.time = TimePoint(milliseconds(1000));
  counters.Age({value, value}, TimePoint(milliseconds(2200)));
  const std::string text = metrics.Text();
  const std::string series = "metrics_apiserver_metric_freshness_seconds";
  EXPECT_THAT(text, HasSubstr(series + "_bucket{group=\"external.metrics.k8s."
                                       "io\",le=\"1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(series + "_bucket{group=\"external.metrics.k8s."
                                       "io\",le=\"1.364\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(series + "_count{group=\"custom.metrics.k8s.io"
                                       "\"} 0\n"));
}

}  // namespace
}  // namespace sextant::api
