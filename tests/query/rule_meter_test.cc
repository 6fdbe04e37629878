#include "query/rule_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::query {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RuleMeter, CountsRequestsByRuleAndEnding) {
  obs::Metrics metrics;
  RuleMeter meter(metrics);
  meter.Ended("rules[0]", Cause::kValue);
  meter.Ended("rules[0]", Cause::kValue);
  meter.Ended("externalRules[1]", Cause::kTimeout);
  const auto line = [](const std::string& outcome, const std::string& rule) {
    return "sextant_rule_requests_total{outcome=\"" + outcome + "\",rule=\"" +
           rule + "\"} ";
  };
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr(line("value", "rules[0]") + "2\n"),
                    HasSubstr(line("timeout", "externalRules[1]") + "1\n"),
                    Not(HasSubstr("no_sample"))));
}

TEST(RuleMeter, TellsFromItsSizesHowAnAnswerEnded) {
  struct Row {
    std::size_t values;
    std::size_t samples;
    std::string outcome;
  };
  for (const Row& row :
       {Row{2, 3, "value"}, Row{0, 3, "no_value"}, Row{0, 0, "no_sample"}}) {
    obs::Metrics metrics;
    RuleMeter meter(metrics);
    meter.Answered("rules[0]", row.values, row.samples);
    EXPECT_THAT(metrics.Text(),
                HasSubstr("sextant_rule_requests_total{outcome=\"" +
                          row.outcome + "\",rule=\"rules[0]\"} 1\n"));
  }
}

TEST(RuleMeter, KeepsTheTimesOfEachRuleApart) {
  obs::Metrics metrics;
  RuleMeter meter(metrics);
  meter.Queried("rules[0]", std::chrono::milliseconds(20));
  meter.Queried("rules[0]", std::chrono::seconds(60));
  meter.Queried("resourceRules.cpu", std::chrono::seconds(1));
  const std::string name = "sextant_rule_query_duration_seconds_";
  EXPECT_THAT(
      metrics.Text(),
      AllOf(HasSubstr(name + "bucket{le=\"0.01\",rule=\"rules[0]\"} 0\n"),
            HasSubstr(name + "bucket{le=\"0.025\",rule=\"rules[0]\"} 1\n"),
            HasSubstr(name + "bucket{le=\"30\",rule=\"rules[0]\"} 1\n"),
            HasSubstr(name + "sum{rule=\"rules[0]\"} 60.02\n"),
            HasSubstr(name + "count{rule=\"rules[0]\"} 2\n"),
            HasSubstr(name + "count{rule=\"resourceRules.cpu\"} 1\n")));
}

TEST(RuleMeter, ShowsEveryStateFromTheFirstAnswerOn) {
  obs::Metrics metrics;
  RuleMeter meter(metrics);
  EXPECT_EQ(metrics.Text(), "");
  meter.Samples("rules[0]").Count(SampleState::kNan);
  meter.Samples("rules[0]").Count(SampleState::kNan);
  meter.Samples("rules[1]");
  const auto line = [](const std::string& rule, const std::string& state) {
    return "sextant_rule_samples_total{rule=\"" + rule + "\",state=\"" + state +
           "\"} ";
  };
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr(line("rules[0]", "nan") + "2\n"),
                    HasSubstr(line("rules[0]", "infinite") + "0\n"),
                    HasSubstr(line("rules[1]", "nan") + "0\n")));
}

}  // namespace
}  // namespace sextant::query
