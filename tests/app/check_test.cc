#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "app/check_report.h"
#include "sextant/app/command.h"
#include "support/golden.h"
#include "support/temp_folder.h"

namespace sextant::app {
namespace {

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome Invoke(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = RunProgram(arguments, {out, err});
  return {code, out.str(), err.str()};
}

const TempFolder& OwnFolder() {
  static const TempFolder folder;
  return folder;
}

std::string Write(const std::string& name, const std::string& text) {
  return OwnFolder().Put(name, text);
}

// Messages name the file; golden documents must not depend on where it lies.
std::string Without(std::string text, const std::string& folder) {
  for (std::size_t at = text.find(folder); at != std::string::npos;
       at = text.find(folder)) {
    text.erase(at, folder.size());
  }
  return text;
}

constexpr char kBad[] =
    "rules:\n"
    "- seriesQuery: http_requests_total{pod!=\"\"}\n"
    "  resources: {template: <<.Resource>>}\n"
    "  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>})\n"
    "- seriesQuery: up\n"
    "  resources: {template: <<.Resource>>}\n"
    "\tname: {as: x}\n";

constexpr char kDoubtful[] =
    "rules:\n"
    "- seriesQuery: http_requests_total{pod!=\"\"}\n"
    "  resources: {template: <<.Resource>>}\n"
    "  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>})\n"
    "- seriesQuery: up\n"
    "  resources: {template: <<.Resource>>}\n"
    "  name: {as: http_requests_total}\n"
    "  metricsQuery: rate(<<.Series>>{<<.LabelMatchers>>}[30s])\n";

TEST(RunCheck, ShowsPeopleTheLineAndWhatToWrite) {
  const std::string file = Write("check_doubtful.yaml", kDoubtful);
  const Outcome outcome = Invoke({"check", file});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_EQ(outcome.err, "");
  ExpectGolden("app/check.txt", Without(outcome.out, OwnFolder().path() + "/"));
}

TEST(RunCheck, SpeaksJsonToPrograms) {
  const std::string file = Write("check_doubtful.yaml", kDoubtful);
  const Outcome outcome = Invoke({"check", "--output=json", file});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  ExpectGolden("app/check.json",
               Without(outcome.out, OwnFolder().path() + "/"));
}

TEST(RunCheck, EndsWithWhatItFound) {
  const std::string bad = Write("check_bad.yaml", kBad);
  const std::string doubtful = Write("check_doubtful.yaml", kDoubtful);
  const std::string good = Write("check_good.yaml", "rules: []\n");
  EXPECT_EQ(Invoke({"check", good}).code, ExitCode::kOk);
  EXPECT_EQ(Invoke({"check", doubtful}).code, ExitCode::kOk);
  EXPECT_EQ(Invoke({"check", "--strict", doubtful}).code, ExitCode::kFailure);
  EXPECT_EQ(Invoke({"check", good, bad}).code, ExitCode::kFailure);
  EXPECT_EQ(Invoke({"check", "/no/such/file"}).code, ExitCode::kFailure);
  EXPECT_EQ(Invoke({"check"}).code, ExitCode::kUsage);
}

TEST(RunCheck, TakesAnUnknownResourceForTheClustersIfItIsToldTo) {
  const std::string file =
      Write("check_custom.yaml",
            "rules:\n"
            "- seriesQuery: queue_length\n"
            "  resources:\n"
            "    overrides:\n"
            "      namespace: {resource: namespace}\n"
            "      queue: {group: kueue.x-k8s.io, resource: localqueue}\n"
            "  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by "
            "(<<.GroupBy>>)\n");
  const Outcome alone = Invoke({"check", file});
  EXPECT_EQ(alone.code, ExitCode::kFailure);
  EXPECT_THAT(alone.out, ::testing::HasSubstr(
                             ":6:7: error: "
                             "rules[0].resources.overrides.queue.resource: "));
  const Outcome there = Invoke({"check", "--for-cluster", file});
  EXPECT_EQ(there.code, ExitCode::kOk);
  EXPECT_THAT(
      there.out,
      ::testing::AllOf(
          ::testing::HasSubstr(":6:7: warning: "
                               "rules[0].resources.overrides.queue.resource: "),
          ::testing::HasSubstr("[resource-not-there]")));
}

TEST(RunCheck, LooksIntoAConfigMap) {
  const std::string file = Write("check_map.yaml",
                                 "apiVersion: v1\n"
                                 "kind: ConfigMap\n"
                                 "data:\n"
                                 "  config.yaml: |\n"
                                 "    rules:\n"
                                 "    - seriesQueri: up\n"
                                 "metadata: {name: x}\n");
  const Outcome outcome = Invoke({"check", file});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_THAT(outcome.out,
              ::testing::HasSubstr(
                  "check_map.yaml:6:7: error: rules[0].seriesQueri: a rule has "
                  "no key \"seriesQueri\"; did you mean \"seriesQuery\"?\n"
                  "      - seriesQueri: up\n"
                  "        ^\n"));
}

constexpr char kFine[] =
    "rules:\n"
    "- seriesQuery: http_requests_total{pod!=\"\"}\n"
    "  resources: {template: <<.Resource>>}\n"
    "  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by "
    "(<<.GroupBy>>)\n";

TEST(RunCheck, ABackendThatDoesNotAnswerIsAnErrorOfEachRule) {
  const std::string file = Write("check_fine.yaml", kFine);
  const Outcome outcome =
      Invoke({"check", "--prometheus-url=http://127.0.0.1:1", file});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(
      Without(outcome.out, OwnFolder().path() + "/"),
      "check_fine.yaml:2:3: error: rules[0]: the backend failed: connecting "
      "to http://127.0.0.1:1: connection refused [backend-failed]\n"
      "  - seriesQuery: http_requests_total{pod!=\"\"}\n"
      "    ^\n"
      "What the rules of check_fine.yaml find now:\n"
      "  rules[0]  http_requests_total{pod!=\"\"}\n"
      "    not known\n"
      "1 file: 1 error, 0 warnings, 0 notes\n");
}

TEST(RunCheck, WarnsOfFlagsAndNamesFilesThatAreMissing) {
  const Outcome outcome =
      Invoke({"check", "--prometheus-url=http://127.0.0.1:1",
              "--prometheus-header=Content-Length=1",
              Write("check_fine.yaml", kFine)});
  EXPECT_THAT(outcome.err, ::testing::StartsWith(
                               "sextant check: warning: --prometheus-header"));
  const Outcome missing = Invoke(
      {"check", "--prometheus-url=http://127.0.0.1:1",
       "--prometheus-ca-file=/no/such.pem", Write("check_fine.yaml", kFine)});
  EXPECT_EQ(missing.code, ExitCode::kFailure);
  EXPECT_EQ(missing.out, "");
  EXPECT_THAT(missing.err, ::testing::HasSubstr("/no/such.pem"));
}

TEST(RunCheck, AsksNothingAboutAFileWithErrors) {
  const Outcome outcome =
      Invoke({"check", "--output=json", "--prometheus-url=http://127.0.0.1:1",
              Write("check_bad.yaml", kBad)});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_THAT(outcome.out, ::testing::Not(::testing::HasSubstr("\"rules\":")));
}

TEST(CheckText, IsInColoursWhereItMayBe) {
  CheckedFile file;
  file.name = "f";
  file.text = "abc\n";
  file.problems.Add({config::Problem::Severity::kWarning,
                     "f",
                     {1, 2},
                     "a",
                     "is odd",
                     "mend it",
                     "odd-thing"});
  EXPECT_EQ(CheckText({file}, {}, Painter(true)),
            "\033[1mf:1:2:\033[0m \033[1;33mwarning:\033[0m a: is odd; mend it "
            "\033[2m[odd-thing]\033[0m\n"
            "  abc\n"
            "   \033[32m^\033[0m\n"
            "1 file: 0 errors, 1 warning, 0 notes\n");
}

}  // namespace
}  // namespace sextant::app
