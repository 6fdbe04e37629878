#include "sextant/rules/rule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

std::shared_ptr<const model::ResourceTable> Table() {
  return std::make_shared<const model::ResourceTable>(
      model::ResourceTable::BuiltIn());
}

config::Rule RuleFor(const std::string& series_query,
                     const std::string& metrics_query) {
  config::Rule rule;
  rule.path = "rules[0]";
  rule.series_query.value = series_query;
  rule.metrics_query.value = metrics_query;
  rule.resources.overrides = {{"kubernetes_namespace", "", "namespace", {}},
                              {"kubernetes_pod_name", "", "pod", {}}};
  return rule;
}

std::shared_ptr<const Rule> MustCompile(const config::Rule& rule,
                                        bool external = false) {
  config::Problems problems;
  auto compiled = Rule::Compile(rule, external, "f", Table(), problems);
  EXPECT_NE(compiled, nullptr) << problems.ErrorText();
  return compiled;
}

model::Selector Select(const std::string& text) {
  const Result<model::Selector> selector = model::Selector::Parse(text);
  EXPECT_THAT(selector, IsOk());
  return selector ? *selector : model::Selector();
}

std::string QueryOf(const Rule& rule, const QueryInput& input) {
  const Result<std::string> query = rule.BuildQuery(input);
  return query ? *query : "error: " + query.error().message;
}

TEST(Rule, HasAnotherContentWhereTheFileSaysAnotherThing) {
  const config::Rule base = RuleFor("m", "x");
  const std::string content = MustCompile(base)->content();
  config::Rule moved = base;
  moved.path = "rules[7]";
  moved.at = {70, 3};
  EXPECT_EQ(MustCompile(moved)->content(), content);
  EXPECT_NE(MustCompile(base, true)->content(), content);

  using Change = void (*)(config::Rule&);
  const std::vector<Change> changes = {
      [](config::Rule& r) { r.series_query.value = "n"; },
      [](config::Rule& r) {
        r.series_filters.push_back({"a", "", {}});
      },
      [](config::Rule& r) {
        r.series_filters.push_back({"", "a", {}});
      },
      [](config::Rule& r) { r.name_matches.value = "a"; },
      [](config::Rule& r) { r.name_as.value = "a"; },
      [](config::Rule& r) { r.metrics_query.value = "y"; },
      [](config::Rule& r) { r.nan = config::NanPolicy::kNone; },
      [](config::Rule& r) { r.resources.namespaced = false; },
      [](config::Rule& r) { r.resources.template_.value = "<<.Resource>>"; },
      [](config::Rule& r) { r.resources.overrides.pop_back(); },
      [](config::Rule& r) { r.resources.overrides[1].label = "p"; },
      [](config::Rule& r) {
        r.resources.overrides[1] = {
            "kubernetes_pod_name", "apps", "deployment", {}};
      },
      [](config::Rule& r) {
        std::swap(r.resources.overrides[0], r.resources.overrides[1]);
      },
  };
  std::set<std::string> contents = {content};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    config::Rule other = base;
    changes[i](other);
    EXPECT_TRUE(contents.insert(MustCompile(other)->content()).second);
  }
}

