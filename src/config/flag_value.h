// Values of flags, as Go writes them.  All functions are pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flag.h"

namespace sextant::config {

// "true", "1", "T", ...: Go's strconv.ParseBool.
std::optional<bool> ReadSwitch(std::string_view text);

// Decimal, with or without a sign.
std::optional<std::int64_t> ReadInteger(std::string_view text);

// "10", "0.5".  Finite.
std::optional<double> ReadNumber(std::string_view text);

// One line of CSV: a,"b,c" are two.  Nothing if quotes do not fit.
std::optional<std::vector<std::string>> ReadList(std::string_view text);

// What is wrong with a value of this flag, to stand after "--flag: "; nothing
// if it can be read and is within its limits.
std::optional<std::string> WrongValue(const Flag& flag,
                                      const std::string& text);

}  // namespace sextant::config
