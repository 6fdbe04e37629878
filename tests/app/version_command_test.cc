#include <gmock/gmock.h>

#include <sstream>

#include "app/commands.h"

namespace sextant::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(RunVersion, SaysWhatItWasBuiltWith) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunVersion({}, {out, err}), ExitCode::kOk);
  EXPECT_THAT(out.str(), StartsWith("sextant " SEXTANT_VERSION "\ncompiler "));
  EXPECT_THAT(out.str(), HasSubstr("\nopenssl 3."));
}

TEST(RunVersion, SpeaksJsonToPrograms) {
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<std::string> arguments = {"--output=json"};
  EXPECT_EQ(RunVersion(arguments, {out, err}), ExitCode::kOk);
  EXPECT_THAT(out.str(),
              StartsWith("{\n  \"version\": \"" SEXTANT_VERSION "\",\n"));
  EXPECT_THAT(out.str(), HasSubstr("\"libraries\": {\n    \"boost\": \"1."));
}

// RE2's own files say 0.0.0 in every release.
TEST(RunVersion, NamesNoVersionThatIsNone) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunVersion({}, {out, err}), ExitCode::kOk);
  EXPECT_THAT(out.str(), Not(HasSubstr(" 0.0.0")));
  EXPECT_THAT(out.str(), Not(HasSubstr(" \n")));
}

TEST(RunVersion, TakesNothingElse) {
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<std::string> word = {"now"};
  EXPECT_EQ(RunVersion(word, {out, err}), ExitCode::kUsage);
  const std::vector<std::string> format = {"--output", "yaml"};
  EXPECT_EQ(RunVersion(format, {out, err}), ExitCode::kUsage);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(),
            "sextant version: unexpected argument \"now\"; it takes "
            "--output=text|json only\n"
            "sextant version: --output: must be text or json, not \"yaml\"\n");
}

}  // namespace
}  // namespace sextant::app
