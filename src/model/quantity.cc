#include "sextant/model/quantity.h"

#include <cmath>
#include <iterator>

namespace sextant::model {

std::optional<std::int64_t> ToMilli(double value) {
  const double milli = std::trunc(value * 1000.0);
  // 2^63 is the first double that does not fit; its negative still does.
  constexpr double kLimit = 9223372036854775808.0;
  if (!(milli >= -kLimit && milli < kLimit)) return std::nullopt;
  return static_cast<std::int64_t>(milli);
}

std::string FormatMilli(std::int64_t milli) {
  if (milli == 0) return "0";
  static constexpr const char* kSuffixes[] = {"m", "",  "k", "M",
                                              "G", "T", "P", "E"};
  std::int64_t mantissa = milli;
  std::size_t suffix = 0;
  while (mantissa % 1000 == 0 && suffix + 1 < std::size(kSuffixes)) {
    mantissa /= 1000;
    ++suffix;
  }
  return std::to_string(mantissa) + kSuffixes[suffix];
}

std::string FormatMilliBinary(std::int64_t milli) {
  std::int64_t mantissa = milli / 1000;
  if (milli % 1000 != 0 || (mantissa < 1024 && mantissa > -1024)) {
    return FormatMilli(milli);
  }
  static constexpr const char* kSuffixes[] = {"",   "Ki", "Mi", "Gi",
                                              "Ti", "Pi", "Ei"};
  std::size_t suffix = 0;
  while (mantissa % 1024 == 0 && suffix + 1 < std::size(kSuffixes)) {
    mantissa /= 1024;
    ++suffix;
  }
  return std::to_string(mantissa) + kSuffixes[suffix];
}

}  // namespace sextant::model
