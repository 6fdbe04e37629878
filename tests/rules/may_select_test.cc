#include <gtest/gtest.h>

#include <string>

#include "sextant/rules/rule.h"

namespace sextant::rules {
namespace {

TEST(MaySelect, LooksAtTheNameAlone) {
  const struct {
    std::string selector;
    bool up;
  } kCases[] = {
      {"up", true},
      {"upper", false},
      {"up{job=\"none\"}", true},
      {"{__name__=\"up\"}", true},
      {"{__name__=~\"u\"}", false},  // for the whole name
      {"{__name__=~\"u.\",pod!=\"\"}", true},
      {"{__name__!~\"u.|x\"}", false},
      {"{__name__!=\"up\"}", false},
      {"{pod!=\"\"}", true},
      {"rate(up[5m])", true},  // not understood
      {"{__name__=~\"(\"}", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.selector);
    EXPECT_EQ(MaySelect(c.selector, "up"), c.up);
  }
}

}  // namespace
}  // namespace sextant::rules
