#include "sextant/promql/quote.h"

#include <algorithm>

#include "sextant/base/text.h"

namespace sextant::promql {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string QuoteValue(std::string_view value) { return GoQuote(value); }

std::string QuoteLabelName(std::string_view name) {
  return IsLegalLabelName(name) ? std::string(name) : GoQuote(name);
}

bool IsLegalLabelName(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c); });
}

bool IsLegalMetricName(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsLetter(c) || IsDigit(c) || c == ':';
         });
}

std::string EscapeRegex(std::string_view text) {
  // Go's regexp.QuoteMeta escapes these and no others, so names without them
  // stay byte for byte what they are.
  constexpr std::string_view kMeta = R"(\.+*?()|[]{}^$)";
  if (text.find_first_of(kMeta) == std::string_view::npos) {
    return std::string(text);
  }
  std::string escaped;
  escaped.reserve(text.size() + 8);
  for (const char c : text) {
    if (kMeta.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string NameMatcher(std::string_view label,
                        const std::vector<std::string>& names) {
  if (names.size() == 1) {
    return QuoteLabelName(label) + "=" + QuoteValue(names.front());
  }
  std::vector<std::string> escaped;
  escaped.reserve(names.size());
  for (const std::string& name : names) escaped.push_back(EscapeRegex(name));
  return QuoteLabelName(label) + "=~" + QuoteValue(Join(escaped, "|"));
}

}  // namespace sextant::promql