TEST(Rule, RendersTheQueriesThatPeopleWrite) {
  const auto table = Table();
  const std::string matchers =
      "queue=\"test\",kubernetes_namespace=\"shop\",kubernetes_pod_name=~\"web-"
      "0|web-1\"";
  struct QueryCase {
    std::string text;
    std::string query;
  };
  for (const QueryCase& c : std::vector<QueryCase>{
           {"max(a{<<.LabelMatchers>>}/b{<<.LabelMatchers>>}) by "
            "(<<.GroupBy>>)",
            "max(a{" + matchers + "}/b{" + matchers +
                "}) by (kubernetes_pod_name)"},
           {"histogram_quantile(0.95, sum(rate(<<.Series>>{<<.LabelMatchers>>}"
            "[2m])) by (le, <<.GroupBy>>))",
            "histogram_quantile(0.95, sum(rate(m{" + matchers +
                "}[2m])) by (le, kubernetes_pod_name))"},
           {"x{<<.LabelMatchers>>,}", "x{" + matchers + ",}"},
           {"<<.Series>>_bucket", "m_bucket"},
           {"sum(q{queue=\"{{.Label}}\"} ) by (<<.GroupBy>>)",
            "sum(q{queue=\"{{.Label}}\"} ) by (kubernetes_pod_name)"},
           {"avg(rate(${.Series}$_sum{${.LabelMatchers}$}[30s]))",
            "avg(rate(${.Series}$_sum{${.LabelMatchers}$}[30s]))"},
           {"label_replace(<<.Series>>, \"__name__\", \"$1\", \"__name__\", "
            "\"^k_(.*)$\")",
            "label_replace(m, \"__name__\", \"$1\", \"__name__\", "
            "\"^k_(.*)$\")"},
           {"a{pod=~\"<<index .LabelValuesByName \"kubernetes_pod_name\">>\"}",
            "a{pod=~\"web-0|web-1\"}"},
           {"a{d='<<index .LabelValuesByName \"service\">>-base',n='<<index "
            ".LabelValuesByName \"kubernetes_namespace\">>'}",
            "a{d='-base',n='shop'}"},
           {"sum(a) by (<<- range $i, $v := .GroupBySlice ->> <<if $i>>,<<end>>"
            "<<$v>> <<- end ->> )",
            "sum(a) by (kubernetes_pod_name)"},
           {"sum(a{<< range $key, $value :=.LabelValuesByName >><< if ne $key "
            "\"queue\" >><< $key >>=\"<< $value >>\",<<end >><< end >>})",
            "sum(a{kubernetes_namespace=\"shop\",kubernetes_pod_name=\"web-0|"
            "web-1\",})"},
           {"(\n  <<.Series>> { <<.LabelMatchers>> }\n)\n",
            "(\n  m { " + matchers + " }\n)\n"},
       }) {
    SCOPED_TRACE(c.text);
    QueryInput input;
    input.series = "m";
    input.resource = table->Find("", "pods");
    input.namespace_ = "shop";
    input.names = {"web-0", "web-1"};
    input.selector = Select("queue=test");
    EXPECT_EQ(QueryOf(*MustCompile(RuleFor("m", c.text)), input), c.query);
  }
}

TEST(Rule, TurnsEverySelectorIntoMatchers) {
  struct SelectorCase {
    std::string selector;
    std::string query;
  };
  for (const SelectorCase& c : std::vector<SelectorCase>{
           {"", " map[]"},
           {"k=v", "k=\"v\" map[k:v]"},
           {"k=", "k=\"\" map[k:]"},
           {"k!=v", "k!=\"v\" map[k:v]"},
           {"k in (v)", "k=~\"v\" map[k:v]"},
           {"k in (b,a,a)", "k=~\"a|b\" map[k:a|b]"},
           {"k in (,a)", "k=~\"|a\" map[k:|a]"},
           {"k notin (b,a)", "k!~\"a|b\" map[k:a|b]"},
           {"k in (1.5,2)", "k=~\"1\\\\.5|2\" map[k:1.5|2]"},
           {"k", "k!=\"\" map[k:]"},
           {"!k", "k=\"\" map[k:]"},
           {"b=1,a=2", "a=\"2\",b=\"1\" map[a:2 b:1]"},
           {"a.b/c=v", "\"a.b/c\"=\"v\" map[a.b/c:v]"},
           {"k>5", "error: operator not supported by prometheus: k>5"},
           {"k<5", "error: operator not supported by prometheus: k<5"},
       }) {
    SCOPED_TRACE(c.selector);
    config::Rule rule =
        RuleFor("m", "<<.LabelMatchers>> <<.LabelValuesByName>>");
    rule.resources.namespaced = false;
    QueryInput input;
    input.namespace_ = "ignored";
    input.selector = Select(c.selector);
    EXPECT_EQ(QueryOf(*MustCompile(rule, true), input), c.query);
  }
}

