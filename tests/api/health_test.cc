#include "api/health.h"

#include <gtest/gtest.h>

namespace sextant::api {
namespace {

// The wire's section 1.3; checklist, 84.
TEST(Health, AnswersAsTheApiServerDoes) {
  const std::vector<HealthCheck> well = {{"ping", ""}, {"shutdown", ""}};
  const std::vector<HealthCheck> ending = {{"ping", ""},
                                           {"shutdown", "about to end"}};
  const struct {
    const std::vector<HealthCheck>& checks;
    const char* query;
    int status;
    const char* body;
  } kCases[] = {
      {well, "", 200, "ok"},
      {well, "exclude=bogus", 200, "ok"},
      {well, "verbose", 200,
       "[+]ping ok\n[+]shutdown ok\na note\nreadyz check passed\n"},
      {well, "verbose=0", 200,
       "[+]ping ok\n[+]shutdown ok\na note\nreadyz check passed\n"},
      {well, "verbose&exclude=ping", 200,
       "[+]ping excluded: ok\n[+]shutdown ok\na note\nreadyz check passed\n"},
      {well, "verbose&exclude=bogus&exclude=b2", 200,
       "[+]ping ok\n[+]shutdown ok\na note\nwarn: some health checks cannot be "
       "excluded: no matches for \"bogus\",\"b2\"\nreadyz check passed\n"},
      {ending, "", 500,
       "[+]ping ok\n[-]shutdown failed: about to end\na note\n"
       "readyz check failed\n"},
      {ending, "exclude=shutdown", 200, "ok"},
      {ending, "exclude=ping", 500,
       "[+]ping excluded: ok\n[-]shutdown failed: about to end\na note\n"
       "readyz check failed\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.query) + " " + std::to_string(c.status));
    const net::Response response =
        AnswerHealth("readyz", c.checks, {"a note"}, QueryParameters(c.query));
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(*response.body, c.body);
    EXPECT_EQ(*response.headers.Find("Content-Type"),
              "text/plain; charset=utf-8");
    EXPECT_EQ(*response.headers.Find("X-Content-Type-Options"), "nosniff");
  }
}

TEST(Health, AnswersForOneCheck) {
  const net::Response well = AnswerCheck({"ping", ""});
  EXPECT_EQ(well.status, 200);
  EXPECT_EQ(*well.body, "ok");
  const net::Response ill = AnswerCheck({"shutdown", "about to end"});
  EXPECT_EQ(ill.status, 500);
  EXPECT_EQ(*ill.body, "internal server error: about to end\n");
}

TEST(Health, GivesEachRuleOneLine) {
  catalog::RuleState well;
  well.path = "rules[0]";
  well.asked = true;
  well.metrics = 12;
  catalog::RuleState single = well;
  single.path = "rules[1]";
  single.metrics = 1;
  catalog::RuleState ill = well;
  ill.path = "externalRules[0]";
  ill.error = "the backend said: 400\nbad\tdata";
  catalog::RuleState waiting;
  waiting.path = "rules[2]";
  const std::vector<std::string> wanted = {
      "[+]rule/rules[0] ok (12 metrics)", "[+]rule/rules[1] ok (1 metric)",
      "[-]rule/externalRules[0] failed: the backend said: 400 bad data",
      "[-]rule/rules[2] not asked yet"};
  EXPECT_EQ(RuleNotes({well, single, ill, waiting}), wanted);
}

}  // namespace
}  // namespace sextant::api
