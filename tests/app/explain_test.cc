#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "app/offline.h"
#include "sextant/app/command.h"
#include "support/golden.h"
#include "support/temp_folder.h"

namespace sextant::app {
namespace {

using ::testing::HasSubstr;

constexpr char kRules[] = R"(
rules:
- seriesQuery: '{__name__=~"^gpu_.*",pod!=""}'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  name: {matches: '^gpu_(.*)$', as: 'gpu_${1}_now'}
  metricsQuery: 'avg(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
- seriesQuery: 'queue_depth'
  resources: {template: '<<.Resource>>'}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
)";

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome Explain(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "explain");
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = RunProgram(arguments, {out, err});
  return {code, out.str(), err.str()};
}

std::string RulesFile() {
  static const TempFolder folder;
  return folder.Put("rules.yaml", kRules);
}

TEST(Explain, OfflinePrintsTheRulesAndTheQuery) {
  const std::vector<std::string> question = {"--config=" + RulesFile(),
                                             "--offline",
                                             "--series=gpu_util",
                                             "pods/*",
                                             "gpu_util_now",
                                             "-n",
                                             "shop"};
  const Outcome text = Explain(question);
  EXPECT_EQ(text.code, ExitCode::kOk) << text.err;
  ExpectGolden("app/explain_offline.txt", text.out);

  std::vector<std::string> json = question;
  json.push_back("--output=json");
  const Outcome document = Explain(json);
  EXPECT_EQ(document.code, ExitCode::kOk);
  ExpectGolden("app/explain_offline.json", document.out);
}

TEST(Explain, OfflineSaysThatNoRuleTakesTheSeries) {
  const Outcome outcome =
      Explain({"--config=" + RulesFile(), "--offline", "--series=cpu_util",
               "pods/web-0", "gpu_util_now", "-n", "shop"});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_THAT(outcome.out, HasSubstr("no query would be sent"));
}

TEST(Explain, ABackendThatIsNotThereIsQuoted) {
  const Outcome outcome =
      Explain({"--config=" + RulesFile(), "--prometheus-url=http://127.0.0.1:1",
               "pods/web-0", "gpu_util_now", "-n", "shop"});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_THAT(outcome.out, HasSubstr("fails with 500 (backend)"));
  EXPECT_THAT(outcome.out, HasSubstr("connection refused"));
}

TEST(Explain, OtherFailuresAreForStandardError) {
  const struct {
    std::vector<std::string> arguments;
    ExitCode code;
    std::string err;
  } kCases[] = {
      {{}, ExitCode::kUsage, "no rules are given"},
      {{"--config=/no/such.yaml", "--offline", "--series=a", "pods", "m"},
       ExitCode::kFailure,
       "cannot read /no/such.yaml"},
      {{"--config=" + RulesFile(), "--offline", "--series=a", "/healthz"},
       ExitCode::kFailure,
       "is not that of a metric"},
      {{"--server=https://127.0.0.1:1", "pods", "m"},
       ExitCode::kFailure,
       "connection refused"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.err);
    const Outcome outcome = Explain(c.arguments);
    EXPECT_EQ(outcome.code, c.code);
    EXPECT_THAT(outcome.err, HasSubstr(c.err));
  }
}

}  // namespace
}  // namespace sextant::app
