// Times and durations as Go, Prometheus and RFC 3339 write them.  All functions
// are pure and may be called from any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant {

// "1m30s", "1.5h", "300ms", "-2s", "0": Go's time.ParseDuration, to the
// millisecond.  The message of an error is Go's: `time: invalid duration
// "abc"`.
Result<Duration> ParseGoDuration(std::string_view text);

// "5m0s", "1h30m0s", "1.5s", "300ms", "0s": Go's Duration.String.
std::string FormatGoDuration(Duration duration);

// "5m", "1h30m", "1d", "0": units y w d h m s ms, largest first, each at most
// once (Prometheus' model.ParseDuration).
Result<Duration> ParsePrometheusDuration(std::string_view text);

// "2026-11-22T11:32:03Z": UTC, whole seconds, fractions cut off.
std::string FormatRfc3339(TimePoint time);

// "2026-01-02T03:04:05Z" read back: fractions are cut off, and "+00:00" stands
// for Z too.  Nothing for another offset, or what is no such time.
std::optional<TimePoint> ParseRfc3339Utc(std::string_view text);

// "2026-11-22T11:32:03.045Z", for logs.
std::string FormatRfc3339Millis(TimePoint time);

// "1712345678.901", "1712345678.9", "1712345678": Unix seconds, as Prometheus'
// `time` parameter.
std::string FormatUnixSeconds(TimePoint time);

}  // namespace sextant