TEST(Rule, MatchesObjectsByNameAndNamespace) {
  const auto table = Table();
  struct NamesCase {
    std::string resource;
    std::string space;
    std::vector<std::string> names;
    std::string query;
  };
  for (const NamesCase& c : std::vector<NamesCase>{
           {"pods",
            "ns",
            {"a"},
            "kubernetes_namespace=\"ns\",kubernetes_pod_name=\"a\""},
           {"pods",
            "ns",
            {"b", "a.c"},
            "kubernetes_namespace=\"ns\",kubernetes_pod_name=~\"b|a\\\\.c\""},
           {"pods",
            "ns",
            {"a.c"},
            "kubernetes_namespace=\"ns\",kubernetes_pod_name=\"a.c\""},
           {"pods",
            "ns",
            {},
            "kubernetes_namespace=\"ns\",kubernetes_pod_name=\"\""},
           {"namespaces", "", {"x"}, "kubernetes_namespace=\"x\""},
           {"nodes",
            "",
            {"x"},
            "error: unable to convert resource nodes into label: no generic "
            "resource label form specified for this metric"},
       }) {
    SCOPED_TRACE(c.query);
    QueryInput input;
    input.resource = table->Find("", c.resource);
    input.namespace_ = c.space;
    input.names = c.names;
    EXPECT_EQ(QueryOf(*MustCompile(RuleFor("m", "<<.LabelMatchers>>")), input),
              c.query);
  }
}

TEST(Rule, QuotesLabelNamesThatPromqlCannotWriteBare) {
  const auto table = Table();
  config::Rule rule =
      RuleFor("m", "m{<<.LabelMatchers>>} by (<<.GroupBy>>) <<.GroupBySlice>>");
  rule.resources.overrides = {{"k8s.ns", "", "namespace", {}},
                              {"k8s.pod.name", "", "pod", {}}};
  QueryInput input;
  input.resource = table->Find("", "pods");
  input.namespace_ = "ns";
  input.names = {"a"};
  input.extra_group_by = {"container"};
  EXPECT_EQ(QueryOf(*MustCompile(rule), input),
            "m{\"k8s.ns\"=\"ns\",\"k8s.pod.name\"=\"a\"} by "
            "(\"k8s.pod.name\",container) [k8s.pod.name container]");
}

TEST(Rule, WritesASeriesNameWherePromqlReadsIt) {
  struct Case {
    const char* text;
    const char* query;
  };
  for (const Case& c : std::vector<Case>{
           {"sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
            "sum(rate({__name__=\"http.requests\","
            "kubernetes_namespace=\"shop\",kubernetes_pod_name=\"web-0\"}[2m]))"
            " "
            "by (kubernetes_pod_name)"},
           {"sum({\"<<.Series>>\",<<.LabelMatchers>>})",
            "sum({\"http.requests\",kubernetes_namespace=\"shop\","
            "kubernetes_pod_name=\"web-0\"})"},
           {"<<.Series>>", "{__name__=\"http.requests\"}"},
       }) {
    SCOPED_TRACE(c.text);
    const auto table = Table();
    QueryInput input;
    input.series = "http.requests";
    input.resource = table->Find("", "pods");
    input.namespace_ = "shop";
    input.names = {"web-0"};
    const auto rule = MustCompile(RuleFor("{\"http.requests\"}", c.text));
    EXPECT_EQ(QueryOf(*rule, input), c.query);
  }
}

TEST(Rule, NarrowsExternalMetricsToTheNamespace) {
  QueryInput input;
  input.series = "lag";
  input.namespace_ = "ns";
  input.selector = Select("a=b");
  const std::string text = "<<.Series>>{<<.LabelMatchers>>} by (<<.GroupBy>>)";

  EXPECT_EQ(QueryOf(*MustCompile(RuleFor("lag", text), true), input),
            "lag{a=\"b\",kubernetes_namespace=\"ns\"} by ()");

  config::Rule cluster_wide = RuleFor("lag", text);
  cluster_wide.resources.namespaced = false;
  EXPECT_EQ(QueryOf(*MustCompile(cluster_wide, true), input),
            "lag{a=\"b\"} by ()");

  // The peer fails; the usual label is a better guess.
  config::Rule unmapped = RuleFor("lag", text);
  unmapped.resources.overrides.clear();
  EXPECT_EQ(QueryOf(*MustCompile(unmapped, true), input),
            "lag{a=\"b\",namespace=\"ns\"} by ()");
}

