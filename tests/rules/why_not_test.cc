#include <gtest/gtest.h>

#include <string>

#include "support/compile_rules.h"

namespace sextant::rules {
namespace {

TEST(WhyNot, NamesTheFieldThatDecides) {
  const auto rules = CompileRuleText(R"(
rules:
- seriesQuery: '{__name__=~"^http_.*",pod!=""}'
  seriesFilters: [{isNot: '_bucket$'}, {is: 'requests'}]
  resources: {template: '<<.Resource>>'}
  name: {matches: '^http_(.*)_total$', as: '${1}_per_second'}
  metricsQuery: '<<.Series>>'
)");
  const struct {
    std::string series;
    std::string why;
  } kCases[] = {
      {"http_requests_total", ""},
      {"up", "seriesQuery does not select it"},
      {"http_requests_bucket",
       "seriesFilters[0] wants names that do not match \"_bucket$\""},
      {"http_errors_total",
       "seriesFilters[1] wants names that match \"requests\""},
      {"http_requests_sum",
       "name.matches \"^http_(.*)_total$\" does not match it"},
      {"http_bad_requests_total",
       "it is called \"bad_requests_per_second\" in the API"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.series);
    EXPECT_EQ(rules->custom[0]->WhyNot(c.series, "requests_per_second"), c.why);
  }
}

}  // namespace
}  // namespace sextant::rules
