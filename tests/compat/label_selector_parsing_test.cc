#include <gmock/gmock.h>

#include "compat/vectors.h"
#include "sextant/model/selector.h"

namespace sextant::compat {
namespace {

TEST(Compat, label_selector_parsing) {
  Report report("label_selector_parsing");
  for (const Case& c : Cases("label_selector_parsing")) {
    SCOPED_TRACE(c.id);
    const auto selector = model::Selector::Parse(Text(c.node, "input"));
    if (Has(c.node, "ok")) {
      ASSERT_TRUE(selector);
      if (Has(c.node, "normal")) {
        EXPECT_EQ(selector->ToString(), Text(c.node, "normal"));
      }
    } else {
      ASSERT_FALSE(selector);
      const std::string& message = selector.error().message;
      if (Has(c.node, "error")) {
        EXPECT_EQ(message, Text(c.node, "error"));
      } else {
        EXPECT_THAT(message,
                    ::testing::StartsWith(Text(c.node, "error_prefix")));
      }
    }
    report.Agrees(c);
  }
}

}  // namespace
}  // namespace sextant::compat
