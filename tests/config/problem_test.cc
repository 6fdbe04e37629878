#include "sextant/config/problem.h"

#include <gtest/gtest.h>

namespace sextant::config {
namespace {

TEST(Problem, SaysWhereAndWhat) {
  using Severity = Problem::Severity;
  const struct {
    Problem problem;
    std::string want;
  } cases[] = {
      {{Severity::kError, "f", {3, 5}, "a.b", "is wrong", "mend it", ""},
       "f:3:5: a.b: is wrong; mend it"},
      {{Severity::kWarning, "f", {3, 0}, "", "is odd", "", "odd-thing"},
       "f:3: warning: is odd"},
      {{Severity::kNote, "f", {3, 1}, "", "is rare", "", ""},
       "f:3:1: note: is rare"},
      {{Severity::kError, "f", {}, "a", "is wrong", "", ""}, "f: a: is wrong"},
      {{Severity::kError, "", {}, "", "is wrong", "", ""}, "is wrong"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(c.problem.ToString(), c.want);
  }
}

TEST(Problems, GivesTheErrorsInTheOrderOfTheFile) {
  Problems problems;
  EXPECT_FALSE(problems.HasErrors());
  problems.Warning("f", {1, 1}, "", "odd");
  EXPECT_FALSE(problems.HasErrors());
  EXPECT_EQ(problems.ErrorText(), "");
  problems.Error("f", {9, 1}, "", "late");
  problems.Error("f", {2, 7}, "", "right");
  problems.Error("f", {2, 3}, "", "left");
  problems.Error("f", {}, "", "whole");
  EXPECT_TRUE(problems.HasErrors());
  EXPECT_EQ(problems.ErrorText(),
            "f: whole\nf:2:3: left\nf:2:7: right\nf:9:1: late");
  EXPECT_EQ(problems.all().size(), 5U);
}

TEST(Problems, KeepsTheFirstHundredOfEachKind) {
  Problems problems;
  for (int i = 0; i < 250; ++i) problems.Warning("f", {i, 1}, "", "odd");
  EXPECT_FALSE(problems.HasErrors());
  for (int i = 0; i < 103; ++i) problems.Error("f", {i, 1}, "", "wrong");
  EXPECT_TRUE(problems.HasErrors());
  EXPECT_EQ(problems.all().size(), 200U);
  const std::string text = problems.ErrorText();
  EXPECT_EQ(text.substr(text.rfind('\n')), "\nand 3 more");
}

}  // namespace
}  // namespace sextant::config
