#include "label_syntax.h"

#include <algorithm>

#include "sextant/base/text.h"

namespace sextant::model {
namespace {

constexpr std::size_t kMaxNameLength = 63;
constexpr std::size_t kMaxPrefixLength = 253;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool IsQualifiedName(std::string_view text) {
  return !text.empty() && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

// Lower-case letters, digits and '-' between dots (RFC 1123).
bool IsSubdomain(std::string_view text) {
  const auto lower = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  for (const std::string& part : Split(text, '.')) {
    if (part.empty() || !lower(part.front()) || !lower(part.back()) ||
        !std::all_of(part.begin(), part.end(),
                     [&](char c) { return lower(c) || c == '-'; })) {
      return false;
    }
  }
  return true;
}

std::string InvalidKey(std::string_view key, const std::string& why) {
  return "<nil>: Invalid value: " + GoQuote(key) + ": " + why;
}

}  // namespace

std::optional<std::string> CheckLabelKey(std::string_view key) {
  const std::size_t slash = key.find('/');
  std::string_view name = key;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      return InvalidKey(
          key,
          "a qualified name must consist of alphanumeric characters, '-', '_' "
          "or '.', and must start and end with an alphanumeric character (e.g. "
          "'MyName',  or 'my.name',  or '123-abc', regex used for validation "
          "is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS "
          "subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    if (prefix.empty()) return InvalidKey(key, "prefix part must be non-empty");
    if (prefix.size() > kMaxPrefixLength) {
      return InvalidKey(key, "prefix part must be no more than 253 characters");
    }
    if (!IsSubdomain(prefix)) {
      return InvalidKey(
          key,
          "prefix part a lowercase RFC 1123 subdomain must consist of lower "
          "case alphanumeric characters, '-' or '.', and must start and end "
          "with an alphanumeric character (e.g. 'example.com', regex used for "
          "validation is "
          "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'"
          ")");
    }
  }
  if (name.empty()) return InvalidKey(key, "name part must be non-empty");
  if (name.size() > kMaxNameLength) {
    return InvalidKey(key, "name part must be no more than 63 characters");
  }
  if (!IsQualifiedName(name)) {
    return InvalidKey(
        key,
        "name part must consist of alphanumeric characters, '-', '_' or '.', "
        "and must start and end with an alphanumeric character (e.g. "
        "'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
  }
  return std::nullopt;
}

std::optional<std::string> CheckLabelValue(std::string_view value) {
  if (value.size() > kMaxNameLength) {
    return "Invalid value: " + GoQuote(value) +
           ": must be no more than 63 characters";
  }
  if (value.empty() || IsQualifiedName(value)) return std::nullopt;
  return "Invalid value: " + GoQuote(value) +
         ": a valid label must be an empty string or consist of alphanumeric "
         "characters, '-', '_' or '.', and must start and end with an "
         "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
         "'12345', regex used for validation is "
         "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

}  // namespace sextant::model
