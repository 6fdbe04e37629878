#include "app/explain_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sextant/base/json.h"
#include "support/golden.h"

namespace sextant::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

nlohmann::json Document(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(kSourceDir) / "tests/golden/api" / (name + ".json");
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return *ParseJson(text.str());
}

// The documents are those that the server's tests write.
TEST(ExplainText, TellsThePersonWhatHappened) {
  for (const char* name :
       {"explain_value", "explain_no_rule", "explain_bad_request",
        "explain_external", "explain_usage", "explain_usage_node",
        "explain_usage_nothing"}) {
    SCOPED_TRACE(name);
    ExpectGolden("app/" + std::string(name) + ".txt",
                 ExplainText(Document(name), false, Painter(false)));
  }
}

TEST(ExplainText, OfflineEndsAtTheQuery) {
  const std::string text =
      ExplainText(Document("explain_value"), true, Painter(false));
  EXPECT_THAT(text, HasSubstr("a query would be sent"));
  EXPECT_THAT(text, Not(HasSubstr("Answer")));
  EXPECT_THAT(text, Not(HasSubstr("Reply")));
}

TEST(ExplainText, IsColouredOnlyIfAsked) {
  const nlohmann::json document = Document("explain_value");
  EXPECT_THAT(ExplainText(document, false, Painter(false)),
              Not(HasSubstr("\033")));
  EXPECT_THAT(ExplainText(document, false, Painter(true)), HasSubstr("\033["));
}

TEST(ExplainText, SaysSomethingOfADocumentThatLacksEverything) {
  for (const char* text : {"{}", "[]", "null", R"({"rules":[1],"queries":[2]})",
                           R"({"response":{"items":[3]},"objects":5})"}) {
    SCOPED_TRACE(text);
    EXPECT_NE(ExplainText(*ParseJson(text), false, Painter(false)), "");
  }
  EXPECT_FALSE(EndsWell(*ParseJson("{}"), false));
}

// What a backend says must not move the cursor.
TEST(ExplainText, LetsNoControlCharacterThrough) {
  const auto document =
      ParseJson(R"({"queries":[{"query":"q","error":"\u001b[2Jbad\nnews"}]})");
  EXPECT_THAT(ExplainText(*document, false, Painter(false)),
              HasSubstr("[2Jbad news"));
}

}  // namespace
}  // namespace sextant::app
