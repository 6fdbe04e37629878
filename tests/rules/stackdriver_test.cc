#include "sextant/rules/stackdriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sextant/promql/split.h"
#include "support/compile_rules.h"
#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

using ::testing::HasSubstr;

constexpr char kPrefix[] = "prometheus.googleapis.com|";
constexpr char kOn[] = "stackdriver: {}\n";
constexpr char kOfOneCluster[] = R"(
stackdriver:
  clusterLabels: {project_id: seans-devel, location: us-central1, cluster: hpa}
)";

std::shared_ptr<const Stackdriver> Preset(const std::string& yaml = kOn) {
  return CompileRuleText(yaml)->stackdriver;
}

const model::Resource& Find(const std::string& plural) {
  static const model::ResourceTable table = model::ResourceTable::BuiltIn();
  return *table.Find("", plural);
}

model::Selector Select(const std::string& text) {
  return *model::Selector::Parse(text);
}

std::string QueryOf(const Result<Stackdriver::Metric>& metric,
                    QueryInput input) {
  if (!metric) return "error: " + metric.error().message;
  input.requirements = metric->requirements;
  const Result<std::string> query = metric->rule->BuildQuery(input);
  return query ? *query : "error: " + query.error().message;
}

std::string OfPods(const std::string& name, const std::string& selector = "",
                   const std::string& yaml = kOn) {
  QueryInput input;
  input.resource = &Find("pods");
  input.namespace_ = "default";
  input.names = {"vllm-0", "vllm-1"};
  return QueryOf(
      Preset(yaml)->ForObjects(kPrefix + name, Find("pods"), Select(selector)),
      input);
}

std::string OfNodes(const std::string& name) {
  QueryInput input;
  input.resource = &Find("nodes");
  input.names = {"n1"};
  return QueryOf(
      Preset(kOfOneCluster)->ForObjects(kPrefix + name, Find("nodes"), {}),
      input);
}

std::string External(const std::string& name, const std::string& selector = "",
                     const std::string& yaml = kOn) {
  QueryInput input;
  input.namespace_ = "default";
  return QueryOf(Preset(yaml)->ForExternal(kPrefix + name, Select(selector)),
                 input);
}

struct Case {
  std::string name;
  std::string want;
};

TEST(Stackdriver, ItsMetricsAreOfTheBackendThatItChooses) {
  const auto backend_of = [](const std::string& yaml) {
    const auto metric =
        Preset(yaml)->ForExternal(kPrefix + std::string("up|gauge"), {});
    return metric ? metric->rule->backend() : metric.error().message;
  };
  EXPECT_EQ(backend_of(kOn), "default");
  EXPECT_EQ(backend_of("backends: [{name: gmp, url: http://gmp}]\n"
                       "stackdriver: {backend: gmp}\n"),
            "gmp");
}

