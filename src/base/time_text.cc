#include "sextant/base/time_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

#include "sextant/base/text.h"

namespace sextant {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

Error Invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

// Longest names first, so that "ms" is not read as "m".
constexpr Unit kGoUnits[] = {
    {"ns", 1},          {"us", 1000},         {"µs", 1000},
    {"μs", 1000},       {"ms", 1000000},      {"s", 1000000000},
    {"m", 60000000000}, {"h", 3600000000000},
};

}  // namespace

Result<Duration> ParseGoDuration(std::string_view text) {
  const Error bad = Invalid("time: invalid duration " + GoQuote(text));
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration(0);
  if (rest.empty()) return bad;

  long double total = 0;
  while (!rest.empty()) {
    long double value = 0;
    long double scale = 1;
    bool digits = false;
    bool fraction = false;
    while (!rest.empty() &&
           (IsDigit(rest[0]) || (rest[0] == '.' && !fraction))) {
      if (rest[0] == '.') {
        fraction = true;
      } else {
        digits = true;
        if (fraction) scale *= 10;
        value = value * 10 + (rest[0] - '0');
      }
      rest.remove_prefix(1);
    }
    if (!digits) return bad;
    if (rest.empty()) {
      return Invalid("time: missing unit in duration " + GoQuote(text));
    }
    const Unit* unit = nullptr;
    const std::size_t end = rest.find_first_of("0123456789.");
    const std::string_view name = rest.substr(0, end);
    for (const Unit& candidate : kGoUnits) {
      if (candidate.name == name) unit = &candidate;
    }
    if (unit == nullptr) {
      return Invalid("time: unknown unit " + GoQuote(name) + " in duration " +
                     GoQuote(text));
    }
    total += value / scale * static_cast<long double>(unit->nanos);
    // Also true for what thousands of digits make: not a number.
    if (!(total <= 9.2e18L)) return bad;
    rest.remove_prefix(name.size());
  }
  const nanoseconds nanos(static_cast<std::int64_t>(total));
  return duration_cast<Duration>(negative ? -nanos : nanos);
}

std::string FormatGoDuration(Duration duration) {
  if (duration.count() == 0) return "0s";
  std::string out = duration.count() < 0 ? "-" : "";
  const std::int64_t millis =
      duration.count() < 0 ? -duration.count() : duration.count();
  if (millis < 1000) return out + std::to_string(millis) + "ms";

  const std::int64_t hours = millis / 3600000;
  const std::int64_t minutes = millis / 60000 % 60;
  if (hours > 0) out += std::to_string(hours) + "h";
  if (hours > 0 || minutes > 0) out += std::to_string(minutes) + "m";
  out += std::to_string(millis / 1000 % 60);
  if (const std::int64_t rest = millis % 1000; rest > 0) {
    std::string digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out + "s";
}

Result<Duration> ParsePrometheusDuration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 7>
      kUnits{{{"y", 365LL * 86400000},
              {"w", 7LL * 86400000},
              {"d", 86400000},
              {"h", 3600000},
              {"m", 60000},
              {"s", 1000},
              {"ms", 1}}};
  if (text.empty()) return Invalid("empty duration string");
  if (text == "0") return Duration(0);
  const Error bad = Invalid("not a valid duration string: " + GoQuote(text));

  std::int64_t total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t digits = rest.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos || digits > 15) {
      return bad;
    }
    std::int64_t value = 0;
    for (const char c : rest.substr(0, digits)) value = value * 10 + (c - '0');
    rest.remove_prefix(digits);

    const std::string_view name =
        rest.substr(0, rest.find_first_of("0123456789"));
    std::optional<std::size_t> unit;
    for (std::size_t i = 0; i < kUnits.size(); ++i) {
      if (kUnits[i].first == name) unit = i;
    }
    if (!unit) {
      return Invalid("unknown unit " + GoQuote(name) + " in duration " +
                     GoQuote(text));
    }
    if (*unit < next_unit) return bad;
    next_unit = *unit + 1;
    std::int64_t millis = 0;
    if (__builtin_mul_overflow(value, kUnits[*unit].second, &millis) ||
        __builtin_add_overflow(total, millis, &total)) {
      return Invalid("duration out of range");
    }
    rest.remove_prefix(name.size());
  }
  return Duration(total);
}

namespace {

std::string FormatDateTime(TimePoint time, const char* fraction) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d%sZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), fraction);
  return text;
}

}  // namespace

std::string FormatRfc3339(TimePoint time) { return FormatDateTime(time, ""); }

std::string FormatRfc3339Millis(TimePoint time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  char fraction[16];
  std::snprintf(fraction, sizeof(fraction), ".%03d",
                static_cast<int>((time - second).count()));
  return FormatDateTime(time, fraction);
}

std::string FormatUnixSeconds(TimePoint time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  std::string out = std::to_string(second.time_since_epoch().count());
  if (const auto millis = (time - second).count(); millis > 0) {
    std::string digits = std::to_string(1000 + millis).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out;
}

std::optional<TimePoint> ParseRfc3339Utc(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !IsDigit(text[i]) : text[i] != kShape[i]) {
      return std::nullopt;
    }
  }
  std::string_view rest = text.substr(kShape.size());
  if (rest.front() == '.') {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest != "Z" && rest != "+00:00") return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const std::chrono::year_month_day day{
      std::chrono::year(number(0, 4)),
      std::chrono::month(static_cast<unsigned>(number(5, 2))),
      std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hours = number(11, 2);
  const int minutes = number(14, 2);
  const int seconds = number(17, 2);
  if (!day.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(day)) + std::chrono::hours(hours) +
         std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

}  // namespace sextant
