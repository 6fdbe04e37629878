#include "rules/series_naming.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::rules {
namespace {

// Compiled, or nothing; `problems` as text, one a line.
std::optional<SeriesNaming> CompileNaming(const config::Rule& rule,
                                          std::string* text = nullptr) {
  const std::string file = "f";
  const std::string path = "rules[0]";
  config::Problems problems;
  auto naming =
      SeriesNaming::Compile(rule, FieldReporter(file, path, problems));
  if (text != nullptr) {
    for (const config::Problem& p : problems.all()) {
      *text += p.field + ": " + p.message + "; " + p.advice + "\n";
    }
  }
  return naming;
}

config::Rule NamingRule(const std::string& matches, const std::string& as) {
  config::Rule rule;
  rule.name_matches.value = matches;
  rule.name_as.value = as;
  return rule;
}

TEST(SeriesNaming, ExpandsTheFirstMatchAsGo) {
  struct NameCase {
    std::string matches;
    std::string as;
    std::string series;
    std::string name;
  };
  for (const NameCase& c : std::vector<NameCase>{
           {"", "", "a_total", "a_total"},
           {"^(.*)_total$", "", "a_total", "a"},
           {"total", "", "a_total_b", "total"},
           {"^(.*)_total", "${1}_rate", "a_total_b", "a_rate"},
           {"^(.*)_total$", "$1_rate", "a_total", ""},
           {"^(.*)_total$", "$1-rate", "a_total", "a-rate"},
           {"^(.*)_(.*)$", "$2.$1", "a_b_c", "c.a_b"},
           {"^(?P<n>.*)_total$", "${n}x$n", "a_total", "axa"},
           {"^(?<n>.*)_total$", "${n}", "a_total", "a"},
           {"^(.*)_total$", "$$1$", "a_total", "$1$"},
           {"^(.*)_total$", "${1", "a_total", "${1"},
           {"^(.*)_total$", "${}$-", "a_total", "${}$-"},
           {"^(.*)_total$", "$01", "a_total", ""},
           {"^(.*)_total$", "$2", "a_total", ""},
           {"(a)|(b)", "<$1$2>", "xb", "<b>"},
           {"a|ab", "$0", "ab", "a"},  // leftmost-first
           {"[]a]+(?P<n>b)", "$n", "]ab", "b"},
           {"\\Q(?<\\E(.*)", "$1", "(?<x", "x"},
       }) {
    SCOPED_TRACE(c.matches + " as " + c.as);
    const auto naming = CompileNaming(NamingRule(c.matches, c.as));
    ASSERT_TRUE(naming.has_value());
    EXPECT_EQ(naming->NameFor(c.series), c.name);
    EXPECT_TRUE(naming->MayYield(c.name));
  }
}

TEST(SeriesNaming, KnowsWhichNamesCannotBe) {
  struct YieldCase {
    std::string as;
    std::string name;
    bool may;
  };
  for (const YieldCase& c : std::vector<YieldCase>{
           {"fixed", "fixed", true},
           {"fixed", "fixe", false},
           {"fixed", "fixedly", false},
           {"${1}_rate", "a_rate", true},
           {"${1}_rate", "_rate", true},
           {"${1}_rate", "a_ratio", false},
           {"a_${1}_b_${2}_c", "a_b_b_c", false},
           {"a_${1}_b_${2}_c", "a_x_b_y_c", true},
           {"a_${1}_b_${2}_c", "a_x_d_y_c", false},
           {"$1", "", true},
           {"$1_x", "", true},  // an unknown group
           {"$1_x", "a", false},
       }) {
    SCOPED_TRACE(c.as + " " + c.name);
    const auto naming = CompileNaming(NamingRule("^(.*)_(.*)$", c.as));
    ASSERT_TRUE(naming.has_value());
    EXPECT_EQ(naming->MayYield(c.name), c.may);
  }
}

TEST(SeriesNaming, AcceptsWhatAllFiltersAndMatchesAccept) {
  config::Rule rule = NamingRule("_total$", "");
  rule.series_filters = {{"^http_", "", {}}, {"", "_bucket_", {}}};
  const auto naming = CompileNaming(rule);
  ASSERT_TRUE(naming.has_value());
  EXPECT_TRUE(naming->Accepts("http_a_total"));
  EXPECT_FALSE(naming->Accepts("grpc_a_total"));
  EXPECT_FALSE(naming->Accepts("http_a_bucket_total"));
  EXPECT_FALSE(naming->Accepts("http_a_total_b"));
}

TEST(SeriesNaming, ReportsEverythingThatIsWrong) {
  config::Rule rule = NamingRule("(", "");
  rule.series_filters = {
      {"a", "b", {}}, {"", "", {}}, {"[", "", {}}, {"", "\\C", {}}};
  std::string problems;
  EXPECT_FALSE(CompileNaming(rule, &problems).has_value());
  const std::string advice =
      "write it in RE2's syntax, https://github.com/google/re2\n";
  EXPECT_EQ(
      problems,
      "rules[0].seriesFilters[0]: has both `is` (\"a\") and `isNot` (\"b\"); "
      "give it exactly one; two conditions are two filters\n"
      "rules[0].seriesFilters[1]: has neither `is` nor `isNot`; give it "
      "exactly one; two conditions are two filters\n"
      "rules[0].seriesFilters[2].is: the regular expression \"[\" is not "
      "valid: missing ]: [; " +
          advice +
          "rules[0].seriesFilters[3].isNot: the regular expression \"\\\\C\" "
          "is not valid: invalid escape sequence: `\\C`; " +
          advice +
          "rules[0].name.matches: the regular expression \"(\" is not valid: "
          "missing ): (; " +
          advice);
}

TEST(SeriesNaming, WantsANameWhereSeveralGroupsCouldBeIt) {
  std::string problems;
  EXPECT_FALSE(CompileNaming(NamingRule("(a)(b)", ""), &problems).has_value());
  EXPECT_EQ(problems,
            "rules[0].name: `matches` has 2 groups, and no `as` says which of "
            "them is the name; write as: \"$1\", or whatever the name should "
            "be\n");
}

TEST(SeriesNaming, WarnsOfGroupsThatDoNotExist) {
  std::string problems;
  EXPECT_TRUE(
      CompileNaming(NamingRule("^(.*)_total$", "$1_per_second$x"), &problems)
          .has_value());
  EXPECT_EQ(problems,
            "rules[0].name.as: name.matches has no group \"1_per_second\", so "
            "it expands to nothing; if group 1 is meant, write "
            "${1}_per_second\n"
            "rules[0].name.as: name.matches has no group \"x\", so it expands "
            "to nothing; \n");
}

}  // namespace
}  // namespace sextant::rules
