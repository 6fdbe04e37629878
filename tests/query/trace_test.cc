#include "sextant/query/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "world.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRules[] = R"(
rules:
- seriesQuery: 'hits_total{namespace!="",pod!=""}'
  resources: {template: '<<.Resource>>'}
  name: {matches: '^(.*)_total$', as: '${1}_per_second'}
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
- seriesQuery: 'hits_total{container!=""}'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  name: {as: 'container_hits'}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
- seriesQuery: '{__name__=~"^gpu_.*"}'
  seriesFilters: [{isNot: '_total$'}]
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: 'avg(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
externalRules:
- seriesQuery: 'queue_depth'
  resources: {namespaced: false}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
)";

CustomRequest Pods(const std::string& name, const std::string& metric) {
  CustomRequest request;
  request.resource = "pods";
  request.namespace_ = "shop";
  request.name = name;
  request.metric = metric;
  return request;
}

Trace Explain(World& world, CustomRequest request) {
  Trace trace;
  const auto started = LaunchTask(
      world.loop,
      world.engine.Custom(std::move(request),
                          world.clock.Now() + std::chrono::seconds(9), &trace));
  EXPECT_TRUE(started.Ended());
  return trace;
}

TEST(Trace, ShowsTheRuleTheQueryAndWhatBecameOfEverySample) {
  World world(kRules);
  world.backend.series = {{{"__name__", "hits_total"},
                           {"namespace", "shop"},
                           {"pod", "web-0"},
                           {"container", "c"}}};
  world.lister.names = std::vector<std::string>{"web-0", "web-1"};
  world.backend.answer_to_others =
      Vector({{{{"pod", "web-0"}}, 1},
              {{{"pod", "web-0"}}, 2},
              {{}, 3},
              {{{"pod", "other"}}, 4},
              {{{"pod", "web-1"}}, std::numeric_limits<double>::infinity()}});
  CustomRequest request = Pods("*", "hits_per_second");
  request.object_selector = *model::Selector::Parse("app=web");
  const Trace trace = Explain(world, std::move(request));

  EXPECT_EQ(trace.cause, Cause::kValue);
  EXPECT_EQ(trace.resource, "pods");
  ASSERT_EQ(trace.rules.size(), 3u);
  EXPECT_TRUE(trace.rules[0].chosen);
  EXPECT_EQ(trace.rules[0].reason,
            "its series hits_total is this metric of pods, by the label "
            "\"pod\"");
  EXPECT_EQ(trace.rules[1].reason, "its name.as can give no metric this name");
  EXPECT_EQ(trace.rules[2].reason,
            "no series fits its seriesQuery: none has such a name");
  EXPECT_EQ(trace.objects->selector, "app=web");
  EXPECT_THAT(trace.objects->names, ElementsAre("web-0", "web-1"));
  ASSERT_EQ(trace.queries.size(), 1u);
  EXPECT_EQ(trace.queries[0].text,
            "sum(rate(hits_total{namespace=\"shop\",pod=~\"web-0|web-1\"}[2m]))"
            " by (pod)");
  EXPECT_EQ(trace.queries[0].type, "vector");
  std::vector<std::string> fates;
  for (const Trace::Sample& sample : trace.queries[0].samples) {
    fates.push_back(Describe(trace, sample));
  }
  EXPECT_THAT(
      fates,
      ElementsAre("left out: a later sample of the same object is served",
                  "served", "left out: no label \"pod\"",
                  "left out: its \"pod\" is no object that was asked for",
                  "left out: infinite"));
  const std::vector<std::string> advice = Advise(trace);
  ASSERT_EQ(advice.size(), 3u);
  EXPECT_EQ(advice[0],
            "Samples come without the label \"pod\", so nobody can say whose "
            "they are: let rules[0].metricsQuery end in `by (<<.GroupBy>>)`.");
}

TEST(Trace, ShowsHowANativeHistogramBecomesANumber) {
  World world(kRules);
  world.backend.series = {
      {{"__name__", "gpu_seconds"}, {"namespace", "shop"}, {"pod", "web-0"}}};
  world.lister.names = std::vector<std::string>{"web-0", "web-1"};
  // As Prometheus answers it beside a series that has a value.
  world.backend.answer_to_others =
      Vector({{{{"pod", "web-0"}}, 0}, {{{"pod", "web-1"}}, 1}});
  world.backend.answer_to_others->samples[0].native_histogram = true;
  for (const bool one_more : {true, false}) {
    SCOPED_TRACE(one_more);
    if (!one_more) world.backend.answer_to_others->samples.pop_back();
    const Trace trace = Explain(world, Pods("*", "gpu_seconds"));
    EXPECT_EQ(trace.cause, one_more ? Cause::kValue : Cause::kNoValue);
    ASSERT_EQ(trace.queries.size(), 1u);
    EXPECT_EQ(Describe(trace, trace.queries[0].samples[0]),
              "left out: a native histogram");
    EXPECT_THAT(Advise(trace),
                ElementsAre("A native histogram has no one value: use "
                            "histogram_quantile(), histogram_sum() or "
                            "histogram_count()."));
  }
}

