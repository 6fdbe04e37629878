#include "sextant/app/command.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

namespace sextant::app {
namespace {

using ::testing::HasSubstr;

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

TEST(RunProgram, WithoutArgumentsShowsWhatThereIs) {
  const Outcome outcome = Invoke({});
  EXPECT_EQ(outcome.code, ExitCode::kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("  serve "));
}

TEST(RunProgram, KnowsItsVersion) {
  const Outcome outcome = Invoke({"--version"});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_EQ(outcome.out, "sextant " SEXTANT_VERSION "\n");
}

TEST(RunProgram, GuessesTheCommandThatWasMeant) {
  const Outcome outcome = Invoke({"sevre"});
  EXPECT_EQ(outcome.code, ExitCode::kUsage);
  EXPECT_EQ(outcome.err,
            "sextant: unknown command \"sevre\"; did you mean \"serve\"?\n"
            "Try \"sextant --help\".\n");
}

TEST(RunProgram, TakesFlagsWithoutACommandForServe) {
  const Outcome outcome = Invoke({"--no-such-flag"});
  EXPECT_EQ(outcome.code, ExitCode::kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("sextant serve: "));
  EXPECT_THAT(outcome.err, HasSubstr("--no-such-flag"));
}

TEST(RunProgram, PassesOverThePathOfThePeersProgram) {
  for (const char* path : {"/adapter", "/usr/local/bin/sextant"}) {
    SCOPED_TRACE(path);
    const Outcome outcome = Invoke({path, "--no-such-flag"});
    EXPECT_EQ(outcome.code, ExitCode::kUsage);
    EXPECT_EQ(outcome.err,
              "sextant serve: unknown flag: --no-such-flag; --help lists "
              "the flags\nTry \"sextant serve --help\".\n");
  }
}

TEST(RunProgram, HelpListsTheCommands) {
  for (const char* word : {"help", "--help", "-h"}) {
    SCOPED_TRACE(word);
    const Outcome outcome = Invoke({word});
    EXPECT_EQ(outcome.code, ExitCode::kOk);
    EXPECT_THAT(outcome.out, HasSubstr("\n  serve     answer"));
  }
}

TEST(RunServe, HelpIsPrintedAndNothingIsStarted) {
  const Outcome outcome = Invoke({"serve", "--help"});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_THAT(outcome.out, HasSubstr("--prometheus-url"));
  EXPECT_EQ(outcome.err, "");
}

TEST(RunServe, ACannotStartSaysWhichFileAndWhy) {
  const Outcome outcome =
      Invoke({"serve", "--standalone", "--config", "/no/such/config.yaml"});
  EXPECT_EQ(outcome.code, ExitCode::kFailure);
  EXPECT_EQ(outcome.err,
            "sextant serve: cannot start:\n"
            "--config: cannot read /no/such/config.yaml: No such file or "
            "directory\n");
}

}  // namespace
}  // namespace sextant::app
