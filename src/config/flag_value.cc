#include "flag_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "sextant/base/result.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::config {

namespace {

std::string Limits(const Flag& flag) {
  if (flag.most == Flag::kNoLimit) {
    return "a whole number of at least " + std::to_string(flag.least);
  }
  return "a number from " + std::to_string(flag.least) + " to " +
         std::to_string(flag.most);
}

std::optional<std::string> WrongInteger(const Flag& flag,
                                        const std::string& text) {
  const std::optional<std::int64_t> value = ReadInteger(text);
  if (value && *value >= flag.least && *value <= flag.most) return {};
  return "must be " + Limits(flag) + ", not " + GoQuote(text);
}

std::optional<std::string> WrongDuration(const Flag& flag,
                                         const std::string& text) {
  const Result<Duration> duration = ParseGoDuration(text);
  if (!duration) {
    return duration.error().message + "; write it like 30s, 5m or 1h30m";
  }
  const Duration least = std::chrono::milliseconds(flag.least);
  if (*duration >= least) return {};
  return flag.least == 1
             ? "must be more than 0s, not " + text
             : "must be at least " + FormatGoDuration(least) + ", not " + text;
}

std::optional<std::string> WrongChoice(const Flag& flag,
                                       const std::string& text) {
  const std::vector<std::string> choices = Split(flag.value, '|');
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
    return {};
  }
  return "must be " + Join(choices, " or ") + ", not " + GoQuote(text);
}

}  // namespace

std::optional<bool> ReadSwitch(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> ReadInteger(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::optional<double> ReadNumber(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return {};
  return value;
}

std::optional<std::vector<std::string>> ReadList(std::string_view text) {
  std::vector<std::string> list;
  if (text.empty()) return list;
  for (std::size_t at = 0;;) {
    std::string field;
    if (at < text.size() && text[at] == '"') {
      // Up to the quote that is not doubled.
      for (++at;; ++at) {
        if (at == text.size()) return std::nullopt;
        if (text[at] != '"') {
          field += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          field += text[at++];
        } else {
          break;
        }
      }
      ++at;
      if (at < text.size() && text[at] != ',') return std::nullopt;
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      field = text.substr(at, end - at);
      if (field.find('"') != std::string::npos) return std::nullopt;
      at = end;
    }
    list.push_back(std::move(field));
    if (at == text.size()) return list;
    ++at;
  }
}

std::optional<std::string> WrongValue(const Flag& flag,
                                      const std::string& text) {
  switch (flag.kind) {
    case FlagKind::kText:
      return {};
    case FlagKind::kChoice:
      return WrongChoice(flag, text);
    case FlagKind::kSwitch:
      if (ReadSwitch(text)) return {};
      return "must be true or false, not " + GoQuote(text);
    case FlagKind::kDuration:
      return WrongDuration(flag, text);
    case FlagKind::kInteger:
      return WrongInteger(flag, text);
    case FlagKind::kNumber:
      if (ReadNumber(text)) return {};
      return "must be a number, not " + GoQuote(text);
    case FlagKind::kList:
      if (ReadList(text)) return {};
      return "a quote in " + GoQuote(text) +
             " is not closed, or inside a text without quotes; write a,b or "
             "\"a\",\"b\"";
  }
  return {};
}

}  // namespace sextant::config
