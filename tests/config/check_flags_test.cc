#include "sextant/config/check_flags.h"

#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/result_matchers.h"

namespace sextant::config {
namespace {

using Arguments = std::vector<std::string>;

TEST(CheckFlags, AreReadInBothForms) {
  for (const Arguments& arguments :
       {Arguments{"--output=json", "--strict", "--color=never", "--for-cluster",
                  "--standalone-resources=r", "a", "-", "--", "--b"},
        Arguments{"a", "-", "--output", "json", "--strict=true", "--color",
                  "never", "--for-cluster=true", "--standalone-resources", "r",
                  "--", "--b"}}) {
    const Result<CheckFlags> flags = ParseCheckFlags(arguments);
    ASSERT_THAT(flags, IsOk());
    EXPECT_EQ(flags->files, (Arguments{"a", "-", "--b"}));
    EXPECT_TRUE(flags->json);
    EXPECT_TRUE(flags->strict);
    EXPECT_TRUE(flags->for_cluster);
    EXPECT_EQ(flags->color, "never");
    EXPECT_EQ(flags->standalone_resources, "r");
  }
}

TEST(CheckFlags, HaveThoseOfTheBackend) {
  const Result<CheckFlags> without = ParseCheckFlags(Arguments{"a"});
  ASSERT_THAT(without, IsOk());
  EXPECT_FALSE(without->backend);
  EXPECT_FALSE(without->for_cluster);

  const Result<CheckFlags> flags = ParseCheckFlags(
      Arguments{"--prometheus-url=http://prom:9090", "--metrics-max-age=1h",
                "--prometheus-timeout=5s", "--prometheus-header=Host=x", "a"});
  ASSERT_THAT(flags, IsOk());
  ASSERT_TRUE(flags->backend);
  EXPECT_EQ(flags->backend->url, "http://prom:9090");
  EXPECT_EQ(flags->backend->timeout, std::chrono::seconds(5));
  EXPECT_EQ(flags->max_age, std::chrono::hours(1));
  EXPECT_EQ(flags->warnings.size(), 1U);
}

TEST(CheckFlags, SayWhatIsWrong) {
  const struct {
    Arguments arguments;
    const char* want;
  } cases[] = {
      {{}, "no file is given; write sextant check FILE"},
      {{"--outptu=x", "f"}, "unknown flag: --outptu; did you mean --output?"},
      {{"--output=yaml", "f"}, "--output: must be text or json, not \"yaml\""},
      {{"f", "--output"},
       "--output: its value is missing; write --output=text|json"},
      {{"--color=red", "f"},
       "--color: must be auto or always or never, not \"red\""},
      {{"--strict=2", "f"}, "--strict: must be true or false, not \"2\""},
      {{"--metrics-max-age=0s", "f", "--prometheus-url=http://a"},
       "--metrics-max-age: must be more than 0s, not 0s"},
      {{"--prometheus-verb=POST", "f"},
       "the backend's flags are given without its URL; write "
       "--prometheus-url=URL too"},
      {{"--metrics-max-age=1m", "f"},
       "the backend's flags are given without its URL; write "
       "--prometheus-url=URL too"},
      {{"--output=yaml", "--strict=2"},
       "no file is given; write sextant check FILE\n"
       "--output: must be text or json, not \"yaml\"\n"
       "--strict: must be true or false, not \"2\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_THAT(ParseCheckFlags(c.arguments),
                FailsWith(ErrorCode::kInvalidArgument, c.want));
  }
}

TEST(CheckHelpText, IsTheGoldenOne) {
  ExpectGolden("config/check_help.txt", CheckHelpText());
}

TEST(FindEmbeddedConfigs, KeepsEveryLineWhereItStood) {
  const auto found = FindEmbeddedConfigs(
      "kind: ConfigMap\ndata:\n  a: |-\n    x: 1\n\n    y: 2\n  b: |\n"
      "    z: 3\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key, "a");
  EXPECT_EQ(found[0].text, "\n\n\n    x: 1\n\n    y: 2\n");
  EXPECT_EQ(found[1].text, "\n\n\n\n\n\n\n    z: 3\n\n");
}

TEST(FindEmbeddedConfigs, ReadsTheRulesOfHelmValues) {
  struct Case {
    const char* what;
    const char* values;
    const char* config;
  };
  for (const Case& c : {
           Case{"lists in block style, one further in than the other",
                "replicas: 2\n"
                "rules:\n"
                "  default: false\n"
                "  custom:\n"
                "  - seriesQuery: a\n"
                "# a comment at the margin\n"
                "    metricsQuery: b\n"
                "  external:\n"
                "    - seriesQuery: c\n"
                "  resource:\n"
                "    window: 5m\n"
                "tolerations: []\n",
                "\n\n\n"
                "rules:\n"
                "  - seriesQuery: a\n"
                "# a comment at the margin\n"
                "    metricsQuery: b\n"
                "externalRules:\n"
                "    - seriesQuery: c\n"
                "resourceRules:\n"
                "    window: 5m\n"
                "\n"},
           Case{"names without rules, and a key without a value",
                "rules:\n"
                "  custom:\n"
                "  stackdriver:\n"
                "    clusterLabels: {cluster: a}\n",
                "\n\nstackdriver:\n    clusterLabels: {cluster: a}\n"},
           Case{"of a parent chart, in flow style",
                "global: {}\n"
                "prometheus-adapter:\n"
                "  rules:\n"
                "    custom: [{seriesQuery: a}]\n"
                "    existing:\n",
                "\n\n\nrules: [{seriesQuery: a}]\n\n"},
       }) {
    SCOPED_TRACE(c.what);
    const auto found = FindEmbeddedConfigs(c.values);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "rules");
    EXPECT_EQ(found[0].text, c.config);
  }
}

TEST(FindEmbeddedConfigs, LeavesEverythingElseAlone) {
  for (const char* text :
       {"", "rules: []\n", "kind: ConfigMap\n", "kind: Secret\ndata: {a: b}\n",
        "kind: ConfigMap\ndata: {a: \"rules: []\"}\n",
        "kind: ConfigMap\ndata:\n  a: >\n    x\n", "rules: {custom: []}\n",
        "a: &a {seriesQuery: b}\nrules:\n  custom:\n  - *a\n",
        "rules:\n  default: true\n"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(FindEmbeddedConfigs(text).empty());
  }
}

}  // namespace
}  // namespace sextant::config
