#include "query/rule_outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::query {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RuleOutcomes, CountByRuleAndEnding) {
  obs::Metrics metrics;
  RuleOutcomes outcomes(metrics);
  outcomes.Count("rules[0]", Cause::kValue);
  outcomes.Count("rules[0]", Cause::kValue);
  outcomes.Count("externalRules[1]", Cause::kTimeout);
  const auto line = [](const std::string& outcome, const std::string& rule) {
    return "sextant_rule_requests_total{outcome=\"" + outcome + "\",rule=\"" +
           rule + "\"} ";
  };
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr(line("value", "rules[0]") + "2\n"),
                    HasSubstr(line("timeout", "externalRules[1]") + "1\n"),
                    Not(HasSubstr("no_sample"))));
}

}  // namespace
}  // namespace sextant::query
