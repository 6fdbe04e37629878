#include "sextant/base/http_text.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

TEST(PathSegment, IsOneSegmentWhateverIsInIt) {
  const struct {
    std::string text;
    std::string segment;
  } kCases[] = {{"", ""},
                {"web-0_a.b~c", "web-0_a.b~c"},
                {"a b", "a%20b"},
                {"a+b", "a%2Bb"},
                {"a/b?c#d%", "a%2Fb%3Fc%23d%25"},
                {"\xC3\xA9", "%C3%A9"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(PathSegment(c.text), c.segment);
  }
}

TEST(BasicCredentials, AreUserAndPasswordInBase64) {
  EXPECT_EQ(BasicCredentials("me:secret"), "Basic bWU6c2VjcmV0");
  EXPECT_EQ(BasicCredentials("me"), "Basic bWU6");
  EXPECT_EQ(BasicCredentials("me:a:b"), "Basic bWU6YTpi");
}

}  // namespace
}  // namespace sextant