TEST(Stackdriver, APodsValueIsTheSumOfItsSeries) {
  const std::string which = R"({namespace="default",pod=~"vllm-0|vllm-1"})";
  const auto gauge = [&](const std::string& series) {
    return "sum by (namespace,pod) (" + series + which + ")";
  };
  const auto rate = [&](const std::string& series) {
    return "sum by (namespace,pod) (rate(" + series + which + "[1m]) or rate(" +
           series + which + "[5m]))";
  };
  const std::vector<Case> cases = {
      {"vllm:num_requests_running|gauge", gauge("vllm:num_requests_running")},
      {"go_info|unknown", gauge("go_info")},
      {"rpc_seconds|summary", gauge("rpc_seconds")},
      {"vllm:prefix_cache_hits_total|counter",
       rate("vllm:prefix_cache_hits_total")},
      {"jobs|unknown:counter", rate("jobs")},
      {"rpc_seconds_count|summary", rate("rpc_seconds_count")},
      {"rpc_seconds_sum|summary:counter", rate("rpc_seconds_sum")},
      // Prometheus 3 has names with any characters.
      {"my.queue|length|gauge",
       R"(sum by (namespace,pod) ({__name__="my.queue|length",)"
       R"(namespace="default",pod=~"vllm-0|vllm-1"}))"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(OfPods(c.name), c.want);
  }
}

TEST(Stackdriver, ClusterLabelsNarrowPodsAndNodes) {
  const std::string cluster =
      R"(project_id="seans-devel",location="us-central1",cluster="hpa")";
  EXPECT_EQ(OfPods("up|gauge", "", kOfOneCluster),
            "sum by (namespace,pod) (up{" + cluster +
                R"(,namespace="default",pod=~"vllm-0|vllm-1"}))");
  EXPECT_EQ(OfNodes("up|gauge"),
            "sum by (node) (up{" + cluster + R"(,node="n1"}))");
  EXPECT_EQ(OfNodes("hits_total|counter"),
            "sum by (node) (rate(hits_total{" + cluster +
                R"(,node="n1"}[1m]) or rate(hits_total{)" + cluster +
                R"(,node="n1"}[5m])))");
}

TEST(Stackdriver, AnExternalMetricIsOfEveryNamespaceAndCluster) {
  EXPECT_EQ(External("up|gauge", "", kOfOneCluster), "up{}");
  EXPECT_EQ(External("hits_total|counter", "metric.labels.code=200"),
            R"(rate(hits_total{code="200"}[1m]) or )"
            R"(rate(hits_total{code="200"}[5m]))");
}

TEST(Stackdriver, SelectorsBecomeMatchersOfSeries) {
  struct SelectorCase {
    std::string selector;
    std::string want;  // between the braces
  };
  const std::vector<SelectorCase> cases = {
      {"metric.labels.k=v", R"(k="v")"},
      {"metric.labels.k==v", R"(k="v")"},
      {"metric.labels.k!=v", R"(k!="v")"},
      {"metric.labels.k in (b,a.b)", R"(k=~"a\\.b|b")"},
      {"metric.labels.k notin (a,b)", R"(k!~"a|b")"},
      {"metric.labels.k", R"(k!="")"},
      {"metric.labels.k8s.pod=v", R"("k8s.pod"="v")"},
      {"resource.labels.cluster=c", R"(cluster="c")"},
      {"resource.labels.project_id=p", R"(project_id="p")"},
      {"metadata.system_labels.zone=z", R"(metadata_system_zone="z")"},
      {"metadata.user_labels.team in (a)", R"(metadata_user_team=~"a")"},
      // All of them have this type, and only Google has a label for it.
      {"resource.type=prometheus_target,metric.labels.k=v", R"(k="v")"},
      {"resource.type in (k8s_pod,prometheus_target)", ""},
      {"resource.type", ""},
      {"reducer=REDUCE_NONE", ""},
  };
  for (const SelectorCase& c : cases) {
    SCOPED_TRACE(c.selector);
    EXPECT_EQ(External("up|gauge", c.selector), "up{" + c.want + "}");
  }
  EXPECT_EQ(OfPods("up|gauge", "metric.labels.engine=0"),
            R"(sum by (namespace,pod) (up{engine="0",namespace="default",)"
            R"(pod=~"vllm-0|vllm-1"}))");
}

TEST(Stackdriver, ReducersMakeOneValueOfSeveralSeries) {
  struct ReducerCase {
    std::string reducer;
    std::string want;
  };
  const std::vector<ReducerCase> cases = {
      {"SUM", "sum(up{})"},
      {"MEAN", "avg(up{})"},
      {"MIN", "min(up{})"},
      {"MAX", "max(up{})"},
      {"STDDEV", "stddev(up{})"},
      {"COUNT", "count(up{})"},
      {"PERCENTILE_99", "quantile(0.99, up{})"},
      {"PERCENTILE_95", "quantile(0.95, up{})"},
      {"PERCENTILE_50", "quantile(0.5, up{})"},
      {"PERCENTILE_05", "quantile(0.05, up{})"},
  };
  for (const ReducerCase& c : cases) {
    SCOPED_TRACE(c.reducer);
    EXPECT_EQ(External("up|gauge", "reducer=REDUCE_" + c.reducer), c.want);
  }
  EXPECT_EQ(External("hits|counter", "reducer=REDUCE_MAX"),
            "max(rate(hits{}[1m]) or rate(hits{}[5m]))");
  EXPECT_EQ(OfPods("up|gauge", "reducer=REDUCE_PERCENTILE_95"),
            R"(quantile by (namespace,pod) (0.95, up{namespace="default",)"
            R"(pod=~"vllm-0|vllm-1"}))");
}

TEST(Stackdriver, HistogramsNeedAReducer) {
  EXPECT_EQ(External("rpc_seconds|histogram", "reducer=REDUCE_PERCENTILE_95"),
            "histogram_quantile(0.95, sum by (le) "
            "(rate(rpc_seconds_bucket{}[1m]) or rate(rpc_seconds_bucket{}[5m]"
            ")))");
  EXPECT_EQ(External("rpc_seconds|histogram", "reducer=REDUCE_MEAN"),
            "sum(rate(rpc_seconds_sum{}[1m]) or rate(rpc_seconds_sum{}[5m])) "
            "/ "
            "sum(rate(rpc_seconds_count{}[1m]) or "
            "rate(rpc_seconds_count{}[5m]))");
  EXPECT_EQ(OfPods("t|histogram", "reducer=REDUCE_PERCENTILE_50"),
            "histogram_quantile(0.5, sum by (namespace,pod,le) "
            R"((rate(t_bucket{namespace="default",pod=~"vllm-0|vllm-1"}[1m]) )"
            R"(or rate(t_bucket{namespace="default",pod=~"vllm-0|vllm-1"})"
            "[5m])))");
  const auto preset = Preset();
  const std::string name = std::string(kPrefix) + "t|histogram";
  EXPECT_THAT(preset->ForExternal(name, {}),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("distributions are not supported, unless")));
  EXPECT_THAT(preset->ForExternal(name, Select("reducer=REDUCE_NONE")),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("distributions are not supported, unless")));
  EXPECT_THAT(
      preset->ForObjects(name, Find("pods"), Select("reducer=REDUCE_SUM")),
      FailsWith(ErrorCode::kInvalidArgument,
                HasSubstr("distributions are not supported with this")));
}