TEST(Rule, NeedsALabelForTheNamespaceEvenIfTheQueryDoesNot) {
  const auto table = Table();
  config::Rule rule = RuleFor("m", "m");
  rule.resources.overrides = {{"pod", "", "pod", {}}};
  QueryInput input;
  input.resource = table->Find("", "pods");
  input.namespace_ = "ns";
  input.names = {"a"};
  EXPECT_THAT(MustCompile(rule)->BuildQuery(input),
              FailsWith(ErrorCode::kInvalidArgument,
                        "unable to convert resource namespaces into label: no "
                        "generic resource label form specified for this "
                        "metric"));
}

TEST(Rule, DoesNotSendAnEmptyQuery) {
  EXPECT_THAT(MustCompile(RuleFor("m", ""))->BuildQuery({}),
              FailsWith(ErrorCode::kInvalidArgument,
                        "empty query produced by metrics query template"));
}

TEST(Rule, NarrowsItsSeriesQuery) {
  struct NarrowCase {
    std::string series_query;
    std::optional<std::string> with_pod;
    std::optional<std::string> of_m;
    std::optional<std::string> of_m_in_ns;
  };
  for (const NarrowCase& c : std::vector<NarrowCase>{
           {"m", "m{pod!=\"\"}", "m", "m{kubernetes_namespace=\"ns\"}"},
           {"m{a=\"b\"}", "m{a=\"b\",pod!=\"\"}", "m{a=\"b\"}",
            "m{a=\"b\",kubernetes_namespace=\"ns\"}"},
           {"{__name__=~\"^m.*\"}", "{__name__=~\"^m.*\",pod!=\"\"}",
            "{__name__=\"m\"}", "{__name__=\"m\",kubernetes_namespace=\"ns\"}"},
           {"other", "other{pod!=\"\"}", std::nullopt, std::nullopt},
           {"sum(m)", std::nullopt, std::nullopt, std::nullopt},
       }) {
    SCOPED_TRACE(c.series_query);
    const auto rule = MustCompile(RuleFor(c.series_query, "m"));
    EXPECT_EQ(rule->SeriesWithLabel("pod"), c.with_pod);
    EXPECT_EQ(rule->SeriesOf("m", ""), c.of_m);
    EXPECT_EQ(rule->SeriesOf("m", "ns"), c.of_m_in_ns);
  }
  // A name that only quotes can hold.
  EXPECT_EQ(MustCompile(RuleFor("{job=\"a\"}", "m"))->SeriesOf("my-m.x", ""),
            "{__name__=\"my-m.x\",job=\"a\"}");
}

TEST(Rule, NarrowsToNoNamespaceThatItHasNoLabelFor) {
  config::Rule rule = RuleFor("m", "m");
  rule.resources.overrides = {{"pod", "", "pod", {}}};
  EXPECT_EQ(MustCompile(rule)->SeriesOf("m", ""), "m");
  EXPECT_EQ(MustCompile(rule)->SeriesOf("m", "ns"), std::nullopt);
}

TEST(Rule, TellsWhatWasConfigured) {
  config::Rule given = RuleFor("m\n", "m");
  given.resources.namespaced = false;
  given.nan = config::NanPolicy::kNone;
  const auto rule = MustCompile(given, true);
  EXPECT_EQ(rule->path(), "rules[0]");
  EXPECT_EQ(rule->series_query(), "m\n");
  EXPECT_TRUE(rule->external());
  EXPECT_FALSE(rule->namespaced());
  EXPECT_EQ(rule->nan(), config::NanPolicy::kNone);
  EXPECT_EQ(rule->override_labels(),
            (std::vector<std::string>{"kubernetes_namespace",
                                      "kubernetes_pod_name"}));
  EXPECT_FALSE(rule->has_label_template());
}

}  // namespace
}  // namespace sextant::rules
