#include "sextant/base/loopback.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(IsLoopbackAddress, KnowsBothFamilies) {
  const struct {
    const char* address;
    bool want;
  } cases[] = {
      {"127.0.0.1", true},
      {"127.1.2.3", true},
      {"127.255.255.255", true},
      {"::1", true},
      {"::ffff:127.0.0.1", true},
      {"10.0.0.1", false},
      {"128.0.0.1", false},
      {"::2", false},
      {"", false},
      {"1127.0.0.1", false},
      {"fe80::1", false},
      {"::ffff:10.0.0.1", false},
      {"127.0.0.256", false},
      {"127.0.0", false},
      {"127.0.0.1.example", false},
      {"127.0.0.0001", false},
      {"127.0.0.+1", false},
      {"localhost", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.address);
    EXPECT_EQ(IsLoopbackAddress(c.address), c.want);
  }
}

}  // namespace
}  // namespace sextant