TEST(Stackdriver, SelectorsThatItCannotMapAreRefused) {
  struct SelectorCase {
    std::string selector;
    std::string custom;    // what is said; empty: it is taken
    std::string external;  // the same
  };
  const auto not_allowed = [](const std::string& key) {
    return "Metric label: \"" + key + "\" is not allowed";
  };
  const std::vector<SelectorCase> cases = {
      {"metric.labels.k=v,reducer=REDUCE_SUM", "", ""},
      {"resource.labels.k=v", not_allowed("resource.labels.k"), ""},
      {"resource.type=prometheus_target", not_allowed("resource.type"), ""},
      {"metadata.system_labels.k=v", not_allowed("metadata.system_labels.k"),
       ""},
      {"metadata.user_labels.k", not_allowed("metadata.user_labels.k"), ""},
      {"k=v", not_allowed("k"), not_allowed("k")},
      {"metric.label.k=v", not_allowed("metric.label.k"),
       not_allowed("metric.label.k")},
      {"resource.labels=v", not_allowed("resource.labels"),
       not_allowed("resource.labels")},
      {"!metric.labels.k",
       "operator DoesNotExist is not supported: metric.labels.k",
       "operator DoesNotExist is not supported: metric.labels.k"},
      {"metric.labels.k>5", "operators > and < are not supported",
       "operators > and < are not supported"},
      {"metric.labels.k<5", "operators > and < are not supported",
       "operators > and < are not supported"},
      {"reducer!=REDUCE_SUM",
       "reducer can only be given with =", "reducer can only be given with ="},
      {"reducer=REDUCE_FRACTION_TRUE",
       "reducer \"REDUCE_FRACTION_TRUE\" is not supported; there are "
       "REDUCE_NONE, REDUCE_MEAN, ",
       "reducer \"REDUCE_FRACTION_TRUE\" is not supported"},
      {"resource.type=k8s_pod", not_allowed("resource.type"),
       "resource.type: metrics of prometheus.googleapis.com have the type "
       "prometheus_target"},
      {"resource.type!=prometheus_target", not_allowed("resource.type"),
       "resource.type: metrics"},
  };
  const auto preset = Preset();
  const std::string name = std::string(kPrefix) + "up|gauge";
  for (const SelectorCase& c : cases) {
    SCOPED_TRACE(c.selector);
    const auto custom =
        preset->ForObjects(name, Find("pods"), Select(c.selector));
    const auto external = preset->ForExternal(name, Select(c.selector));
    const auto said = [](const auto& metric) {
      return metric ? "" : metric.error().message;
    };
    EXPECT_EQ(said(custom).substr(0, c.custom.size()), c.custom);
    EXPECT_EQ(said(external).substr(0, c.external.size()), c.external);
    EXPECT_EQ(static_cast<bool>(custom), c.custom.empty());
    EXPECT_EQ(static_cast<bool>(external), c.external.empty());
    if (!custom) {
      EXPECT_EQ(custom.error().code, ErrorCode::kInvalidArgument);
    }
  }
}

