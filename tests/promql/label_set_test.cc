#include "sextant/promql/label_set.h"

#include <gtest/gtest.h>

namespace sextant::promql {
namespace {

// What the set says of a, b and c: "a-c".
std::string Of(const LabelSet& set) {
  std::string text;
  for (const char* label : {"a", "b", "c"}) {
    text += set.Has(label) ? label : "-";
  }
  return text;
}

TEST(LabelSet, KnowsEitherKindOfSet) {
  EXPECT_EQ(Of(LabelSet::All()), "abc");
  EXPECT_EQ(Of(LabelSet::Only({"b"})), "-b-");
  EXPECT_TRUE(LabelSet::Only({}).empty());
  EXPECT_FALSE(LabelSet::All().empty());
}

TEST(LabelSet, CombinesEveryKindWithEveryOther) {
  const LabelSet ab = LabelSet::Only({"a", "b"});
  const LabelSet bc = LabelSet::Only({"b", "c"});
  const LabelSet not_a = LabelSet::All().Without({"a"});
  const LabelSet not_ab = LabelSet::All().Without({"a", "b"});
  EXPECT_EQ(Of(ab.With(bc)), "abc");
  EXPECT_EQ(Of(ab.Within(bc)), "-b-");
  EXPECT_EQ(Of(ab.Without({"a"})), "-b-");
  EXPECT_EQ(Of(ab.Within(not_a)), "-b-");
  EXPECT_EQ(Of(not_a.Within(ab)), "-b-");
  EXPECT_EQ(Of(ab.With(not_a)), "abc");
  EXPECT_EQ(Of(not_ab.With(LabelSet::Only({"a"}))), "a-c");
  EXPECT_EQ(Of(not_a.With(not_ab)), "-bc");
  EXPECT_EQ(Of(not_a.Within(not_ab)), "--c");
}

}  // namespace
}  // namespace sextant::promql
