#include <gtest/gtest.h>

#include "api/metric_list.h"
#include "compat/deviations.h"
#include "compat/fixtures.h"
#include "compat/replay.h"
#include "sextant/promql/selector.h"

namespace sextant::compat {
namespace {

TEST(Compat, external_metrics) {
  const YAML::Node group = Group("external_metrics");
  Comparison comparison("external_metrics");
  Replay replay(Text(group, "config"), RestMapper());
  // "every seriesQuery matched one series"; each names it.
  for (const auto& rule : replay.rules().external) {
    const auto selector = promql::SeriesSelector::Parse(rule->series_query());
    ASSERT_TRUE(selector && selector->metric_name()) << rule->series_query();
    replay.Record(rule->series_query(),
                  {{{"__name__", *selector->metric_name()}}});
  }
  replay.Discover();
  EXPECT_EQ(Lines(replay.Listing()), SortedLines(group["listing"]));

  // A whole body, byte for byte; the timestamps are those of the samples.
  replay.Answer(R"({"resultType":"vector","result":[)"
                R"({"metric":{"__name__":"queue_depth","name":"a"},)"
                R"("value":[1712345678.901,"1.5"]},)"
                R"({"metric":{},"value":[1712345678.901,"2"]}]})");
  Case body;
  body.id = "external_metrics.full_body_example";
  body.node["body"] = group["full_body_example"];
  comparison.Expect("body", Text(body.node, "body") + "\n",
                    api::ExternalMetricList(
                        "queue_depth",
                        replay.AskExternal("default", "queue_depth").external));
  comparison.Finish(body);

  for (const Case& c : Cases("external_metrics")) {
    SCOPED_TRACE(c.id);
    if (Has(c.node, "prometheus_data")) {
      replay.Answer(ToJson(c.node["prometheus_data"]));
    }
    const YAML::Node request = c.node["request"];
    const Reply reply =
        replay.AskExternal(Text(request, "namespace"), Text(request, "metric"),
                           Text(request, "labelSelector"));
    comparison.Expect("promql", Text(c.node, "promql"), reply.promql);
    comparison.Expect("status", Text(c.node, "http_status"),
                      std::to_string(reply.status));
    comparison.Expect("message", Text(c.node, "message"), reply.message);
    comparison.Expect("items", RecordedExternalItems(c.node["items"]),
                      Lines(reply.items));
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
