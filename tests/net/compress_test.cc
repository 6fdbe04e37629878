#include "sextant/net/compress.h"

#include <gtest/gtest.h>

#include <string>

#include "net/gunzip.h"
#include "support/result_matchers.h"

namespace sextant::net {
namespace {

std::string Unpacked(const std::string& packed) {
  std::string text;
  Gunzip gunzip;
  const Result<bool> fed =
      gunzip.Feed(packed, [&text](std::string_view plain) -> Result<Done> {
        text += plain;
        return Done{};
      });
  EXPECT_THAT(fed, IsOk());
  EXPECT_TRUE(*fed);
  EXPECT_TRUE(gunzip.AtEnd());
  return text;
}

TEST(Compressed, IsTheTextAgainWhenUnpacked) {
  std::string noise;  // what does not shrink
  unsigned state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1'664'525U + 1'013'904'223U;
    noise += static_cast<char>(state >> 24U);
  }
  const std::string cases[] = {"", "a", std::string(32 * 1024, 'x'), noise,
                               std::string(3'000'000, 'y')};
  for (const std::string& text : cases) {
    SCOPED_TRACE(text.size());
    EXPECT_EQ(Unpacked(Compressed(text)), text);
  }
}

TEST(Compressed, IsSmallerWhereTextsRepeat) {
  EXPECT_LT(Compressed(std::string(1'000'000, 'x')).size(), 10'000U);
}

}  // namespace
}  // namespace sextant::net