TEST(Trace, SaysHowARequestEndedAndWhatToDo) {
  struct Row {
    std::string text;
    CustomRequest request;
    std::vector<model::Labels> series;
    std::optional<Error> failure;  // of every question
    Cause cause;
    std::string advice;  // a part of the first
  };
  CustomRequest misspelt = Pods("web-0", "gpu_util");
  misspelt.resource = "pdos";
  CustomRequest no_namespace = Pods("web-0", "gpu_util");
  no_namespace.namespace_ = "";
  CustomRequest node = Pods("*", "gpu_util");
  node.resource = "nodes";
  const model::Labels gpu = {
      {"__name__", "gpu_util"}, {"namespace", "shop"}, {"pod", "web-0"}};
  const Row rows[] = {
      {"a misspelt resource",
       misspelt,
       {},
       {},
       Cause::kUnknownResource,
       "Did you mean pods?"},
      {"no namespace",
       no_namespace,
       {gpu},
       {},
       Cause::kScope,
       "say which (-n NAMESPACE"},
      {"a namespace too many",
       node,
       {gpu},
       {},
       Cause::kScope,
       "ask without one"},
      {"nothing scraped",
       Pods("web-0", "gpu_util"),
       {},
       {},
       Cause::kNoSeries,
       "Nothing that {__name__=~\"^gpu_.*\"} selects"},
      {"a label that no series has",
       Pods("web-0", "container_hits"),
       {{{"__name__", "hits_total"}, {"pod", "web-0"}}},
       {},
       Cause::kNoSeries,
       "In rules[1].seriesQuery leave out \"container\" or name another label; "
       "these series have pod."},
      {"series without the object's label",
       Pods("web-0", "gpu_util"),
       {{{"__name__", "gpu_util"}, {"gpu", "0"}, {"exported_pod", "web-0"}}},
       {},
       Cause::kNoSeries,
       "No series of gpu_util has a label for pods: add to "
       "rules[2].resources.overrides the one that holds the name, for example "
       "`LABEL: {resource: pod}`; the labels are exported_pod, gpu."},
      {"a series that a filter refuses",
       Pods("web-0", "gpu_total"),
       {{{"__name__", "gpu_total"}, {"pod", "web-0"}}},
       {},
       Cause::kNoSeries,
       "Wait for the first sample"},
      {"an empty answer",
       Pods("web-0", "gpu_util"),
       {gpu},
       {},
       Cause::kNoSample,
       "The query finds nothing."},
      {"a backend that is down",
       Pods("web-0", "gpu_util"),
       {gpu},
       Error{ErrorCode::kUnavailable, "connection refused", ""},
       Cause::kBackend,
       "The backend did not answer: looking for the metric gpu_util: "
       "connection refused"},
      {"a backend that has no such path",
       Pods("web-0", "gpu_util"),
       {gpu},
       Error{ErrorCode::kUnavailable, "not JSON", "is it the prefix?"},
       Cause::kBackend,
       "The backend did not answer: looking for the metric gpu_util: not JSON; "
       "is it the prefix?"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    World world(kRules);
    world.backend.series = row.series;
    if (row.failure) world.backend.failing[""] = *row.failure;
    const Trace trace = Explain(world, row.request);
    EXPECT_STREQ(NameOf(trace.cause), NameOf(row.cause));
    const std::vector<std::string> advice = Advise(trace);
    EXPECT_THAT(advice, ::testing::Contains(HasSubstr(row.advice)));
  }
}

TEST(Trace, NamesWhatIsNear) {
  World world(kRules);
  world.backend.series = {
      {{"__name__", "gpu_util"}, {"namespace", "shop"}, {"pod", "web-0"}}};
  RunTask(world.loop, Finished(world.refresher.RunOnce()));
  Trace trace = Explain(world, Pods("web-0", "gpu_utli"));
  EXPECT_THAT(Advise(trace), ::testing::Contains("Did you mean gpu_util?"));

  CustomRequest of_service = Pods("web", "gpu_util");
  of_service.resource = "services";
  trace = Explain(world, std::move(of_service));
  EXPECT_THAT(trace.other_resources, ElementsAre("namespaces", "pods"));
}

TEST(Trace, TellsHowLongTheBackendTookIfItAnswered) {
  World world(kRules);
  world.backend.series = {{{"__name__", "queue_depth"}}};
  ExternalRequest request;
  request.namespace_ = "shop";
  request.metric = "queue_depth";
  for (const int patience : {5, 1}) {
    SCOPED_TRACE(patience);
    Trace trace;
    world.backend.hanging = {"queue_depth{}"};
    const auto started = LaunchTask(
        world.loop,
        world.engine.External(
            request, world.clock.Now() + std::chrono::seconds(patience),
            &trace));
    world.clock.Advance(std::chrono::seconds(2));
    world.backend.Release();
    world.clock.Settle();
    ASSERT_TRUE(started.Ended());
    ASSERT_EQ(trace.queries.size(), 1u);
    const std::optional<Duration> took =
        patience > 2 ? std::optional<Duration>(std::chrono::seconds(2))
                     : std::nullopt;
    EXPECT_EQ(trace.queries[0].took, took);
  }
}

TEST(Trace, QuotesWhatTheBackendSays) {
  World world(kRules);
  world.backend.series = {{{"__name__", "queue_depth"}}};
  world.backend.failing["queue_depth{}"] = {ErrorCode::kInvalidArgument,
                                            "bad_data: parse error", ""};
  Trace trace;
  ExternalRequest request;
  request.namespace_ = "shop";
  request.metric = "queue_depth";
  LaunchTask(world.loop,
             world.engine.External(request, TimePoint::max(), &trace));
  EXPECT_EQ(trace.cause, Cause::kBackend);
  EXPECT_THAT(Advise(trace),
              ElementsAre("The backend says: bad_data: parse error.  Try the "
                          "query there by hand."));
}

}  // namespace
}  // namespace sextant::query
