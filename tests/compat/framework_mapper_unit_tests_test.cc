#include <gtest/gtest.h>

#include "compat/deviations.h"
#include "compat/fixtures.h"

namespace sextant::compat {
namespace {

TEST(Compat, framework_mapper_unit_tests) {
  Comparison comparison("framework_mapper_unit_tests");
  const auto resources = RestMapper();
  for (const Case& c : Cases("framework_mapper_unit_tests")) {
    const std::string what = Text(c.node, "case");
    SCOPED_TRACE(what);
    if (what == "new API resources appear in the cluster") {
      comparison.Later(c);
      continue;
    }
    ASSERT_EQ(what, "normalise {resource: pod} and {resource: pods}");
    const model::Resource* singular = resources->Find("", "pod");
    ASSERT_NE(singular, nullptr);
    EXPECT_EQ(singular, resources->Find("", "pods"));
    comparison.Expect("resource", Text(c.node, "expect"),
                      "same normalised resource " + singular->plural +
                          ", singular " + singular->singular);
    comparison.Finish(c);
  }
}

}  // namespace
}  // namespace sextant::compat
