// Any number that a backend may answer: it becomes thousandths or nothing, and
// thousandths become a canonical quantity that says the same number.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "sextant/model/quantity.h"

namespace {

// Thousandths that `text` stands for, read without any of our code; nothing if
// it is not in canonical form.
std::optional<std::int64_t> Read(const std::string& text) {
  static constexpr std::string_view kSuffixes = "mkMGTPE";
  std::int64_t mantissa = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, mantissa);
  if (error != std::errc() || end - rest > 1) return std::nullopt;
  if (mantissa == 0) {
    if (text != "0") return std::nullopt;
    return 0;
  }
  int thousands = 1;  // no suffix
  if (rest != end) {
    const std::size_t suffix = kSuffixes.find(*rest);
    if (suffix == std::string_view::npos) return std::nullopt;
    thousands = suffix == 0 ? 0 : static_cast<int>(suffix) + 1;
  }
  if (mantissa % 1000 == 0 && thousands < 7) return std::nullopt;
  std::int64_t milli = mantissa;
  for (int i = 0; i < thousands; ++i) {
    if (__builtin_mul_overflow(milli, std::int64_t{1000}, &milli)) {
      return std::nullopt;
    }
  }
  return milli;
}

void Check(std::int64_t milli) {
  if (Read(sextant::model::FormatMilli(milli)) != milli) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < sizeof(double)) return 0;
  double value = 0;
  std::memcpy(&value, data, sizeof(value));
  std::int64_t bits = 0;
  std::memcpy(&bits, data, sizeof(bits));
  Check(bits);

  const std::optional<std::int64_t> milli = sextant::model::ToMilli(value);
  // Nothing exactly where an int64 cannot hold it.
  const bool fits = value * 1000 >= -0x1p63 && value * 1000 < 0x1p63;
  if (milli.has_value() != fits) std::abort();
  if (!milli) return 0;
  Check(*milli);
  // Cut off towards zero: never further from zero than the number, and less
  // than a thousandth (or what a double can tell) away from it.
  const double exact = value * 1000;
  const double back = static_cast<double>(*milli);
  if (std::abs(back) > std::abs(exact)) std::abort();
  if (std::abs(exact - back) >= 1) std::abort();
  return 0;
}
