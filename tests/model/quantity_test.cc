#include "sextant/model/quantity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sextant::model {
namespace {

TEST(FormatMilli, IsTheCanonicalDecimalForm) {
  const struct {
    std::int64_t milli;
    const char* want;
  } cases[] = {
      {0, "0"},
      {1, "1m"},
      {999, "999m"},
      {1000, "1"},
      {1001, "1001m"},
      {1500, "1500m"},
      {10000, "10"},
      {1000000, "1k"},
      {1234567, "1234567m"},
      {1000000000, "1M"},
      {1500000000, "1500k"},
      {123456789000, "123456789"},
      {-1500, "-1500m"},
      {-1000000, "-1k"},
      {1000000000000000000, "1P"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775807m"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808m"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(FormatMilli(c.milli), c.want);
  }
}

TEST(FormatMilliBinary, IsTheCanonicalBinaryForm) {
  const struct {
    std::int64_t milli;
    const char* want;
  } cases[] = {
      {0, "0"},
      {1, "1m"},
      {1000000, "1k"},
      {1023000, "1023"},
      {1024000, "1Ki"},
      {1024500, "1024500m"},
      {1025000, "1025"},
      {1000000000, "1000000"},
      {1048576000, "1Mi"},
      {1572864000, "1536Ki"},
      {104857600000, "100Mi"},
      {1073741824500, "1073741824500m"},
      {-1024000, "-1Ki"},
      {1125899906842624000, "1Pi"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775807m"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(FormatMilliBinary(c.milli), c.want);
  }
}

TEST(ToMilli, CutsTowardsZero) {
  const struct {
    double value;
    std::int64_t want;
  } cases[] = {
      {0, 0},
      {-0.0, 0},
      {1.5, 1500},
      {16.016, 16015},
      {1.001, 1000},
      {0.0009, 0},
      {-0.0005, 0},
      {-1.9999, -1999},
      {92.5, 92500},
      {0.0421, 42},
      {9e15, 9000000000000000000},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(ToMilli(c.value), c.want);
  }
}

TEST(ToMilli, HasNothingForWhatIsNoNumberOrDoesNotFit) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 9.3e15, 1e30,
                             -9.3e15, 9223372036854776.0}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(ToMilli(value), std::nullopt);
  }
  EXPECT_EQ(ToMilli(-9e15), -9000000000000000000);
}

}  // namespace
}  // namespace sextant::model
