// Small work on text that the standard library does not do.  All functions are
// pure and may be called from any thread.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

// The way Go's %q writes a string, which is also a valid PromQL string:
// "..." with \" \\ \a \b \f \n \r \t \v, other control characters and invalid
// bytes as \xNN, runes that do not print as \uNNNN or \UNNNNNNNN.
std::string GoQuote(std::string_view text);

// Percent-encodes everything but letters, digits and "-_.~"; a blank is '+'
// (application/x-www-form-urlencoded, as Go's url.QueryEscape).
std::string FormEscape(std::string_view text);

// "a=b&c=d" with both sides escaped, in the order given.
std::string FormEncode(
    const std::vector<std::pair<std::string, std::string>>& fields);

// Undoes percent-encoding; '+' stays '+'.  Nothing if a '%' is not followed by
// two hex digits.
std::optional<std::string> PercentDecode(std::string_view text);

// The pairs of a query string in order, decoded ('+' is a blank).  Pairs with a
// bad escape or a ';' are dropped, as Go's url.ParseQuery does.
std::vector<std::pair<std::string, std::string>> ParseQueryString(
    std::string_view query);

std::string Base64Encode(std::string_view bytes);
// Standard alphabet, padding required.
std::optional<std::string> Base64Decode(std::string_view text);

std::string Join(const std::vector<std::string>& parts,
                 std::string_view separator);
std::vector<std::string> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);
std::string AsciiLower(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

bool IsUtf8(std::string_view bytes);

// The candidate that `word` is most likely a slip of, for "did you mean";
// nothing if none is near.
std::optional<std::string> NearestWord(
    std::string_view word, const std::vector<std::string>& candidates);

}  // namespace sextant