TEST(Stackdriver, NamesThatNoMetricHasAreNotFound) {
  const std::vector<Case> cases = {
      {"other.googleapis.com|x|gauge",
       "the name does not begin with prometheus.googleapis.com|"},
      {"prometheus.googleapis.com|up",
       "the name does not end in the kind of the metric, as in "
       "prometheus.googleapis.com|up|gauge"},
      {"prometheus.googleapis.com||gauge", "the series has no name"},
      {"prometheus.googleapis.com|up|gouge",
       "\"gouge\" is no kind of metric; there are gauge, counter, unknown, "
       "unknown:counter, histogram, summary and summary:counter"},
      {"prometheus.googleapis.com|up|",
       "\"\" is no kind of metric; there are gauge, counter, unknown, "
       "unknown:counter, histogram, summary and summary:counter"},
      {"prometheus.googleapis.com|t_sum|summary",
       "the sum of a summary is called t_sum|summary:counter"},
      {"prometheus.googleapis.com|t_count|summary:counter",
       "only the sum of a summary, NAME_sum, is a \"summary:counter\""},
      {"prometheus.googleapis.com|<<.LabelMatchers>>|gauge",
       "no series is called \"<<.LabelMatchers>>\""},
  };
  const auto preset = Preset();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_THAT(preset->ForExternal(c.name, {}),
                FailsWith(ErrorCode::kNotFound, c.want));
    EXPECT_THAT(preset->ForObjects(c.name, Find("pods"), {}),
                FailsWith(ErrorCode::kNotFound, c.want));
  }
  EXPECT_THAT(preset->ForObjects("prometheus.googleapis.com|up|gauge",
                                 Find("services"), {}),
              FailsWith(ErrorCode::kNotFound,
                        "such names have metrics of pods and of nodes only"));
}

TEST(Stackdriver, WhateverANameHoldsStaysAName) {
  // What means something to PromQL, to a regular expression, to name.as and to
  // templates.
  const std::string series = "a\"}) or vector(1) #\n\\.*$1${2}<{{.Series}}>>";
  const std::string name = kPrefix + series + "|gauge";
  const auto metric = Preset()->ForExternal(name, {});
  ASSERT_TRUE(metric) << metric.error().message;
  EXPECT_EQ(metric->series, series);
  EXPECT_EQ(metric->rule->MetricName(series), name);
  EXPECT_TRUE(metric->rule->Accepts(series));
  EXPECT_FALSE(metric->rule->Accepts(series + "x"));
  EXPECT_EQ(External(series + "|gauge"),
            R"({__name__="a\"}) or vector(1) #\n\\.*$1${2}<{{.Series}}>>",})");
}

TEST(Stackdriver, TheRuleIsOfOneSeriesByItsExactName) {
  const auto metric = Preset()->ForObjects(
      std::string(kPrefix) + "vllm:num_requests_running|gauge", Find("pods"),
      {});
  ASSERT_TRUE(metric);
  EXPECT_EQ(metric->rule->path(), "stackdriver");
  EXPECT_EQ(metric->rule->series_query(),
            R"({__name__="vllm:num_requests_running"})");
  EXPECT_EQ(metric->rule->nan(), config::NanPolicy::kNone);
  EXPECT_EQ(*metric->rule->LabelForResource(Find("pods")), "pod");
  EXPECT_EQ(*metric->rule->LabelForResource(Find("namespaces")), "namespace");
}

TEST(Stackdriver, ManyPodsCanBeAskedForInParts) {
  for (const auto& [name, selector] :
       std::vector<std::pair<std::string, std::string>>{
           {"up|gauge", ""},
           {"up|gauge", "reducer=REDUCE_MEAN"},
           {"hits_total|counter", ""},
           {"t|histogram", "reducer=REDUCE_MEAN"},
           {"t|histogram", "reducer=REDUCE_PERCENTILE_95"}}) {
    SCOPED_TRACE(name + " " + selector);
    EXPECT_TRUE(promql::CanSplitBy(OfPods(name, selector), "pod"));
  }
}

TEST(Stackdriver, ReplyLabelsHavePrefixes) {
  EXPECT_EQ(Stackdriver::ReplyLabels("prometheus.googleapis.com|up|gauge",
                                     {{"__name__", "up"},
                                      {"project_id", "p"},
                                      {"location", "l"},
                                      {"cluster", "c"},
                                      {"namespace", "n"},
                                      {"job", "j"},
                                      {"instance", "i"},
                                      {"pod", "vllm-0"},
                                      {"k8s.name", "x"}}),
            (model::Labels{{"resource.type", "prometheus_target"},
                           {"resource.labels.project_id", "p"},
                           {"resource.labels.location", "l"},
                           {"resource.labels.cluster", "c"},
                           {"resource.labels.namespace", "n"},
                           {"resource.labels.job", "j"},
                           {"resource.labels.instance", "i"},
                           {"metric.labels.pod", "vllm-0"},
                           {"metric.labels.k8s.name", "x"}}));
  EXPECT_EQ(Stackdriver::ReplyLabels("prometheus.googleapis.com|up|gauge", {}),
            (model::Labels{{"resource.type", "prometheus_target"}}));
}

constexpr char kPubSub[] =
    "pubsub.googleapis.com|subscription|num_undelivered_messages";

constexpr char kServices[] = R"(
stackdriver:
  clusterLabels: {cluster: c}
  serviceMetrics:
    pubsub.googleapis.com|subscription|num_undelivered_messages: gauge
    loadbalancing.googleapis.com|https|request_count: counter
    loadbalancing.googleapis.com|https|total_latencies: histogram
)";

TEST(Stackdriver, ListedMetricsOfGooglesServicesAreExternal) {
  const auto preset = Preset(kServices);
  const auto query = [&](const std::string& name, const std::string& selector) {
    return QueryOf(preset->ForExternal(name, Select(selector)), {});
  };
  EXPECT_EQ(query(kPubSub,
                  "resource.type=pubsub_subscription,"
                  "resource.labels.subscription_id=jobs"),
            R"({__name__="pubsub.googleapis.com/subscription/num_undelivered_)"
            R"(messages",subscription_id="jobs",)"
            R"(monitored_resource="pubsub_subscription"})");
  EXPECT_EQ(query("loadbalancing.googleapis.com|https|request_count",
                  "reducer=REDUCE_SUM"),
            R"(sum(rate({__name__="loadbalancing.googleapis.com/https/)"
            R"(request_count",}[1m]) or rate({__name__="loadbalancing.)"
            R"(googleapis.com/https/request_count",}[5m])))");
  EXPECT_THAT(
      query("loadbalancing.googleapis.com|https|total_latencies",
            "reducer=REDUCE_PERCENTILE_99"),
      HasSubstr(R"(histogram_quantile(0.99, sum by (le) (rate({__name__=)"
                R"("loadbalancing.googleapis.com/https/total_latencies_)"
                R"(bucket",}[1m]))"));
  EXPECT_TRUE(preset->Takes(kPubSub));
  EXPECT_TRUE(preset->Takes("prometheus.googleapis.com|up|gauge"));
  EXPECT_FALSE(preset->Takes("pubsub.googleapis.com|topic|byte_cost"));
  EXPECT_THAT(preset->ForObjects(kPubSub, Find("pods"), {}),
              FailsWith(ErrorCode::kNotFound,
                        "metrics of Google's services are external metrics "
                        "here"));
  EXPECT_EQ(Stackdriver::ReplyLabels(
                kPubSub, {{"monitored_resource", "pubsub_subscription"},
                          {"project_id", "p"},
                          {"subscription_id", "jobs"}}),
            (model::Labels{{"metric.labels.subscription_id", "jobs"},
                           {"resource.labels.project_id", "p"},
                           {"resource.type", "pubsub_subscription"}}));
}

TEST(Stackdriver, IsOffUnlessConfigured) {
  EXPECT_EQ(CompileRuleText("rules: []\n")->stackdriver, nullptr);
}

}  // namespace
}  // namespace sextant::rules
